"""The certificate: small on a real equilibrium, large as soon as anything in it is false."""

import ast
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monazite.market import certificate as module
from monazite.market.certificate import Behaviour, Certificate, Ledger, Quantities
from monazite.newton import FloatArray
from monazite.parameters import Parameters
from monazite.simulate import simulate
from two_regions import IMPORTS, calm, licence, two_regions

RESIDUALS = ("excess_demand", "mass_balance", "money_balance", "complementarity")


@dataclass(frozen=True)
class Checked:
    """What the certificate of one month was made from."""

    ledger: Ledger
    quantities: Quantities
    behaviour: Behaviour

    def again(self, **changes: Any) -> Certificate:
        return self.ledger.certify(replace(self.quantities, **changes), self.behaviour)


def _checked(monkeypatch: pytest.MonkeyPatch, limit: float) -> Checked:
    """Certify a month of the two-region case with a permit of the given size."""
    seen: list[Checked] = []
    certify = Ledger.certify

    def spy(ledger: Ledger, q: Quantities, b: Behaviour, **rest: Any) -> Certificate:
        seen.append(Checked(ledger, q, b))
        return certify(ledger, q, b, **rest)

    monkeypatch.setattr(Ledger, "certify", spy)
    permit = licence(np.full(2, limit))
    tax = np.full((2, 1), 0.25)
    network = two_regions(mines=2)
    simulate(calm(network, 2, permits=(permit,), route_tax_fob=tax), Parameters.central())
    monkeypatch.undo()
    return seen[-1]


@pytest.fixture
def binding(monkeypatch: pytest.MonkeyPatch) -> Checked:
    return _checked(monkeypatch, 0.3 * IMPORTS)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Checked:
    return _checked(monkeypatch, 3.0 * IMPORTS)


def _scaled(array: FloatArray, factor: float, place: int = 0) -> FloatArray:
    changed = array.copy()
    changed[:, place] *= factor
    return changed


def test_an_equilibrium_passes(binding: Checked, slack: Checked) -> None:
    assert binding.again().worst() <= 1e-10
    assert slack.again().worst() <= 1e-10


@pytest.mark.parametrize("factor", [0.99, 1.01])
@pytest.mark.parametrize("market", range(8))
def test_a_false_price_leaves_excess_demand(binding: Checked, market: int, factor: float) -> None:
    false = binding.again(price=_scaled(binding.quantities.price, factor, market))
    assert false.excess_demand > 1e-4


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_false_rent_of_a_binding_permit_leaves_excess_demand(
    binding: Checked, factor: float
) -> None:
    false = binding.again(rent=_scaled(binding.quantities.rent, factor))
    assert false.excess_demand > 1e-4


def test_a_rent_on_a_permit_with_room_breaks_complementarity(slack: Checked) -> None:
    assert slack.quantities.rent[0, 0] == 0.0
    false = slack.again(rent=slack.quantities.rent + 1.0)
    assert false.complementarity > 1e-3


def test_a_negative_rent_is_found(slack: Checked) -> None:
    assert slack.again(rent=slack.quantities.rent - 1.0).complementarity > 1e-3


def test_use_beyond_the_permit_breaks_complementarity(binding: Checked) -> None:
    false = binding.again(limit=0.9 * binding.quantities.limit)
    assert false.complementarity > 1e-3


QUANTITIES = ("activity", "purchase", "consumption", "closing", "opening")


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_false_quantity_breaks_mass_and_money(binding: Checked, name: str) -> None:
    false = binding.again(**{name: _scaled(getattr(binding.quantities, name), 1.05)})
    assert false.mass_balance > 1e-5 or name == "purchase"
    assert false.money_balance > 1e-6


def test_a_false_flow_breaks_money_and_complementarity(binding: Checked) -> None:
    false = binding.again(flow=_scaled(binding.quantities.flow, 1.05))
    assert false.money_balance > 1e-4
    assert false.complementarity > 1e-4


def test_goods_from_nowhere_break_the_mass_balance(binding: Checked) -> None:
    false = binding.again(fixed=binding.quantities.fixed + 1.0)
    assert false.mass_balance > 1e-3


def test_a_tax_that_disagrees_with_final_prices_breaks_the_money_balance(
    binding: Checked,
) -> None:
    assert binding.quantities.tax_charged.min() > 1.0
    false = binding.again(tax_due=1.01 * binding.quantities.tax_due)
    assert false.money_balance > 1e-5


Falsify = Callable[[Checked], Certificate]
FALSIFICATIONS: dict[str, Falsify] = {
    "excess_demand": lambda c: c.again(price=1.01 * c.quantities.price),
    "mass_balance": lambda c: c.again(activity=1.01 * c.quantities.activity),
    "money_balance": lambda c: c.again(flow=1.01 * c.quantities.flow),
    "complementarity": lambda c: c.again(limit=0.99 * c.quantities.limit),
}


@pytest.mark.parametrize("residual", RESIDUALS)
def test_each_residual_reacts_and_shows_in_the_worst(binding: Checked, residual: str) -> None:
    false = FALSIFICATIONS[residual](binding)
    assert getattr(false, residual) > 1e4 * max(getattr(binding.again(), residual), 1e-12)
    assert false.worst() >= getattr(false, residual)


def test_the_worst_draw_counts(binding: Checked) -> None:
    price = np.repeat(binding.quantities.price, 2, axis=0)
    price[1, 1] *= 1.01
    fields = {
        name: np.repeat(getattr(binding.quantities, name), 2, axis=0)
        for name in Quantities.__slots__
    }
    both = binding.ledger.certify(Quantities(**fields | {"price": price}), binding.behaviour)
    alone = binding.again(price=price[[1]])
    assert both.excess_demand == pytest.approx(alone.excess_demand)


ALLOWED = {"monazite.network", "monazite.network.nouns", "monazite.errors"}


def test_the_certificate_imports_nothing_of_the_solver() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert {name for name in imported if name.startswith("monazite")} <= ALLOWED
    assert not {name for name in imported if "qdldl" in name or "sparse" in name}


def test_the_certificate_loads_without_the_solver() -> None:
    code = (
        "import sys, monazite.market.certificate; "
        "sys.exit(any(n in sys.modules for n in "
        "('monazite.newton', 'monazite.market.agents', 'monazite.market.equilibrium', 'qdldl')))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
