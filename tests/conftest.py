"""What every test shares: one thread, no window, no network, no colour, no luck."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "Agg"
os.environ["NO_COLOR"] = "1"
os.environ["COLUMNS"] = "200"

import socket
from typing import Any

import hypothesis
import pytest

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Servers that tests start themselves."""

hypothesis.settings.register_profile(
    "monazite", deadline=None, derandomize=True, database=None, max_examples=30
)
hypothesis.settings.load_profile("monazite")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that tries to leave the machine: everything runs offline."""
    connect = socket.socket.connect

    def stay(made: socket.socket, address: Any) -> None:
        is_here = made.family == socket.AF_UNIX or address[0] in LOOPBACK
        if not is_here:
            raise AssertionError(f"a test tried to connect to {address}")
        connect(made, address)

    monkeypatch.setattr(socket.socket, "connect", stay)
