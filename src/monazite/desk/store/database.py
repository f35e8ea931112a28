"""The database under the store: opened, brought to this version, every fault named.

One writer at a time, in SQLite as in PostgreSQL: a writer waits for the one before it, so that
whoever looks before it writes sees what is there. Readers never wait.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from monazite.desk.store.tables import VERSION, VERSION_TABLE
from monazite.errors import StoreError

PATIENCE = 60.0
"""Seconds that a writer waits for the one before it."""
CACHE = 64 * 1024
"""Memory for pages of an SQLite file, in KiB."""
SQLITE, POSTGRESQL = "sqlite", "postgresql+pg8000"
_WRITES = "monazite_writes"
_LOCK = 0x6D6F6E61
"""Number of PostgreSQL's lock that a writer holds."""

_SQLITE_FAULTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "SQLITE_FULL": ("no room left on the disk", "make room; all that was kept is kept"),
        "SQLITE_IOERR": ("the disk cannot be read or written", "look at the disk and its space"),
        "SQLITE_READONLY": ("it cannot be written", "give a file and a folder you may write to"),
        "SQLITE_CANTOPEN": ("it cannot be opened", "give a file in a folder you may write to"),
        "SQLITE_NOTADB": ("it is no database", "give another file, or a backup"),
        "SQLITE_CORRUPT": ("the database is damaged", "go back to a backup"),
        "SQLITE_BUSY": ("another process has been writing for too long", "wait, and try again"),
        "SQLITE_LOCKED": ("another process has been writing for too long", "wait, and try again"),
    }
)
"""SQLite's own names of faults, in our words, each with the way out."""


class Database:
    """Connections to one database. Everything that it raises is a `StoreError`."""

    def __init__(self, place: str | Path, *, create: bool = True) -> None:
        self.url = _url(place)
        self.name = (self.url.database or "") if self.is_sqlite else self.url.render_as_string()
        if self.is_sqlite and not create and not Path(self.name).exists():
            raise StoreError("there is no such store", where=self.name, way_out="look at the name")
        with self._named_faults():
            self._engine = _engine(self.url)
            self._writer = self._engine.execution_options(**{_WRITES: True})
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.url.get_backend_name() == SQLITE

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one state of the database."""
        with self._named_faults(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write all or nothing."""
        with self._named_faults(), self._writer.begin() as connection:
            yield connection

    def backup(self, path: Path) -> None:
        """Copy the file as it stands, while others go on reading and writing."""
        if not self.is_sqlite:
            raise StoreError(
                "only a file of SQLite is copied so", where=self.name, way_out="use pg_dump"
            )
        if path.exists():
            raise StoreError("it is there already", where=str(path), way_out="give a new name")
        unfinished = path.with_name(path.name + ".part")
        try:
            with self.reading() as connection:
                _copy(connection, unfinished)
            unfinished.replace(path)
        except (sqlite3.Error, OSError) as error:
            raise _sqlite_fault(error, str(path)) from error
        finally:
            unfinished.unlink(missing_ok=True)

    def _open(self) -> None:
        with self.reading() as connection:
            version = self._version(connection)
        if version != VERSION:
            with self.writing() as connection:
                # Another process may have been here first.
                if self._version(connection) != VERSION:
                    _upgrade(connection)

    def _version(self, connection: Connection) -> str | None:
        """Return the migration that it has reached; none if it is empty."""
        tables = set(inspect(connection).get_table_names())
        if not tables:
            return None
        if VERSION_TABLE not in tables:
            raise StoreError(
                "it is a database of another program", where=self.name, way_out="give another file"
            )
        version = str(connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")))
        if version > VERSION:
            raise StoreError(
                f"it is of version {version}; this Monazite knows {VERSION}",
                where=self.name,
                way_out="use a newer Monazite",
            )
        return version

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._fault(error) from error
        except ModuleNotFoundError as error:
            raise StoreError(
                "PostgreSQL needs the package pg8000",
                where=self.name,
                way_out="pip install 'monazite[postgres]'",
            ) from error

    def _fault(self, error: DBAPIError) -> StoreError:
        cause = error.orig
        if isinstance(cause, sqlite3.Error):
            return _sqlite_fault(cause, self.name)
        details = cause.args[0] if cause is not None and cause.args else error
        message = details.get("M", details) if isinstance(details, dict) else details
        return StoreError(f"the database says: {message}", where=self.name)


def _sqlite_fault(cause: Exception, where: str) -> StoreError:
    name = getattr(cause, "sqlite_errorname", "")
    known = (words for code, words in _SQLITE_FAULTS.items() if name.startswith(code))
    message, way_out = next(known, (f"the database says: {cause}", ""))
    return StoreError(message, where=where, way_out=way_out)


def _url(place: str | Path) -> URL:
    if isinstance(place, Path) or "://" not in place:
        return URL.create(SQLITE, database=str(place))
    try:
        url = make_url(place)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError("no such kind of database", way_out=_KINDS) from error
    if backend == "postgresql":
        return url.set(drivername=POSTGRESQL)
    if backend != SQLITE or not url.database:
        raise StoreError("no such kind of database", where=backend, way_out=_KINDS)
    return url.set(drivername=SQLITE)


_KINDS = "give a file, or postgresql://user@host/name"


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != SQLITE:
        engine = create_engine(url)
        # Many rows in one statement: by itself this driver asks the server row by row.
        engine.dialect.use_insertmanyvalues_wo_returning = True
        event.listen(engine, "begin", _begin_on_postgresql)
        return engine
    engine = create_engine(url, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # Transactions begin where we say so, not where the driver guesses.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; SQLite does not wait by itself while another does the same."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise StoreError(f"it cannot keep a write-ahead log, only '{mode}'")
        return


def _begin_on_sqlite(connection: Connection) -> None:
    # A reader that becomes a writer would have to be turned away: a writer says so at once.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_on_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _copy(connection: Connection, path: Path) -> None:
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(path)) as target:
        source.backup(target)


def _upgrade(connection: Connection) -> None:
    # Alembic is slow to import and needed only for a store that is new or old.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
