"""Compiled loops of the batched market: every array holds the draws side by side, last.

A row is one agent, price or entry of the Hessian; its columns, the lanes, are as many draws, so
that one instruction of the processor serves several of them and every index is read once. All
arithmetic is elementwise and not contracted: a draw's numbers do not depend on its neighbours,
nor on how wide the processor's registers are.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from monazite.newton import BoolArray, FloatArray, IndexArray

Loops = Callable[..., Any]

_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROUND = 6755399441055744.0
"""1.5 * 2**52: adding it leaves the nearest integer in the low bits."""
_BIAS, _MANTISSA = 1023, 52
_MANTISSA_MASK, _ONE_BITS = (1 << 52) - 1, 1023 << 52
_SMALLEST = -700.0
TILE = 32
"""Agents worked on at a time: their lanes stay in the nearest cache."""
REGAIN = 3.0
"""How much longer the next step may be than the last one."""


def compiled(loops: Loops) -> Loops:
    """Compile at the first call, and keep the result where there is a place that can be written."""
    try:
        kept: Loops = njit(error_model="numpy", cache=True)(loops)
    except RuntimeError:  # a package and a home that cannot be written, as in some containers
        kept = njit(error_model="numpy")(loops)
    return kept


class LaneState(NamedTuple):
    """What is known of each lane.

    ``draw`` : which draw stands in it; negative for none. ``fresh`` : not yet evaluated.
    ``ended`` : converged, or given up. ``taken`` : the last trial was good enough. ``length`` :
    share of the step that is tried [1]. ``residual``, ``reached`` : largest gradient over the size
    of its market, at the price and at the trial [1]. ``downhill``, ``ahead`` : Phi's slope along
    the step, at its start and its end [kUSD/month]. ``shortened``, ``steps`` : how often.

    Stands beside the loops, not beside what calls them: compiled loops are kept as long as this
    file stays the same, and they know its tuples by name.
    """

    draw: IndexArray
    fresh: BoolArray
    ended: BoolArray
    taken: BoolArray
    length: FloatArray
    residual: FloatArray
    reached: FloatArray
    downhill: FloatArray
    ahead: FloatArray
    shortened: IndexArray
    steps: IndexArray


class PriceRows(NamedTuple):
    """One row per price, one column per lane.

    ``price``, ``trial`` : where each lane is, and where it tries to be [USD/kg]. ``gradient``,
    ``answer`` : supply less demand at both [t/month]. ``direction``, ``solution`` : Newton step
    that is tried, and the one last solved for [USD/kg]. ``inverse`` : of the factor's diagonal
    [USD/kg per t/month]. ``free`` : 0 where a price is held at zero, else 1.
    """

    price: FloatArray
    gradient: FloatArray
    trial: FloatArray
    answer: FloatArray
    direction: FloatArray
    inverse: FloatArray
    free: FloatArray
    solution: FloatArray


@compiled
def decay(argument, power, bits):
    """Put exp of ``argument`` <= 0 into ``power``; ``bits`` is its memory as integers.

    Range reduction after Cody & Waite (1980); the Taylor polynomial of degree 13 is exact to
    round-off on half of ln 2. ``argument`` is used up.
    """
    for i in range(argument.size):
        power[i] = max(argument[i], _SMALLEST) * _LOG2_E + _ROUND
    for i in range(argument.size):
        value = max(argument[i], _SMALLEST)
        whole = (value * _LOG2_E + _ROUND) - _ROUND
        r = (value - whole * _LN2_HIGH) - whole * _LN2_LOW
        p = 1.0 / 6227020800.0
        p = p * r + 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        p = p * r + 1.0
        argument[i] = p * r + 1.0
    for i in range(argument.size):
        bits[i] = (bits[i] + _BIAS) << _MANTISSA
    for i in range(argument.size):
        power[i] *= argument[i]


@compiled
def logarithm(value, bits, answer):
    """Put the natural logarithm of ``value`` > 0 into ``answer``; ``bits`` is its memory.

    Mantissa and exponent are taken apart; the series of atanh to the 21st power is exact to
    round-off between 1/sqrt(2) and sqrt(2). ``value`` is used up.
    """
    for i in range(value.size):
        answer[i] = float((bits[i] >> _MANTISSA) - _BIAS)
    for i in range(value.size):
        bits[i] = (bits[i] & _MANTISSA_MASK) | _ONE_BITS
    for i in range(value.size):
        high = value[i] > 1.4142135623730951
        m = 0.5 * value[i] if high else value[i]
        whole = answer[i] + 1.0 if high else answer[i]
        s = (m - 1.0) / (m + 1.0)
        z = s * s
        p = 1.0 / 21.0
        p = p * z + 1.0 / 19.0
        p = p * z + 1.0 / 17.0
        p = p * z + 1.0 / 15.0
        p = p * z + 1.0 / 13.0
        p = p * z + 1.0 / 11.0
        p = p * z + 1.0 / 9.0
        p = p * z + 1.0 / 7.0
        p = p * z + 0.2
        p = p * z + 1.0 / 3.0
        answer[i] = whole * _LN2_HIGH + (2.0 * s + (whole * _LN2_LOW + 2.0 * s * z * p))


@compiled
def activities(
    price, columns, products, parameters, gradient, hessian, work, sign, power, bits
):  # fmt: skip
    """Answer as mines, plants, routes, links and rungs do (`agents.Activities`)."""
    start, place, weight = columns
    pair_start, pair_place, pair_weight = products
    capacity, cost, steepness = parameters
    lanes = price.shape[1]
    agents = len(start) - 1
    for first in range(0, agents, TILE):
        last = min(first + TILE, agents)
        for a in range(first, last):
            row, e = a - first, start[a]
            j, w = place[e], weight[e]
            if start[a + 1] == e + 1:
                for d in range(lanes):
                    margin = (w * price[j, d] - cost[a, d]) * steepness[a, d]
                    sign[row, d] = margin
                    work[row, d] = -abs(margin)
                continue
            k, v = place[e + 1], weight[e + 1]
            for d in range(lanes):
                sign[row, d] = w * price[j, d] + v * price[k, d] - cost[a, d]
            for e in range(start[a] + 2, start[a + 1]):
                j, w = place[e], weight[e]
                for d in range(lanes):
                    sign[row, d] += w * price[j, d]
            for d in range(lanes):
                margin = sign[row, d] * steepness[a, d]
                sign[row, d] = margin
                work[row, d] = -abs(margin)
        size = (last - first) * lanes
        flat, flags, slope = work.reshape(-1), sign.reshape(-1), power.reshape(-1)
        decay(flat[:size], slope[:size], bits.reshape(-1)[:size])
        for i in range(size):
            upper = 1.0 / (1.0 + slope[i])
            lower = slope[i] * upper
            flat[i] = upper if flags[i] >= 0.0 else lower
            slope[i] = lower * upper
        for a in range(first, last):
            row, e = a - first, start[a]
            if start[a + 1] == e + 1:
                j, w, k, ww = place[e], weight[e], pair_place[pair_start[a]], weight[e] ** 2
                for d in range(lanes):
                    most = capacity[a, d]
                    gradient[j, d] += w * most * work[row, d]
                    hessian[k, d] += ww * most * steepness[a, d] * power[row, d]
                continue
            for d in range(lanes):
                most = capacity[a, d]
                work[row, d] *= most
                power[row, d] *= most * steepness[a, d]
            for e in range(start[a], start[a + 1]):
                j, w = place[e], weight[e]
                for d in range(lanes):
                    gradient[j, d] += w * work[row, d]
            for e in range(pair_start[a], pair_start[a + 1]):
                j, w = pair_place[e], pair_weight[e]
                for d in range(lanes):
                    hessian[j, d] += w * power[row, d]


@compiled
def uses(price, place, parameters, gradient, hessian, ratio, ratio_bits, power, bits, work):
    """Answer as demand of constant elasticity does (`agents.IsoelasticUses`)."""
    base, inverse_price, elasticity = parameters
    lanes = price.shape[1]
    agents = len(place)
    for first in range(0, agents, TILE):
        last = min(first + TILE, agents)
        for a in range(first, last):
            j = place[a]
            for d in range(lanes):
                ratio[a - first, d] = price[j, d] * inverse_price[a, d]
        size = (last - first) * lanes
        flat = work.reshape(-1)[:size]
        logarithm(ratio.reshape(-1)[:size], ratio_bits.reshape(-1)[:size], flat)
        for a in range(first, last):
            for d in range(lanes):
                work[a - first, d] *= -elasticity[a, d]
        # a price below the base price makes the exponent positive: exp(x) = 1 / exp(-x)
        keep = ratio.reshape(-1)[:size]
        for i in range(size):
            keep[i] = flat[i]
            flat[i] = -abs(flat[i])
        decay(flat, power.reshape(-1)[:size], bits.reshape(-1)[:size])
        grown = power.reshape(-1)[:size]
        for i in range(size):
            grown[i] = 1.0 / grown[i] if keep[i] > 0.0 else grown[i]
        for a in range(first, last):
            j = place[a]
            for d in range(lanes):
                power[a - first, d] *= base[a, d]
            for d in range(lanes):
                gradient[j, d] -= power[a - first, d]
            for d in range(lanes):
                hessian[j, d] += elasticity[a, d] * power[a - first, d] / price[j, d]


@compiled
def holders(price, place, parameters, gradient, hessian, tail, work, sign, power, bits):
    """Answer as stocks, the price box and given quantities do, one per market."""
    given, opening, target, room, inverse_expected, release = parameters[:6]
    ceiling, floor, rise, fall = parameters[6:]
    lanes = price.shape[1]
    markets = len(place)
    for first in range(0, markets, TILE):
        last = min(first + TILE, markets)
        for h in range(first, last):
            row, j = h - first, place[h]
            for d in range(lanes):
                sign[row, d] = price[j, d] * inverse_expected[h, d]
            for d in range(lanes):
                gap = sign[row, d] - 1.0
                pace = release[h, d] * (target[h, d] / room[h, d] if gap < 0.0 else 1.0)
                work[row, d] = -abs(gap * pace)
        size = (last - first) * lanes
        flat = power.reshape(-1)[:size]
        decay(work.reshape(-1)[:size], flat, bits.reshape(-1)[:size])
        for h in range(first, last):
            row, j = h - first, place[h]
            for d in range(lanes):
                ratio, left, wanted = sign[row, d], power[row, d], target[h, d]
                kept = wanted * left if ratio >= 1.0 else wanted + room[h, d] * (1.0 - left)
                thin = wanted * tail / ratio
                p = price[j, d]
                above, below = max(p - ceiling[h, d], 0.0), max(floor[h, d] - p, 0.0)
                steep = (1.0 - tail) * release[h, d] * wanted * left + thin / ratio
                stiff = rise[h, d] if above > 0.0 else (fall[h, d] if below > 0.0 else 0.0)
                gradient[j, d] += (
                    given[h, d]
                    + (opening[h, d] - (1.0 - tail) * kept - thin)
                    + (rise[h, d] * above - fall[h, d] * below)
                )
                hessian[j, d] += steep * inverse_expected[h, d] + stiff


@compiled
def eliminate(hessian, inverse, start, target, column):
    """Factorise L D L' of every lane in place; ``inverse`` receives 1 / D.

    Rows of ``hessian`` are the diagonal, then the entries of L column by column. ``target``
    lists, in the order of the loops, where each product of two entries of a column belongs.
    """
    size, lanes = inverse.shape
    t = 0
    for j in range(size):
        for d in range(lanes):
            inverse[j, d] = 1.0 / hessian[j, d]
        first, last = start[j], start[j + 1]
        for p in range(first, last):
            for d in range(lanes):
                column[p - first, d] = hessian[size + p, d]
            for d in range(lanes):
                hessian[size + p, d] *= inverse[j, d]
        for p in range(first, last):
            for q in range(p, last):
                k = target[t]
                t += 1
                for d in range(lanes):
                    hessian[k, d] -= column[q - first, d] * hessian[size + p, d]


@compiled
def substitute(hessian, inverse, start, row, x):
    """Solve L D L' x = right side in place."""
    size, lanes = inverse.shape
    for j in range(size):
        for p in range(start[j], start[j + 1]):
            i = row[p]
            for d in range(lanes):
                x[i, d] -= hessian[size + p, d] * x[j, d]
    for j in range(size - 1, -1, -1):
        for d in range(lanes):
            x[j, d] *= inverse[j, d]
        for p in range(start[j], start[j + 1]):
            i = row[p]
            for d in range(lanes):
                x[j, d] -= hessian[size + p, d] * x[i, d]


@compiled
def respond(price, structure, parameters, gradient, hessian, scratch, scratch_bits, tail):
    """Fill gradient (supply less demand) and Hessian of every lane at the prices."""
    columns, products, use_place, market_place, permit_place = structure
    activity, use, holder, permit_limit = parameters
    one, two, three = scratch
    one_bits, three_bits = scratch_bits
    gradient[:] = 0.0
    hessian[:] = 0.0
    activities(price, columns, products, activity, gradient, hessian, one, two, three, three_bits)
    uses(price, use_place, use, gradient, hessian, one, one_bits, three, three_bits, two)
    holders(price, market_place, holder, gradient, hessian, tail, one, two, three, three_bits)
    for k in range(len(permit_place)):
        for d in range(price.shape[1]):
            gradient[permit_place[k], d] += permit_limit[k, d]


@compiled
def judge(rows, weight, touches_zero, lane):
    """Put each lane's residual at its trial, and Phi's slopes along the step to it."""
    size, lanes = rows.price.shape
    lane.reached[:] = 0.0
    lane.downhill[:] = 0.0
    lane.ahead[:] = 0.0
    for j in range(size):
        touches = touches_zero[j]
        for d in range(lanes):
            g = rows.answer[j, d]
            step = rows.trial[j, d] - rows.price[j, d]
            outward = touches and rows.trial[j, d] <= 0.0 and g > 0.0
            r = 0.0 if outward else abs(g) * weight[j, d]
            # a comparison with a number that is none is false: it must not pass for small
            lane.reached[d] = lane.reached[d] if r <= lane.reached[d] else r
            lane.downhill[d] += rows.gradient[j, d] * step
            lane.ahead[d] += g * step


@compiled
def decide(lane, limits):
    """Take or shorten each lane's step; whether a draw has ended."""
    tolerance, most_steps, turn, flat, most_shortened = limits
    any_ended = False
    for d in range(len(lane.draw)):
        lane.taken[d] = False
        if lane.draw[d] < 0:
            continue
        down, ahead, reached = lane.downhill[d], lane.ahead[d], lane.reached[d]
        lower = down < 0.0 and ahead <= -turn * down
        level = lane.residual[d] <= flat and reached <= 0.9 * lane.residual[d]
        if reached < np.inf and (lane.fresh[d] or lower or level):
            # where steps had to be cut short the next one had better not be long either
            lane.length[d] = 1.0 if lane.fresh[d] else min(1.0, REGAIN * lane.length[d])
            lane.taken[d], lane.fresh[d], lane.residual[d] = True, False, reached
            lane.ended[d] = reached <= tolerance or lane.steps[d] >= most_steps
            lane.steps[d] += 0 if lane.ended[d] else 1
            lane.shortened[d] = 0
        else:
            share = down / (down - ahead)
            lane.length[d] *= 0.2 if np.isnan(share) else min(max(share, 0.2), 0.5)
            lane.shortened[d] += 1
            lane.ended[d] = lane.shortened[d] > most_shortened
        any_ended = any_ended or lane.ended[d]
    return any_ended


@compiled
def advance(rows, lane, hessian, column, symbolic, scales, touches_zero):
    """Move the taken lanes to their trial, make their next Newton step, and try all lanes'."""
    start, row, target, edge, edge_row, edge_column = symbolic
    _, reference, least_slope, least_fall = scales
    size, lanes = rows.price.shape
    price, gradient, free, solution = rows.price, rows.gradient, rows.free, rows.solution
    for j in range(size):
        touches = touches_zero[j]
        for d in range(lanes):
            price[j, d] = rows.trial[j, d] if lane.taken[d] else price[j, d]
            gradient[j, d] = rows.answer[j, d] if lane.taken[d] else gradient[j, d]
        for d in range(lanes):
            g = gradient[j, d]
            held = touches and price[j, d] <= 1e-9 * reference[j, d] and g > 0.0
            least = least_fall[j, d] if g > 0.0 else least_slope[j, d]
            slope = max(hessian[j, d], least) * (1.0 + 1e-14)
            free[j, d] = 0.0 if held else 1.0
            hessian[j, d] = 1.0 if held else slope
            solution[j, d] = 0.0 if held else -g
    for k in range(len(edge)):
        i, j, p = edge_row[k], edge_column[k], size + edge[k]
        for d in range(lanes):
            hessian[p, d] *= free[i, d] * free[j, d]
    eliminate(hessian, rows.inverse, start, target, column)
    substitute(hessian, rows.inverse, start, row, solution)
    for j in range(size):
        touches = touches_zero[j]
        for d in range(lanes):
            p, scale = price[j, d], reference[j, d]
            new = solution[j, d] if free[j, d] > 0.0 else -p
            rows.direction[j, d] = new if lane.taken[d] else rows.direction[j, d]
            most = p + 2.0 * max(p, scale)
            least = 0.0 if touches and p <= 1e-2 * scale else 0.3 * p
            rows.trial[j, d] = min(max(p + rows.direction[j, d] * lane.length[d], least), most)


@compiled
def iterate(
    lane, rows, hessian, column, structure, parameters, symbolic, scales, touches_zero,
    scratch, bits, limits, tail,
):  # fmt: skip
    """Go on with all lanes until the draw of at least one has ended."""
    ticks = 0
    while True:
        ticks += 1
        respond(rows.trial, structure, parameters, rows.answer, hessian, scratch, bits, tail)
        judge(rows, scales[0], touches_zero, lane)
        ended = decide(lane, limits)
        advance(rows, lane, hessian, column, symbolic, scales, touches_zero)
        if ended:
            return ticks
