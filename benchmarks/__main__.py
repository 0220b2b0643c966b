"""The command line of the measures: `python -m benchmarks NAME`, see docs/benchmarks.md."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from benchmarks import loops
from benchmarks.ground import Room, room
from benchmarks.profiling import PROFILES, profile
from benchmarks.results import Result, show
from benchmarks.running import Options

NAMES = (
    *("purchases", "joins", "alone", "long_line", "handover", "growth", "fairness"),
    *("changes", "window", "notifier", "bot"),
)
STORMS = ("payment_storm",)
"""Measures of what holds rather than how fast; not among `all`."""
ON_POSTGRES = ("purchases", "joins", "long_line", "growth", "changes")
"""Those that also run on a PostgreSQL server, which is made for them and removed."""


class _Measure(Protocol):
    """A module that measures."""

    def measure(self, place: Room, options: Options) -> Result:
        """Measure on files in `place`."""
        ...


def main(arguments: list[str]) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.engine == "postgres" and asked.name not in (*ON_POSTGRES, *STORMS, "all"):
        parser.error(f"--engine postgres has {', '.join((*ON_POSTGRES, *STORMS))}")
    if asked.face and asked.name != "fairness":
        parser.error("--face bot has fairness")
    os.environ[loops.SWITCH] = asked.loop
    if asked.name == "all":
        names = NAMES if asked.engine == "sqlite" else ON_POSTGRES
        return _all(names, arguments, as_json=asked.json)
    options = Options(size=asked.size, rounds=asked.rounds)
    with room(asked.dir) as place:
        if asked.name == "profile":
            print(profile(asked.of, place, options))
        else:
            module = cast("_Measure", import_module(_module(asked)))
            show(module.measure(place, options), as_json=asked.json)
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks", description="Measure the office.")
    parser.add_argument("name", choices=(*NAMES, *STORMS, "all", "profile"), help="what to run")
    parser.add_argument("of", nargs="?", choices=PROFILES, default=PROFILES[0], help="profile it")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--size", type=_count, default=0, help="less work than the goal names")
    parser.add_argument("--rounds", type=_count, default=3, help="how often to take turns (3)")
    parser.add_argument("--dir", type=Path, help="where to make the files (here)")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--face", choices=("bot",), help="fairness through the bot, in real time")
    parser.add_argument("--loop", choices=loops.LOOPS, default=loops.chosen(), help="event loop")
    return parser


def _module(asked: Namespace) -> str:
    if asked.face:
        return f"benchmarks.{asked.name}_{asked.face}"
    room = "benchmarks" if asked.engine == "sqlite" else "benchmarks.servers"
    return f"{room}.{asked.name}"


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _all(names: Sequence[str], arguments: list[str], *, as_json: bool) -> int:
    """Run each measure in a process of its own, so that none inherits another's memory."""
    found: dict[str, object] = {}
    for name in names:
        own = [name if argument == "all" else argument for argument in arguments]
        command = [sys.executable, "-m", "benchmarks", *own]
        if not as_json:
            subprocess.run(command, check=True)
            continue
        child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        *table, last = child.stdout.splitlines()
        print("\n".join(table))
        found[name] = json.loads(last)
    if as_json:
        print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
