"""Where the time goes: a sampler that looks at every thread, and a stopwatch on every statement.

Both run inside the process. Functions are not slowed by being counted, as they are under cProfile;
the whole costs a few parts in a hundred.
"""

import gc
import sqlite3
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any

from data.statements import POSTGRES, numbered, statement
from data.writing import COLUMNS

_ROOT = str(Path(__file__).resolve().parent.parent)
_PAUSE_S = 0.000_7
_SWITCH_S = 0.000_02
"""How long a running thread may keep the sampler waiting: after a long wait it would only ever see
the places where a thread lets others run."""
_IDLE = frozenset({"select", "wait", "_connection_worker_thread", "get", "run"})
"""Functions in which a thread waits; uvloop waits within the Python frame of `Runner.run`."""
_TOP = 30

_sql_seconds: defaultdict[str, float] = defaultdict(float)


class Sampler:
    """Counts where busy threads stand and what led there; times statements and collections."""

    def __init__(self) -> None:
        self._samples = 0
        self._self: Counter[str] = Counter()
        self._under: Counter[str] = Counter()
        self._stop = threading.Event()
        self._seconds = self._cpu_seconds = 0.0
        self._collecting = self._collected = 0.0

    @contextmanager
    def sampling(self) -> Generator[None]:
        """Sample all threads until the block ends; connections must be opened within it."""
        switch_s, connect = sys.getswitchinterval(), sqlite3.connect
        sys.setswitchinterval(_SWITCH_S)
        sqlite3.connect = partial(connect, factory=_Connection)
        gc.callbacks.append(self._collect)
        thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        started, cpu = time.perf_counter(), time.process_time()
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
            self._seconds = time.perf_counter() - started
            self._cpu_seconds = time.process_time() - cpu
            gc.callbacks.remove(self._collect)
            sqlite3.connect = connect
            sys.setswitchinterval(switch_s)

    def _run(self) -> None:
        own = threading.get_ident()
        while not self._stop.is_set():
            time.sleep(_PAUSE_S)
            # The only way to see where other threads stand.
            frames = sys._current_frames()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            for thread, frame in frames.items():
                if thread != own:
                    self._count(frame)

    def _count(self, frame: FrameType) -> None:
        outside = not frame.f_code.co_filename.startswith(_ROOT)
        if frame.f_code.co_name in _IDLE and (outside or ".venv" in frame.f_code.co_filename):
            return
        if names := list(dict.fromkeys(_names(frame))):
            self._samples += 1
            self._self[names[0]] += 1
            self._under.update(names)

    def _collect(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self._collected += time.perf_counter() - self._collecting

    def report(self, units: int, unit: str) -> str:
        """Return the top costs, in parts of the time, and what a unit of work costs of each."""
        lines = [
            f"{units:,} {unit}s in {self._seconds:.2f} s",
            f"clock: {self._seconds / units * 1e6:,.0f} us each",
            f"processor: {self._cpu_seconds / units * 1e6:,.0f} us each (sampler included)",
            f"garbage collection: {self._collected / units * 1e6:,.1f} us each",
            f"\nin statements: {sum(_sql_seconds.values()) / units * 1e6:,.0f} us each",
        ]
        lines += [
            f"{seconds / units * 1e6:8,.1f} us  {name}"
            for name, seconds in sorted(_sql_seconds.items(), key=_seconds, reverse=True)[:_TOP]
        ]
        for title, counts in (("by itself", self._self), ("with all it calls", self._under)):
            lines.append(f"\n{title} ({self._samples:,} samples of busy threads):")
            lines += [
                f"{count / max(1, self._samples):8.1%}  {name}"
                for name, count in counts.most_common(_TOP)
            ]
        return "\n".join(lines)


def _seconds(item: tuple[str, float]) -> float:
    return item[1]


def _names(frame: FrameType | None) -> Iterator[str]:
    """Name the frames of our own code, innermost first; what they call elsewhere counts as theirs.

    JSON is told apart, as it is a chosen cost.
    """
    while frame is not None:
        code = frame.f_code
        if "json" in code.co_filename:
            yield f"json {code.co_name}"
        elif (
            code.co_filename.startswith(_ROOT)
            and ".venv" not in code.co_filename
            and code.co_filename != __file__
        ):
            yield f"{code.co_filename[len(_ROOT) + 1 :]} {code.co_qualname}"
        frame = frame.f_back


@cache
def _by_text() -> dict[str, str]:
    """Return the name of each statement by its text."""
    names: dict[str, str] = {}
    for folder in (files("data") / "sql").iterdir():
        if folder.name == POSTGRES:
            continue  # Only SQLite's own driver is timed here.
        for file in folder.iterdir():
            name = file.name.removesuffix(".sql")
            names[statement(name)] = f"{folder.name} {name}"
    for name, columns in COLUMNS.items():
        names[numbered(name, columns)] = f"write {name}"
    return names


@contextmanager
def _timed(name: str) -> Generator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        _sql_seconds[name] += time.perf_counter() - started


class _Cursor(sqlite3.Cursor):
    name = ""

    def fetchall(self) -> list[Any]:
        with _timed(self.name):
            return super().fetchall()


class _Connection(sqlite3.Connection):
    """Times what is done with it. Waiting for Python's lock after each row is part of it."""

    def execute(
        self,
        sql: str,
        parameters: Any = (),  # noqa: ANN401 - as its base
        /,
    ) -> sqlite3.Cursor:
        cursor = self.cursor(_Cursor)
        cursor.name = _by_text().get(sql, sql)
        with _timed(cursor.name):
            return cursor.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        with _timed(_by_text().get(sql, sql)):
            return super().executemany(sql, parameters)
