"""Work for tests of engines: at the top of a module, so that other processes find it."""

import os
import signal
import sys
import time
from pathlib import Path

from monazite.engine import Processes
from monazite.errors import UnknownCodeError


def add(shared: int, task: int) -> int:
    return shared + task


def slow(shared: float, task: int) -> tuple[int, int]:
    """The square, after a while, and where it was worked out."""
    time.sleep(shared)
    return task * task, os.getpid()


def size(shared: bytes, task: int) -> int:
    return len(shared) + task


def die_once(shared: str, task: int) -> int:
    """Lose the process in task 2, but only the first time."""
    mark = Path(shared)
    if task == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def die(_: None, task: int) -> int:
    """Lose the process in task 2 every time."""
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def refuse(_: None, task: int) -> int:
    raise UnknownCodeError("region", f"X{task}", ["CHN", "JPN"], where="row 7")


def divide(_: None, task: int) -> float:
    return 1 / task


def main() -> None:
    """Run two tasks that take a minute each, for a test that stops this."""
    # a shell that starts tests in the background has them ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for done in Processes(2).run(slow, 60.0, [1, 2]):
        sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main()
