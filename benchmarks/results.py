"""What a measure found: a table for people, one line of JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine

_WHOLE = 1_000
"""From here on figures are told without decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with the goal it must meet; `field` is its name in the JSON."""

    field: str
    what: str
    value: float
    unit: str = ""
    floor: str = ""
    """What it is measured against, in words."""
    least: float | None = None
    most: float | None = None

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}{self.unit}"
        if self.least is not None:
            return f"at least {self.least:g}{self.unit}"
        return f"at most {self.most:g}{self.unit}" if self.most is not None else ""

    @property
    def met(self) -> bool:
        """Whether the goal is met; a figure without one is met."""
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or nothing where there is no goal."""
        if not self.goal:
            return ""
        return "met" if self.met else "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All that one measure found."""

    name: str
    work: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default_factory=tuple)
    """Spread between rounds, sizes, what stands behind a figure."""

    def plain(self) -> dict[str, object]:
        """Return the figures by their fields."""
        return {figure.field: _rounded(figure.value) for figure in self.figures}


def show(result: Result, *, as_json: bool) -> None:
    """Print the table, and with `as_json` the object as the last line."""
    console = Console(highlight=False)
    table = Table(title=f"{result.name}: {result.work}", title_justify="left")
    for column, justify in (("", "left"), ("figure", "right"), ("goal", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left")
    table.add_column("verdict")
    table.add_column("floor")
    for figure in result.figures:
        style = {"met": "green", "missed": "bold red"}.get(figure.verdict, "")
        value = f"{_rounded(figure.value):,g}{figure.unit}"
        verdict = f"[{style}]{figure.verdict}[/]" if style else ""
        table.add_row(figure.what, value, figure.goal, verdict, figure.floor)
    console.print(table)
    for note in result.notes:
        console.print(note, style="dim")
    console.print(machine(), style="dim")
    if as_json:
        print(json.dumps(result.plain()), flush=True)


def spread(values: Sequence[float], unit: str = "") -> str:
    """Say where the rounds lay: 'median (least to most)'."""
    least, most = _rounded(min(values)), _rounded(max(values))
    return f"{_rounded(median(values)):,g}{unit} ({least:,g} to {most:,g})"


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which this part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _rounded(value: float) -> float:
    if isinstance(value, int) or abs(value) >= _WHOLE:
        return round(value)
    return float(f"{value:.3g}")
