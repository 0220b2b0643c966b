"""A show as a file describes it, before any value in it is read.

TOML, CSV and JSON-LD all become sheets, and `data.files.shows` makes drafts of sheets. A
sheet's keys are those of our TOML: 'title', 'tier[0].fare[1].price'.
"""

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from core.terms import Problem
from data.files.values import Refused, read_count, read_flag, read_length, read_text, shown

SHOWS_MAX: Final = 5_000
"""In one file."""
PROBLEMS_MAX: Final = 500
"""Past this many problems the rest is only counted as 'more'."""
_KEY_MAX_CHARACTERS: Final = 64
_PATH_MAX_CHARACTERS: Final = 200
_LAST_STEP: Final = re.compile(r"(\[[0-9]+\]|(^|\.)[^.\[\]]*)$")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The table of one show, and where in its file a path such as 'tier[0].price' stands."""

    table: Mapping[str, object]
    place: Callable[[str], str]
    hints: Mapping[str, str] = field(default_factory=dict[str, str])
    """What to do where a key is missing, if the format has its own way to give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The problems found so far in a file, each once, in the order in which they were found."""

    found: dict[Problem, None] = field(default_factory=dict[Problem, None])

    @property
    def full(self) -> bool:
        return len(self.found) > PROBLEMS_MAX

    def add(self, where: str, what: str, advice: str) -> None:
        if not self.full:
            self.found[Problem(where=where, what=what, advice=advice)] = None

    def problems(self, name: str) -> tuple[Problem, ...]:
        """Give all problems, or the first `PROBLEMS_MAX` and one that says there are more."""
        listed = tuple(self.found)
        if not self.full:
            return listed
        more = Problem(
            where=name,
            what=f"there are more than these {PROBLEMS_MAX} problems",
            advice="correct these first",
        )
        return (*listed[:PROBLEMS_MAX], more)

    def unknown(self, where: str, key: str, allowed: Iterable[str], noun: str = "key") -> None:
        """Refuse a name that means nothing here."""
        # To look for near names is slow, and past the limit for nothing.
        if not self.full:
            refused = unknown(key, allowed, noun)
            self.add(where, refused.what, refused.advice)


def unknown(key: str, allowed: Iterable[str], noun: str) -> Refused:
    """Say that a name means nothing here, and the nearest that would."""
    known = sorted(allowed)
    near = difflib.get_close_matches(key[:_KEY_MAX_CHARACTERS], known, n=1)
    if near:
        advice = f"did you mean '{printable(near[0])}'?"
    else:
        advice = f"use one of {printable(', '.join(known))}" if known else "write one"
    return Refused(what=f"there is no {noun} {shown(key)}", advice=advice)


def parent(path: str) -> str:
    """Give the path one step up: 'tier[0].price', 'tier[0]', 'tier', ''."""
    step = _LAST_STEP.search(path)
    return path[: step.start()] if step else ""


def printable(path: str) -> str:
    """Give a path or a file name as it can be shown: short, and without control characters."""
    short = path if len(path) <= _PATH_MAX_CHARACTERS else f"{path[:_PATH_MAX_CHARACTERS]}..."
    return short if short.isprintable() else ascii(short)[1:-1]


def nearest(path: str, places: Mapping[str, _Value]) -> _Value | None:
    """Look a path up, or what it is part of."""
    while path and path not in places:
        path = parent(path)
    return places.get(path)


def put(table: dict[str, object], path: str, value: object) -> None:
    """Put a value at its path, making the tables and lists on the way."""
    *way, last = path.split(".")
    for step in way:
        key, _, number = step.rstrip("]").partition("[")
        if not number:
            table = cast("dict[str, object]", table.setdefault(key, {}))
            continue
        entries = cast("list[dict[str, object]]", table.setdefault(key, []))
        while len(entries) <= int(number):
            entries.append({})
        table = entries[int(number)]
    table[last] = value


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table of a sheet being read: the show, a tier, a fare.

    A value that cannot be read is a finding, its path is remembered as bad, and a stand-in is
    given instead, so that one reading finds all that is wrong.
    """

    entries: Mapping[str, object]
    path: str
    place: Callable[[str], str]
    hints: Mapping[str, str]
    findings: Findings
    bad: set[str]

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, refused: Refused) -> None:
        path = self.at(key) if key else self.path
        self.bad.add(path)
        self.findings.add(self.place(path), refused.what, refused.advice)

    def missing(self, key: str, noun: str, advice: str) -> None:
        """Refuse the lack of a key, with the advice of the format if it has its own."""
        what = f"the {noun} is missing"
        self.refuse(key, Refused(what=what, advice=self.hints.get(key, advice)))

    def taken(self, key: str, value: _Value | Refused, stand_in: _Value) -> _Value:
        """Give the value, or note why there is none and give the stand-in."""
        if isinstance(value, Refused):
            self.refuse(key, value)
            return stand_in
        return value

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse every key that is not among these."""
        for key in self.entries:
            if key not in allowed and not self.findings.full:
                self.findings.unknown(self.place(self.at(key)), key, allowed)

    def has(self, key: str) -> bool:
        """Whether the key is given; an empty cell of a CSV file gives nothing."""
        return self.entries.get(key, "") != ""

    def text(self, key: str, default: str = "") -> str:
        if not self.has(key):
            return default
        return self.taken(key, read_text(self.entries[key]), "")

    def count(self, key: str, default: int) -> int:
        return self.taken(key, read_count(self.entries[key]), default) if self.has(key) else default

    def flag(self, key: str, *, default: bool) -> bool:
        return self.taken(key, read_flag(self.entries[key]), default) if self.has(key) else default

    def length(self, key: str, default_ms: int) -> int:
        if not self.has(key):
            return default_ms
        return self.taken(key, read_length(self.entries[key]), default_ms)

    def table(self, key: str) -> "Part | None":
        """Give the table under a key, or None where there is none."""
        if not self.has(key):
            return None
        value = self.entries[key]
        if isinstance(value, dict):
            return self._part(self.at(key), cast("Mapping[str, object]", value))
        # A format may have found already that what a key names is not there.
        table = Refused(what=f"{shown(value)} is not a table", advice="write a table")
        self.refuse(key, value if isinstance(value, Refused) else table)
        return None

    def tables(self, key: str) -> "list[Part]":
        """Give the tables of a list such as [[show.tier]]."""
        value = self.entries.get(key, [])
        if not isinstance(value, list):
            advice = f"write a list of tables, such as [[show.{key}]]"
            self.refuse(key, Refused(what=f"{shown(value)} is not a list", advice=advice))
            return []
        parts: list[Part] = []
        for number, entry in enumerate(cast("list[object]", value)):
            if isinstance(entry, dict):
                path = f"{self.at(key)}[{number}]"
                parts.append(self._part(path, cast("Mapping[str, object]", entry)))
            else:
                self.refuse(key, Refused(what=f"{shown(entry)} is no table", advice="write one"))
        return parts

    def _part(self, path: str, entries: Mapping[str, object]) -> "Part":
        return dataclasses.replace(self, entries=entries, path=path)
