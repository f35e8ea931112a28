"""Solve a two-stage plan with mpi-sppy; run by the Python of an environment that holds it.

    mpiexec -np RANKS python hedging.py PROBLEM.npz METHOD GAP SECONDS DECISION

The problem comes as arrays, as ``two_stage`` writes them. Every scenario becomes a Pyomo model.
The hub prints its bounds with their times as it goes; each better decision is written to
``DECISION_0000.npy`` and so on, and each process notes its CPU seconds in ``DECISION.cpu``, so
that nothing is lost if time ends it.
"""

import json
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyomo.environ as pyo
from mpi4py import MPI
from mpisppy.spin_the_wheel import WheelSpinner
from mpisppy.utils import cfg_vanilla as vanilla
from mpisppy.utils import config, sputils
from pyomo.core.expr.numeric_expr import LinearExpression
from scipy import sparse

SOLVER, SOLVER_OF_CUTS = "appsi_highs", "highs"
"""Interfaces of Pyomo to HiGHS: the faster one, and the only one that its cuts know."""
HUB_GAP, BOUND_GAP = 1.0, 0.3
"""Gaps of a scenario's own programme, as shares of the gap asked for: in steps, in bounds."""
SCENARIO_SECONDS = 20.0
"""Most time for a scenario's own programme: a few would take minutes to their gap."""
NOTED = 0.5
"""Seconds between two notes of the CPU time."""
PACKAGES = ("mpi-sppy", "pyomo", "highspy", "mpi4py", "openmpi")


def main() -> None:
    """Solve; bounds are printed and decisions written on the way."""
    source, method, gap, seconds, decision = sys.argv[1:]
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps({name: version(name) for name in PACKAGES}), flush=True)
    used = Path(f"{decision}.cpu{MPI.COMM_WORLD.rank}")
    threading.Thread(target=_note_time, args=(used,), daemon=True).start()
    problem = dict(np.load(source))
    names = [f"Scenario{k}" for k in range(len(problem["weight"]))]
    beans = (_settings(float(gap), float(seconds), decision), make_scenario, _leave, names)
    hub, spokes = METHODS[method](beans, {"scenario_creator_kwargs": {"problem": problem}})
    WheelSpinner(hub, spokes).spin()


def _note_time(path):
    while True:
        path.write_text(str(time.process_time()), encoding="utf-8")
        time.sleep(NOTED)


def _leave(rank, name, scenario):
    """Do nothing with a solved scenario."""


# --- model -----------------------------------------------------------------------------------


def make_scenario(name, *, problem):
    """Make the model of one scenario: decision, operation and the rows of both."""
    k = int(name.removeprefix("Scenario"))

    def of(table):
        return problem[table][k if len(problem[table]) > 1 else 0]

    model = pyo.ConcreteModel(name)
    low, high, cost = of("lower"), of("upper"), of("cost")
    model.x = _columns(problem["first_lower"], problem["first_upper"], problem["integer"])
    model.y = _columns(low, high, np.zeros(len(low), dtype=bool))
    first = [(_matrix(problem, "first", problem["first_data"]), model.x)]
    model.decided = _rows(first, problem["first_row_lower"], problem["first_row_upper"])
    technology = _matrix(problem, "technology", of("technology_values"))
    technology.eliminate_zeros()
    recourse = _matrix(problem, "recourse", problem["recourse_data"])
    both = [(recourse, model.y), (technology, model.x)]
    model.operated = _rows(both, of("row_lower"), of("row_upper"))
    paid = _sum(model.x, np.arange(len(problem["first_cost"])), problem["first_cost"])
    used = np.flatnonzero(cost)
    model.cost = pyo.Objective(expr=paid + _sum(model.y, used, cost[used]))
    sputils.attach_root_node(model, paid, [model.x])
    model._mpisppy_probability = float(problem["weight"][k])
    return model


def _matrix(problem, kind, values):
    # a copy: the arrays are shared by all scenarios
    parts = (values, problem[f"{kind}_indices"], problem[f"{kind}_indptr"])
    return sparse.csr_array(parts, shape=tuple(problem[f"{kind}_shape"]), copy=True)


def _end(value):
    return float(value) if np.isfinite(value) else None


def _columns(lower, upper, integer):
    def bounds(_, j):
        return _end(lower[j]), _end(upper[j])

    def domain(_, j):
        return pyo.Integers if integer[j] else pyo.Reals

    return pyo.Var(range(len(lower)), bounds=bounds, domain=domain)


def _rows(blocks, lower, upper):
    """Rows of several blocks side by side; those that bound nothing are left out."""

    def rule(_, i):
        spans = [(matrix, x, slice(*matrix.indptr[i : i + 2])) for matrix, x in blocks]
        parts = [
            _sum(x, matrix.indices[span], matrix.data[span])
            for matrix, x, span in spans
            if span.stop > span.start
        ]
        low, high = _end(lower[i]), _end(upper[i])
        if not parts or low is high is None:
            return pyo.Constraint.Skip
        return sum(parts) == low if low == high else pyo.inequality(low, sum(parts), high)

    return pyo.Constraint(range(len(lower)), rule=rule)


def _sum(x, places, coefficients):
    return LinearExpression(
        linear_coefs=coefficients.tolist(), linear_vars=[x[j] for j in places.tolist()]
    )


# --- methods ---------------------------------------------------------------------------------


def _settings(gap, seconds, decision):
    settings = config.Config()
    for group in (
        "popular", "two_sided", "ph", "lagrangian", "xhatshuffle", "subgradient", "sep_rho",
        "dynamic_rho", "lshaped", "xhatlshaped",
    ):  # fmt: skip
        getattr(settings, f"{group}_args")()
    settings.solver_name = SOLVER
    settings.max_solver_threads = 1
    settings.max_iterations = 1_000_000
    settings.time_limit = seconds
    settings.rel_gap = gap
    settings.default_rho = 1.0
    settings.sep_rho = True
    settings.solver_options = _options(HUB_GAP * gap)
    settings.lagrangian_solver_options = _options(BOUND_GAP * gap)
    # HiGHS takes no quadratic objective together with whole numbers
    settings.linearize_proximal_terms = True
    settings.linearize_binary_proximal_terms = True
    settings.incumbent_on_improvement_filename_prefix = decision
    return settings


def _options(gap):
    return f"mip_rel_gap={gap} time_limit={SCENARIO_SECONDS}"


def hedging(beans, given):
    """Progressive hedging, with Lagrangian bounds; decisions of the scenarios tried in turn."""
    hub = _with_penalties(vanilla.ph_hub(*beans, **given), beans)
    return hub, [
        vanilla.lagrangian_spoke(*beans, **given),
        vanilla.xhatshuffle_spoke(*beans, **given),
    ]


def subgradient(beans, given):
    """Subgradient steps on the Lagrangian dual; decisions of the scenarios tried in turn."""
    hub = _with_penalties(vanilla.subgradient_hub(*beans, **given), beans)
    return hub, [vanilla.xhatshuffle_spoke(*beans, **given)]


def lshaped(beans, given):
    """The L-shaped method, with a process that evaluates its decisions."""
    settings = beans[0]
    settings.solver_name = SOLVER_OF_CUTS
    settings.solver_options = _options(BOUND_GAP * settings.rel_gap)
    hub = vanilla.lshaped_hub(*beans, **given)
    hub["opt_kwargs"]["options"]["root_solver_options"] = {
        "mip_rel_gap": BOUND_GAP * settings.rel_gap,
        "threads": 1,
    }
    return hub, [vanilla.xhatlshaped_spoke(*beans, **given)]


def _with_penalties(hub, beans):
    """Penalise a difference by what it costs and how far scenarios lie apart at the start.

    Watson & Woodruff 2011 (Computational Management Science 8). Costs alone would be far too much
    for the value at risk, which is of the size of the losses.
    """
    vanilla.add_sep_rho(hub, beans[0])
    return hub


METHODS = {"hedging": hedging, "subgradient": subgradient, "lshaped": lshaped}

if __name__ == "__main__":
    main()
