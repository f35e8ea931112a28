"""A real Dask cluster on this machine, for tests that kill parts of it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parent


class RunningCluster:
    """A scheduler and two workers, each a process of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address_file = folder, folder / "scheduler.json"
        paths = [str(TESTS), *sys.path]
        self.environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        self.environment["DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT"] = "20s"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        while not (self.address_file.exists() and self.address_file.read_text().endswith("}")):
            time.sleep(0.1)
        self.address: str = json.loads(self.address_file.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(2)]

    def add_worker(self) -> "subprocess.Popen[bytes]":
        return self._start("worker", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")

    def _start(self, what: str, *words: str) -> "subprocess.Popen[bytes]":
        rest = ("--no-dashboard", "--scheduler-file", str(self.address_file))
        command = [sys.executable, "-m", "dask", what, *words, *rest]
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, cwd=self.folder
            )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
