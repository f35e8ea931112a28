"""Newton's method: finds the one minimum from anywhere, draw by draw."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import sparse

from monazite.market.agents import Activities, FixedSupplies, Holders, IsoelasticUses
from monazite.newton import Agents, FloatArray, Minimum, Problem, Settings, SparsityPattern, stack

PRICES, RENTS, ROUTES = 6, 1, 14
SIZE = PRICES + RENTS


def _columns(entries: list[list[tuple[int, float]]]) -> sparse.csc_array:
    matrix = sparse.lil_array((SIZE, len(entries)))
    for k, entry in enumerate(entries):
        for place, weight in entry:
            matrix[place, k] = weight
    return sparse.csc_array(matrix)


def _ways(random: np.random.Generator) -> list[list[tuple[int, float]]]:
    """Mines, then routes between random markets; the first four routes need the permit."""
    mines = [[(i, 1.0)] for i in range(PRICES)]
    routes = []
    for k in range(ROUTES):
        origin, destination = random.choice(PRICES, 2, replace=False)
        route = [(int(origin), -1.0), (int(destination), 1.0)]
        routes.append([*route, (PRICES, -1.0)] if k < 4 else route)
    return mines + routes


def _agents(
    random: np.random.Generator, draws: int, limit: float, spread: float = 1.0
) -> list[Agents]:
    ways = _ways(random)
    each = [[(i, 1.0)] for i in range(PRICES)]
    shape, wide = (draws, PRICES), (draws, len(ways))
    return [
        Activities(
            _columns(ways),
            random.uniform(5.0, 50.0, wide),
            random.uniform(-1.0, 8.0, wide),
            spread * random.uniform(0.5, 2.0, wide),
        ),
        IsoelasticUses(
            _columns(each),
            random.uniform(5.0, 50.0, shape),
            np.full(shape, 10.0),
            random.uniform(0.1, 1.5, shape),
        ),
        Holders(
            _columns(each),
            random.uniform(1.0, 9.0, shape),
            random.uniform(1.0, 9.0, shape),
            random.uniform(0.1, 2.0, shape),
            np.full(shape, 10.0),
            np.full(shape, 1.5),
        ),
        FixedSupplies(_columns([[(PRICES, 1.0)]]), np.full((draws, 1), limit)),
    ]


def _problem(seed: int = 0, draws: int = 1, limit: float = 3.0, spread: float = 1.0) -> Problem:
    return _of(_agents(np.random.default_rng(seed), draws, limit, spread))


def _of(agents: Sequence[Agents]) -> Problem:
    return Problem(
        agents,
        SparsityPattern(stack(agents)),
        size=np.append(np.full(PRICES, 20.0), 3.0),
        reference=np.full(SIZE, 10.0),
        touches_zero=np.arange(SIZE) >= PRICES,
    )


def _start(draws: int = 1, multiple: float = 1.0) -> FloatArray:
    return np.tile(np.append(np.full(PRICES, 10.0 * multiple), 0.0), (draws, 1))


def _hessian(problem: Problem, prices: FloatArray) -> FloatArray:
    pattern, slopes = problem.pattern, problem.evaluate(prices, slice(None)).slopes[0]
    entries = pattern.assembly @ slopes
    upper = np.zeros((pattern.size, pattern.size))
    upper[pattern.row, pattern.column] = entries
    return np.asarray(upper + upper.T - np.diag(np.diag(upper)))


def test_the_gradient_is_the_derivative_of_phi() -> None:
    problem, prices = _problem(), _start() + 2.0
    gradient = problem.evaluate(prices, slice(None)).gradient[0]
    for i in range(SIZE):
        step = np.zeros((1, SIZE))
        step[0, i] = 1e-5
        high = problem.evaluate(prices + step, slice(None)).value[0]
        low = problem.evaluate(prices - step, slice(None)).value[0]
        assert (high - low) / 2e-5 == pytest.approx(gradient[i], rel=1e-5, abs=1e-4)


def test_the_assembled_hessian_is_the_derivative_of_the_gradient() -> None:
    problem, prices = _problem(), _start() + 2.0
    found = _hessian(problem, prices)
    for i in range(SIZE):
        step = np.zeros((1, SIZE))
        step[0, i] = 1e-5
        high = problem.evaluate(prices + step, slice(None)).gradient[0]
        low = problem.evaluate(prices - step, slice(None)).gradient[0]
        np.testing.assert_allclose(found[i], (high - low) / 2e-5, rtol=1e-5, atol=1e-5)


def test_the_hessian_is_positive_definite() -> None:
    problem = _problem()
    assert np.linalg.eigvalsh(_hessian(problem, _start() + 2.0)).min() > 0


def test_a_factorised_hessian_solves_its_system() -> None:
    problem, prices = _problem(), _start() + 2.0
    pattern, slopes = problem.pattern, problem.evaluate(prices, slice(None)).slopes[0]
    right = np.arange(1.0, SIZE + 1)
    pattern.factorise(pattern.assembly @ slopes, np.zeros(SIZE, dtype=bool))
    expected = np.linalg.solve(_hessian(problem, prices), right)
    np.testing.assert_allclose(pattern.solve(right), expected, rtol=1e-9)


def test_held_prices_do_not_move_the_others() -> None:
    problem, prices = _problem(), _start() + 2.0
    pattern, slopes = problem.pattern, problem.evaluate(prices, slice(None)).slopes[0]
    right, held = np.arange(1.0, SIZE + 1), np.arange(SIZE) == PRICES
    pattern.factorise(pattern.assembly @ slopes, held)
    expected = np.linalg.solve(_hessian(problem, prices)[:PRICES, :PRICES], right[:PRICES])
    np.testing.assert_allclose(pattern.solve(right), np.append(expected, 0.0), rtol=1e-9)


@pytest.mark.parametrize("limit", [0.05, 3.0, 1e4])
@pytest.mark.parametrize("seed", range(4))
def test_every_start_from_a_fifth_to_five_times_ends_at_the_same_prices(
    seed: int, limit: float
) -> None:
    problem = _problem(seed, limit=limit)
    ends = [problem.minimise(_start(multiple=m)) for m in (0.2, 0.5, 1.0, 2.0, 5.0)]
    assert all(end.converged.all() for end in ends)
    for end in ends:
        np.testing.assert_allclose(end.prices, ends[2].prices, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("spread", [1.0, 0.03])
@pytest.mark.parametrize("seed", range(4))
def test_phi_never_rises_from_step_to_step(seed: int, spread: float) -> None:
    problem = _problem(seed, limit=0.05, spread=spread)
    values = []
    for steps in range(1, 40):
        end = problem.minimise(_start(multiple=0.2), Settings(steps=steps))
        values.append(float(problem.evaluate(end.prices, slice(None)).value[0]))
    assert np.all(np.diff(values) <= 1e-9 * np.abs(values[0]))


@pytest.mark.parametrize("spread", [0.1, 0.03])
@pytest.mark.parametrize("seed", range(12))
def test_agents_that_answer_all_at_once_are_no_obstacle(seed: int, spread: float) -> None:
    problem = _problem(seed, limit=0.05, spread=spread)
    ends = [problem.minimise(_start(multiple=m)) for m in (0.2, 1.0, 5.0)]
    assert all(end.converged.all() for end in ends)
    np.testing.assert_allclose(ends[0].prices, ends[2].prices, rtol=1e-6, atol=1e-6)


def test_a_permit_with_room_is_free_to_the_last_bit() -> None:
    end = _problem(limit=1e4).minimise(_start())
    assert end.prices[0, PRICES] == 0.0


def test_a_permit_that_binds_has_a_rent() -> None:
    end = _problem(limit=0.5).minimise(_start())
    assert end.prices[0, PRICES] > 0.0


def test_a_rent_that_starts_high_still_falls_to_zero_where_there_is_room() -> None:
    problem, start = _problem(limit=1e4), _start()
    start[0, PRICES] = 50.0
    assert problem.minimise(start).prices[0, PRICES] == 0.0


def _one_of(agents: Sequence[Agents], draw: int) -> list[Agents]:
    """The agents of a single draw, as a market of their own."""
    alone: list[Agents] = []
    for group in agents:
        names = group.__dataclass_fields__  # type: ignore[attr-defined]
        fields = {name: getattr(group, name) for name in names}
        rows = {
            name: value[[draw]] if isinstance(value, np.ndarray) else value
            for name, value in fields.items()
        }
        alone.append(type(group)(**rows))
    return alone


def test_a_batch_ends_where_each_draw_ends_alone() -> None:
    agents = _agents(np.random.default_rng(5), 4, 3.0)
    batch = _of(agents).minimise(_start(4))
    for draw in range(4):
        alone = _of(_one_of(agents, draw)).minimise(_start())
        np.testing.assert_allclose(batch.prices[draw], alone.prices[0], rtol=1e-9, atol=1e-10)


def test_a_solved_start_takes_no_step() -> None:
    problem = _problem()
    again = problem.minimise(problem.minimise(_start()).prices)
    assert again.steps[0] == 0


def test_draws_that_do_not_arrive_are_marked_and_kept() -> None:
    problem = _problem(draws=3)
    solved = problem.minimise(_start(3)).prices
    start = _start(3, 5.0)
    start[1] = solved[1]
    end: Minimum = problem.minimise(start, Settings(steps=2))
    assert end.converged.tolist() == [False, True, False]
    assert end.prices.shape == (3, SIZE)
    assert np.isfinite(end.residual).all()


def test_solving_before_factorising_is_refused() -> None:
    with pytest.raises(RuntimeError, match="before"):
        _problem().pattern.solve(np.ones(SIZE))
