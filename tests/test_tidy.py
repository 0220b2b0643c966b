"""The house rules of CONTRIBUTING.md that no other tool holds."""

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES = 60
FILE_LINES = 400
COLUMNS = 100

# The ports of time, ids and randomness: only these, the tests and the benchmarks may call them.
PORTS = ("app/clock.py", "app/ids.py")
OUTSIDE_THE_HOUSE = ("tests/", "benchmarks/")
CHANCE = {"random", "secrets", "uuid"}
CLOCKS = {
    "asyncio.get_event_loop.time",
    "asyncio.get_running_loop.time",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "os.getrandom",
    "os.urandom",
    *(
        f"time.{name}"
        for name in (
            *("clock_gettime", "clock_gettime_ns", "ctime", "gmtime", "localtime", "monotonic"),
            *("monotonic_ns", "perf_counter", "perf_counter_ns", "process_time"),
            *("process_time_ns", "thread_time", "thread_time_ns", "time", "time_ns"),
        )
    ),
}
SQL_CLOCKS = re.compile(
    r"\b(current_(date|time|timestamp)|unixepoch|julianday|random|randomblob|gen_random_uuid)\b"
    r"|'now'|\b(now|clock_timestamp|statement_timestamp)\s*\(",
    re.IGNORECASE,
)

# What reaches outside the process: no business of core.
OUTSIDE_WORLD = {
    *("ftplib", "http", "multiprocessing", "os", "pathlib", "select", "selectors", "shutil"),
    *("smtplib", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "urllib.request"),
}
OUTSIDE_CALLS = {"input", "open", "print"}


@cache
def tracked() -> tuple[str, ...]:
    """Paths of all files that are, or are about to be, in git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


def sources(*folders: str) -> list[str]:
    """Tracked Python files, of these folders or of all."""
    starts = tuple(f"{folder}/" for folder in folders) or ("",)
    return [path for path in tracked() if path.endswith(".py") and path.startswith(starts)]


@cache
def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(read(path), path)


def docstring_lines(module: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(module):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            lines.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return lines


def code_lines(source: str) -> set[int]:
    """Numbers of the lines that hold code: not blank, not comment, not docstring."""
    layout = {
        *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
        *(tokenize.ENCODING, tokenize.ENDMARKER),
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in layout:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstring_lines(ast.parse(source))


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    code = code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = len(code & set(range(node.lineno, (node.end_lineno or 0) + 1)))
            if size > FUNCTION_LINES:
                yield f"{node.lineno}: {node.name}", size


def imported(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Full names of what a file imports from elsewhere, with their lines, wherever they stand."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def aliases(module: ast.Module) -> dict[str, str]:
    """What the file's own names stand for: after `import time as t`, t stands for time."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                names[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for name in node.names:
                names[name.asname or name.name] = f"{node.module}.{name.name}"
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """`dt.now` as datetime.datetime.now, calls on the way left out; '' if it can't be told."""
    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            return f"{full_name(value, names)}.{attr}"
        case ast.Call(func=func):
            return full_name(func, names)
        case _:
            return ""


def clock_and_chance(source: str) -> Iterator[tuple[int, str]]:
    module = ast.parse(source)
    names = aliases(module)
    for line, name in imported(module):
        if name.partition(".")[0] in CHANCE:
            yield line, name
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name) and full_name(node, names) in CLOCKS:
            yield node.lineno, full_name(node, names)


def is_under(name: str, modules: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def outside_core(source: str) -> Iterator[tuple[int, str]]:
    """What a file of core may not have: other packages, other rooms, the outside world."""
    module = ast.parse(source)
    for line, name in imported(module):
        top = name.partition(".")[0]
        if (top != "core" and top not in sys.stdlib_module_names) or is_under(name, OUTSIDE_WORLD):
            yield line, f"import {name}"
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in OUTSIDE_CALLS
        ):
            yield node.lineno, f"{node.func.id}()"


def said_in_code(paths: list[str]) -> set[str]:
    """Statement names that code can mean: whole strings, their last path part, and attributes."""
    said: set[str] = set()
    for path in paths:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(PurePosixPath(node.value).name.removesuffix(".sql"))
            elif isinstance(node, ast.Attribute):
                said.add(node.attr)
    return said


def statements() -> list[str]:
    return [
        path
        for path in tracked()
        if path.startswith("data/sql/")
        and path.endswith(".sql")
        and "migrations" not in PurePosixPath(path).parts
        and PurePosixPath(path).name != "schema.sql"
    ]


def test_functions_are_short() -> None:
    long = [
        f"{path}:{place} has {size} code lines"
        for path in sources()
        for place, size in long_functions(read(path))
    ]
    assert not long, f"over {FUNCTION_LINES}"


def test_files_are_short() -> None:
    sizes = {
        path: len(read(path).splitlines()) for path in sources() if not path.startswith("tests/")
    }
    assert not {path: size for path, size in sizes.items() if size > FILE_LINES}


def test_lines_are_narrow() -> None:
    named = {"Makefile", ".ci/run", "pyproject.toml"}
    wide = [
        f"{path}:{number}"
        for path in tracked()
        if path.endswith((".py", ".sql")) or path in named
        for number, line in enumerate(read(path).splitlines(), 1)
        if len(line) > COLUMNS
    ]
    assert not wide, f"over {COLUMNS} columns"


def test_time_ids_and_randomness_come_through_their_ports() -> None:
    found = [
        f"{path}:{line} {name}"
        for path in sources()
        if path not in PORTS and not path.startswith(OUTSIDE_THE_HOUSE)
        for line, name in clock_and_chance(read(path))
    ]
    assert not found, f"take it as an argument; its ports are {PORTS}"


def test_statements_read_no_clock_and_draw_no_lots() -> None:
    found = [
        f"{path}:{number}"
        for path in tracked()
        if path.endswith(".sql")
        for number, line in enumerate(read(path).splitlines(), 1)
        if SQL_CLOCKS.search(line.partition("--")[0])
    ]
    assert not found, "pass it as a parameter"


def test_core_stands_on_the_standard_library_alone() -> None:
    found = [
        f"{path}:{line} {what}"
        for path in sources("core")
        for line, what in outside_core(read(path))
    ]
    assert not found, "core is pure and knows no other package"


def test_every_statement_is_used() -> None:
    said = said_in_code(sources("data"))
    assert not [path for path in statements() if PurePosixPath(path).stem not in said]


def test_every_room_is_packed_linted_and_typed() -> None:
    project = tomllib.loads(read("pyproject.toml"))["tool"]
    rooms = {path.partition("/")[0] for path in sources() if path.count("/") == 1}
    rooms = {room for room in rooms if f"{room}/__init__.py" in tracked()}
    packed = rooms - {"tests", "benchmarks"}
    assert set(project["hatch"]["build"]["targets"]["wheel"]["packages"]) == packed
    assert set(project["importlinter"]["root_packages"]) == packed
    assert set(project["basedpyright"]["include"]) >= rooms


def test_nothing_names_a_machine_or_a_registry() -> None:
    # In pieces, so that this file does not name them either.
    places = re.compile(
        r"(?<![\w./-])/(work|root|home|Users|opt)/[a-z]"
        r"|files\.python" + r"hosted|https?://[^\s)]*/simple\b|py" + r"pi\.org"
        r"|(^|\s)--(extra-)?index-url|file:/" + r"//?[a-z]",
        re.MULTILINE,
    )
    found: list[str] = []
    for path in tracked():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content and (hit := places.search(content.decode("utf-8"))):
            found.append(f"{path}: {hit.group()}")
    assert not found


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import time\ntime.time()", "time.time"),
        ("import time as t\nt.monotonic_ns()", "time.monotonic_ns"),
        ("from time import time as clock\nclock()", "time.time"),
        ("from datetime import UTC, datetime as dt\ndt.now(UTC)", "datetime.datetime.now"),
        ("import datetime\ndatetime.date.today()", "datetime.date.today"),
        ("import asyncio\nasyncio.get_running_loop().time()", "asyncio.get_running_loop.time"),
        ("def f():\n    from uuid import uuid4", "uuid.uuid4"),
        ("import secrets", "secrets"),
        ("import os\nseed = os.urandom", "os.urandom"),
    ],
)
def test_a_clock_is_found_under_any_name(source: str, named: str) -> None:
    assert [name for _, name in clock_and_chance(source)] == [named]


@pytest.mark.parametrize(
    "source",
    ["import time\ntime.sleep(1)", "from datetime import datetime\ndatetime.fromtimestamp(0)"],
)
def test_what_is_told_the_time_is_no_clock(source: str) -> None:
    assert not list(clock_and_chance(source))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import rich.console", "import rich.console"),
        ("from data.store import Store", "import data.store.Store"),
        ("if TYPE_CHECKING:\n    import typer", "import typer"),
        ("from urllib import request", "import urllib.request"),
        ("print('sold')", "print()"),
    ],
)
def test_what_core_may_not_have_is_found(source: str, what: str) -> None:
    assert [name for _, name in outside_core(source)] == [what]


def test_only_code_lines_count() -> None:
    source = (
        '"""A file."""\n\ndef f() -> None:\n    """Say it.\n\n    At length.\n    """\n'
        "    x = 1\n\n    # why\n    y = (\n        x\n    )\n"
    )
    assert code_lines(source) == {3, 8, 11, 12, 13}
