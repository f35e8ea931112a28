"""The engine's own times, to watch from version to version (pytest-benchmark)."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.registry import MARKETS, SCENARIOS, MarketCase
from monazite.market.equilibrium import clear
from monazite.newton import FloatArray
from monazite.parameters import Parameters
from monazite.scenario import Lowered
from monazite.simulate import simulate

pytestmark = pytest.mark.benchmark(timer=time.process_time, min_rounds=5, warmup=True)
Run = Callable[..., Any]


@cache
def _case(name: str) -> MarketCase:
    return MARKETS[name]()


@cache
def _start(name: str) -> FloatArray:
    case = _case(name)
    found = clear(case.market, case.month)
    prices = np.hstack([found.market_price, found.rent])
    return np.asarray(prices * np.exp(0.02 * np.random.default_rng(1).normal(size=prices.shape)))


@cache
def _scenario(name: str) -> Lowered:
    return SCENARIOS[name]()


@pytest.mark.parametrize("name", ["licences-300", "licences-1200"])
def test_cold_month(benchmark: Run, name: str) -> None:
    case = _case(name)
    assert benchmark(lambda: clear(case.market, case.month)).converged.all()


@pytest.mark.parametrize("name", ["licences-300", "licences-1200"])
def test_warm_month(benchmark: Run, name: str) -> None:
    case, start = _case(name), _start(name)
    assert benchmark(lambda: clear(case.market, case.month, start)).converged.all()


@pytest.mark.parametrize("name", ["rare-earths", "synthetic-chain"])
def test_two_years(benchmark: Run, name: str) -> None:
    lowered, parameters = _scenario(name), Parameters.central()
    run = benchmark(lambda: simulate(lowered, parameters))
    assert max(certificate.worst() for certificate in run.certificates) <= 1e-8
