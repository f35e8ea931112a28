"""Many tasks with common data: worked off here, in processes beside this one, or on a cluster.

A job is a function of a module, data that all tasks share, and many small tasks. Every engine
takes the same job and yields the place of each task with its result as they come, in whatever
order; the results are those of a loop. Shared data go once to each worker. A worker that is lost
is replaced and its task done again; a task that loses a worker for the second time is an error
that names it.

    local                  in this process
    processes, processes:N a process for each core, or N of them
    tcp://host:8786        the scheduler of a Dask cluster (also ``tls://``)
"""

import hashlib
import os
import pickle
import platform
import re
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module, metadata
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from monazite.errors import EngineError, InputError

if TYPE_CHECKING:
    from distributed import Client, Future, as_completed

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

LIVES = 2
"""Workers that a task may cost before it is given up."""
AHEAD = 2
"""Tasks that a thread of a cluster has before it: one at work and one to go on with."""
PATIENCE = "30s"
"""How long a scheduler has to answer."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
DECIDING = ("monazite", "numpy", "scipy", "qdldl", "numba")
"""Libraries whose versions decide the numbers."""
FORMS = "local, processes, processes:N or tcp://HOST:8786"

Work = Callable[[S, T], R]
"""What is done with the shared data and a task: a function of a module, so that it can travel."""


class Engine(Protocol):
    """Where tasks are worked off."""

    def run(self, work: Work[S, T, R], shared: S, tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Yield the place of each task and its result, in the order in which they come.

        Parameters
        ----------
        work : callable (shared, task)
            A function at the top of a module.
        shared : object
            What all tasks need; it travels once to each worker.
        tasks : sequence
            What tells one task from another; small.

        Raises
        ------
        EngineError
            If workers are lost again and again, or are not of our versions.
        MonaziteError
            What the work itself raises.
        """
        ...


def named(name: str) -> Engine:
    """Return the engine of a name.

    Parameters
    ----------
    name : str
        ``local``, ``processes``, ``processes:N``, or the address of a Dask scheduler.

    Raises
    ------
    InputError
        If there is no such engine.
    """
    if name == "local":
        return Local()
    several = re.fullmatch(r"processes(?::([1-9]\d*))?", name)
    if several:
        return Processes(int(several[1]) if several[1] else cores())
    if re.match(r"(tcp|tls)://.", name):
        return DaskCluster(name)
    known = "a cluster is reached through Dask: " if "://" in name else ""
    raise InputError(f"no engine '{name}'", way_out=f"{known}give {FORMS}")


def of_processes(count: int) -> Engine:
    """Return the engine of so many processes; one works in this process.

    Raises
    ------
    InputError
        If the count is not positive.
    """
    if count < 1:
        raise InputError(f"{count} processes asked for", way_out="ask for one or more")
    return Local() if count == 1 else Processes(count)


def cores() -> int:
    """Return the number of cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class Local:
    """One task after the other, in this process."""

    def run(self, work: Work[S, T, R], shared: S, tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Yield the results in the order of the tasks; see `Engine`."""
        for place, task in enumerate(tasks):
            yield place, work(shared, task)


# -- processes of this machine -----------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Worker:
    """A process of ours. ``task`` : place of what it works on; None before it is ready."""

    process: SpawnProcess
    connection: "Connection[Any, Any]"
    task: int | None = None


class Processes:
    """Processes beside this one, each with one thread; ended as soon as nobody wants results.

    A worker gets its data through its connection once it has said that it is there.

    Parameters
    ----------
    count : int
        How many, at most; no more than there are tasks.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def run(self, work: Work[S, T, R], shared: S, tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Yield the results as they come; see `Engine`."""
        crew = _Crew(pickle.dumps((work, shared), pickle.HIGHEST_PROTOCOL), tasks)
        try:
            crew.hire(min(self.count, len(tasks)))
            yield from crew.results()
        finally:
            crew.end()


class _Crew:
    """Workers, what is left to do and who was lost over it."""

    def __init__(self, job: bytes, tasks: Sequence[Any]) -> None:
        self.job, self.tasks = job, tasks
        self.left = deque(range(len(tasks)))
        self.lost: dict[int | None, int] = {}
        self.workers: list[_Worker] = []

    def hire(self, count: int) -> None:
        """Start processes; they say so when they are ready."""
        self.workers += [_Worker(*started) for started in start_processes(_serve, count)]

    def results(self) -> Iterator[tuple[int, Any]]:
        """Yield results until every task is done."""
        missing = len(self.tasks)
        while missing:
            for worker in self._heard():
                done = worker.task
                try:
                    answer = worker.connection.recv()
                except (EOFError, OSError):
                    self._replace(worker)
                    continue
                if isinstance(answer, Exception):
                    raise answer
                self._instruct(worker, is_new=done is None)
                if done is not None:
                    missing -= 1
                    yield done, answer

    def _heard(self) -> list[_Worker]:
        """Wait until workers have answered or ended, and return them."""
        heard = wait([worker.connection for worker in self.workers])
        return [worker for worker in self.workers if worker.connection in heard]

    def _instruct(self, worker: _Worker, *, is_new: bool) -> None:
        """Give a worker its next task, and the job before its first; let it go if none is left."""
        if not self.left:
            self._dismiss(worker)
            return
        worker.task = self.left.popleft()
        try:
            if is_new:
                worker.connection.send_bytes(self.job)
            worker.connection.send(self.tasks[worker.task])
        except OSError:
            self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        """Take the task of a lost worker back, and another worker for it."""
        self._dismiss(worker)
        task = worker.task
        self.lost[task] = self.lost.get(task, 0) + 1
        if self.lost[task] >= LIVES:
            told = "before their first task"
            if task is not None:
                told = f"in task {task + 1} of {len(self.tasks)}"
            raise EngineError(
                f"{LIVES} processes ended {told} (status {worker.process.exitcode})",
                way_out="see whether memory ran out; ask for fewer processes",
            )
        if task is not None:
            self.left.appendleft(task)
        self.hire(1)

    def _dismiss(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.connection.close()
        worker.process.join()

    def end(self) -> None:
        """End all processes at once."""
        for worker in self.workers:
            worker.process.terminate()
        for worker in list(self.workers):
            self._dismiss(worker)


def start_processes(
    serve: Callable[["Connection[Any, Any]"], None], count: int
) -> list[tuple[SpawnProcess, "Connection[Any, Any]"]]:
    """Start processes of one thread each that take no part in Ctrl-C, and are ended with ours.

    Their data must go through the connection. What is given to a process as its arguments goes
    through a pipe of which the parent holds both ends, and the parent would wait for ever for a
    child that dies before it has read them.

    Parameters
    ----------
    serve : callable (connection)
        A function at the top of a module, which runs until it returns.
    count : int
        How many.

    Returns
    -------
    list of (process, connection)
        Our ends; one is at its end once its process has ended.
    """
    context = get_context("spawn")
    started: list[tuple[SpawnProcess, Connection[Any, Any]]] = []
    try:
        with _quiet_and_single_threaded():
            for _ in range(count):
                ours, theirs = context.Pipe()
                process = context.Process(target=serve, args=(theirs,), daemon=True)
                process.start()
                theirs.close()
                started.append((process, ours))
    except BaseException:
        for process, _connection in started:
            process.terminate()
        raise
    return started


@contextmanager
def _quiet_and_single_threaded() -> Iterator[None]:
    """Give processes that are started meanwhile one thread each, and no part in Ctrl-C.

    On Ctrl-C their parent ends them; a child that is still importing would print a traceback.
    """
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    mask = getattr(signal, "pthread_sigmask", None)
    masked = mask(signal.SIG_BLOCK, {signal.SIGINT}) if mask else None
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_SETMASK, masked)
        for name, setting in before.items():
            if setting is None:
                del os.environ[name]
            else:
                os.environ[name] = setting


def _serve(connection: "Connection[Any, Any]") -> None:
    """Work off tasks until nobody gives any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        connection.send(None)
        work, shared = pickle.loads(connection.recv_bytes())  # from our parent
        while True:
            connection.send(_attempt(work, shared, connection.recv()))
    except (EOFError, OSError):
        return


def _attempt(work: Work[S, T, R], shared: S, task: T) -> R | Exception:
    """Return the result, or what was raised."""
    try:
        return work(shared, task)
    except Exception as fault:  # raised again where the results are wanted
        return fault


# -- a cluster ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Versions:
    """What decides the numbers of a worker: libraries, and our own code.

    ``libraries`` : name and version of each. ``code`` : SHA-256 of the package's modules.
    """

    libraries: tuple[tuple[str, str], ...]
    code: str

    def difference(self, other: "Versions") -> str:
        """Say in words in what the other differs; empty if in nothing."""
        theirs = dict(other.libraries)
        found = [
            f"{name} {theirs.get(name, 'missing')} instead of {version}"
            for name, version in self.libraries
            if theirs.get(name) != version
        ]
        if not found and self.code != other.code:
            found = ["other code of monazite under the same version"]
        return ", ".join(found)


def library_version(name: str) -> str:
    """Return the installed version of a library; ``none`` of one that is not needed and absent."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


@cache
def versions() -> Versions:
    """Return the versions of this process."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for module in sorted(package.rglob("*.py")):
        digest.update(module.relative_to(package).as_posix().encode() + b"\0")
        digest.update(module.read_bytes() + b"\0")
    return Versions(tuple((name, library_version(name)) for name in DECIDING), digest.hexdigest())


class DaskCluster:
    """Workers of a Dask cluster (needs the extra ``cluster``).

    The scheduler holds the job and hands it to each worker once; it does a task again, elsewhere,
    when a machine is lost. Workers may come and go.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``tcp://10.0.0.5:8786``.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def run(self, work: Work[S, T, R], shared: S, tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Yield the results as they come; see `Engine`."""
        distributed = _distributed()
        job = pickle.dumps((work, shared), pickle.HIGHEST_PROTOCOL)
        with self._client(distributed) as client, self._told_apart(distributed):
            client.wait_for_workers(1, timeout=PATIENCE)
            # a task and not scattered data: the scheduler makes it again if its holder is lost
            held = client.submit(_hold, versions(), job, pure=False)
            coming = distributed.as_completed(loop=client.loop, with_results=True)
            yield from _gathered(client, coming, held, tasks)

    def _client(self, distributed: ModuleType) -> "Client":
        try:
            return distributed.Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError) as fault:
            raise EngineError(
                f"no Dask scheduler answers: {fault}",
                where=self.address,
                way_out="see that it runs and that this machine reaches it",
            ) from fault

    @contextmanager
    def _told_apart(self, distributed: ModuleType) -> Iterator[None]:
        """Say what became of the cluster in our words."""
        try:
            yield
        except distributed.KilledWorker as fault:
            raise EngineError(
                "a task has cost several workers their lives",
                where=self.address,
                way_out="see whether their memory ran out",
            ) from fault
        except TimeoutError as fault:
            raise EngineError(
                "the scheduler has no workers", where=self.address, way_out="start some"
            ) from fault
        except (CancelledError, ImportError, OSError, RuntimeError) as fault:
            raise EngineError(
                f"the cluster cannot do the work: {fault}",
                where=self.address,
                way_out="install the same monazite and libraries on scheduler and workers",
            ) from fault


def _gathered(
    client: "Client", coming: "as_completed", held: "Future", tasks: Sequence[T]
) -> Iterator[tuple[int, Any]]:
    """Keep every thread busy, and no more results on their way than that takes."""
    places: dict[str, int] = {}
    given = 0
    while given < len(tasks) or places:
        room = AHEAD * max(sum(client.nthreads().values()), 1) - len(places)
        for place in range(given, min(given + room, len(tasks))):
            future = client.submit(_attempt_held, held, tasks[place], pure=False)
            places[future.key] = place
            coming.add(future)
            given = place + 1
            del future
        finished, result = next(coming)
        place = places.pop(finished.key)
        del finished
        if isinstance(result, Exception):
            raise result
        yield place, result


def _hold(wanted: Versions, job: bytes) -> tuple[Versions, bytes]:
    """Keep the job on a worker."""
    return wanted, job


def _attempt_held(held: tuple[Versions, bytes], task: object) -> object:
    """Return the result of a task, or what was raised; nothing where versions differ."""
    wanted, job = held
    difference = wanted.difference(versions())
    if difference:
        return EngineError(
            f"a worker has {difference}",
            where=platform.node(),
            way_out="install the same monazite and libraries on all workers",
        )
    return _attempt(*_loaded(job), task)


@lru_cache(maxsize=1)
def _loaded(job: bytes) -> tuple[Work[Any, Any, Any], Any]:
    """Unpack the job once for all tasks of a worker."""
    work, shared = pickle.loads(job)  # from the client that also sends the code
    return work, shared


def _distributed() -> ModuleType:
    try:
        return import_module("distributed")
    except ImportError as fault:
        raise EngineError(
            "a cluster is reached through Dask, which is not installed",
            way_out="install monazite[cluster]",
        ) from fault
