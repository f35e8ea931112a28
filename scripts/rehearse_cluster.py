"""Rehearse a cluster of two machines on one, and lose a machine in the middle.

Usage, as root on Linux: python scripts/rehearse_cluster.py

Two network namespaces joined by a cable stand for two machines: on the first a Dask scheduler, a
worker and the program, on the second two workers that are killed once a part is there. The folder
must then hold the same bytes as that of a run in one process. Exit status 1 where it does not.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from monazite import ensemble, study

MACHINES = {"monazite-one": "10.77.77.1", "monazite-two": "10.77.77.2"}
ONE, TWO = MACHINES
SCENARIO, MONTHS, DRAWS, CHUNK = "ga-ge-2023", 12, 96, 8
PATIENCE = 300.0
"""How long the rehearsal may take [s]."""


def main() -> int:
    """Run alone and on the cluster; compare."""
    if len(sys.argv) == 3:
        run(Path(sys.argv[1]), sys.argv[2])
        return 0
    with TemporaryDirectory() as scratch, ExitStack() as ends:
        here, there = Path(scratch) / "here", Path(scratch) / "there"
        run(here, "local")
        ends.enter_context(machines())
        address = f"tcp://{MACHINES[ONE]}:8786"
        scheduler = ("-m", "dask", "scheduler", "--host", MACHINES[ONE], "--no-dashboard")
        ends.enter_context(on(ONE, *scheduler))
        ends.enter_context(worker(ONE, address))
        doomed = [ends.enter_context(worker(TWO, address)) for _ in range(2)]
        with on(ONE, __file__, str(there), address) as program:
            wait_until(lambda: parts(there) > 0)
            for process in doomed:
                process.kill()
            before = parts(there)
            status = program.wait(PATIENCE)
        same = content(here) == content(there)
        print(f"machine lost after {before} of {DRAWS // CHUNK} parts; program ended with {status}")
        print("same bytes" if same else "OTHER BYTES")
    return int(status != 0 or not same or before == DRAWS // CHUNK)


def run(folder: Path, engine: str) -> None:
    """Keep a run in a folder."""
    ensemble.CHUNK = CHUNK
    study.stress_into(folder, SCENARIO, months=MONTHS, draws=DRAWS, engine=engine)


def parts(folder: Path) -> int:
    """Count the parts that are whole."""
    return len(list(folder.glob("part-*")))


def content(folder: Path) -> dict[str, bytes]:
    """Return every file."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again, for a time."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("the rehearsal takes too long")
        time.sleep(0.05)


@contextmanager
def machines() -> Iterator[None]:
    """Two namespaces and the cable between them; gone afterwards."""
    ends = {name: f"mz{place}" for place, name in enumerate(MACHINES)}
    try:
        for name in MACHINES:
            ip("netns", "add", name)
        ip("link", "add", ends[ONE], "type", "veth", "peer", "name", ends[TWO])
        for name, address in MACHINES.items():
            ip("link", "set", ends[name], "netns", name)
            ip("-n", name, "address", "add", f"{address}/24", "dev", ends[name])
            ip("-n", name, "link", "set", ends[name], "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in MACHINES:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def ip(*words: str) -> None:
    """Set up a network."""
    subprocess.run(["ip", *words], check=True)


@contextmanager
def on(machine: str, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Run Python on a machine; ended afterwards."""
    command = ["ip", "netns", "exec", machine, sys.executable, *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def worker(machine: str, address: str) -> "AbstractContextManager[subprocess.Popen[bytes]]":
    """Start a worker on a machine."""
    words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", MACHINES[machine])
    return on(machine, "-m", "dask", "worker", address, *words)


if __name__ == "__main__":
    sys.exit(main())
