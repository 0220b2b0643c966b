"""A catalogue as a spreadsheet saves it: one row a fare. docs/catalogue.md tells the columns.

The columns of the show and of the tier are repeated on each of their rows, or left empty after
the first.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from data.files.sheets import Findings, Sheet, nearest, printable, put
from data.files.values import shown

_SHOW: Final = {
    **{key: key for key in ("title", "description", "language", "currency", "starts", "doors")},
    **{key: key for key in ("sale_opens", "sale_closes", "lobby_opens", "limit_per_customer")},
    "half_price": "half_price",
    "series": "series.slug",
    "series_title": "series.title",
    "venue": "venue.name",
    **{key: f"venue.{key}" for key in ("address", "city", "region", "country", "time_zone")},
}
_TIER: Final = {
    "capacity": "capacity",
    "window_tickets": "allotment[0].quantity",
    "window_release": "allotment[0].release",
}
_FARE: Final = {
    "fare": "name",
    **{key: key for key in ("price", "fee", "quota", "proof", "document")},
}
_QUOTA: Final = "quota_capacity"
_COLUMN_OF: Final = {
    **{path: column for column, path in _SHOW.items()},
    "tier": "tier",
    "tier.name": "tier",
    **{f"tier.{path}": column for column, path in _TIER.items()},
    **{f"tier.fare.{path}": column for column, path in _FARE.items()},
    "quota.capacity": _QUOTA,
    "quota.name": "quota",
}
"""The column to fill for a path of the sheet, where no row has."""
_INDEX: Final = re.compile(r"\b(tier|fare|quota)\[[0-9]+\]")
ROWS_MAX: Final = 50_000
COLUMNS: Final = ("slug", *_SHOW, "tier", *_TIER, *_FARE, _QUOTA)
NEEDED: Final = ("slug", "title", "venue", "city", "starts", "tier", "capacity", "price")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row: its cells by column, without the empty ones, and the line it begins on."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the rows of a show have told so far, by path of the sheet, and where."""

    values: dict[str, str] = field(default_factory=dict[str, str])
    places: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    tiers: dict[str, int] = field(default_factory=dict[str, int])
    fares: dict[str, int] = field(default_factory=dict[str, int])
    quotas: dict[str, int] = field(default_factory=dict[str, int])


def read_sheets(text: str, name: str, findings: Findings) -> list[Sheet]:
    """Give the sheets of a CSV text; `name` stands for the file in problems."""
    rows = list(itertools.islice(_rows(text, name, findings), ROWS_MAX + 1))
    if len(rows) > ROWS_MAX:
        findings.add(name, f"the file has more than {ROWS_MAX} rows", "split it")
        return []
    shows: dict[str, _Told] = {}
    for row in rows:
        slug = row.cells.get("slug", "")
        if not slug:
            findings.add(
                f"{name}:{row.line} slug",
                "the row does not say which show it is of",
                "repeat the slug of the show on each of its rows",
            )
            continue
        told = shows.setdefault(slug, _Told())
        _tell(told, row, name, findings)
    if not rows and not findings.found:
        findings.add(name, "the file has no row of a fare", "add rows under the header")
    return [_sheet(told, name) for told in shows.values()]


def _rows(text: str, name: str, findings: Findings) -> Iterator[_Row]:
    header_line = text.lstrip().partition("\n")[0]
    delimiter = ";" if header_line.count(";") >= header_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not columns:
                columns = ["_".join(cell.casefold().split()) for cell in stripped]
                while not columns[-1]:  # Spreadsheets save columns that were once touched.
                    columns.pop()
                if not _header_right(columns, f"{name}:{line}", findings):
                    return
            elif any(stripped[len(columns) :]):
                findings.add(
                    f"{name}:{line}",
                    f"the row has {len(cells)} cells under a header of {len(columns)}",
                    f"put cells that hold '{delimiter}' in quotes",
                )
            else:
                filled = zip(columns, stripped, strict=False)
                yield _Row(line=line, cells={key: cell for key, cell in filled if cell})
    except csv.Error as error:
        advice = "close every quote, and write a quote within quotes twice"
        findings.add(f"{name}:{begins}", f"this is not CSV: {error}", advice)


def _header_right(columns: list[str], where: str, findings: Findings) -> bool:
    before, seen = len(findings.found), set[str]()
    for column in columns:
        if column in seen:
            advice = "leave one of them out"
            findings.add(where, f"the column {shown(column)} is there twice", advice)
        elif column and column not in COLUMNS:
            findings.unknown(where, column, COLUMNS, noun="column")
        seen.add(column)
        if findings.full:
            break
    for column in NEEDED:
        if column not in seen:
            findings.add(where, f"the column '{column}' is missing", "add it to the header")
    return len(findings.found) == before


def _tell(told: _Told, row: _Row, name: str, findings: Findings) -> None:
    """Add what a row says to its show, each column at its path of the sheet."""
    told.places.setdefault("", (row.line, ""))
    tier_name = row.cells.get("tier", "")
    tier = f"tier[{told.tiers.setdefault(tier_name, len(told.tiers))}]"
    told.places.setdefault(tier, (row.line, "tier"))
    fare = f"{tier}.fare[{told.fares.get(tier, 0)}]"
    told.fares[tier] = told.fares.get(tier, 0) + 1
    told.places.setdefault(fare, (row.line, "fare"))
    # A row is a fare even where it says nothing of one: what is missing is then told.
    told.values.setdefault(f"{fare}.document", "")
    paths: dict[str, tuple[str, ...]] = {
        "slug": ("slug",),
        **{column: (path,) for column, path in _SHOW.items()},
        "tier": (f"{tier}.name",),
        **{column: (f"{tier}.{path}",) for column, path in _TIER.items()},
        **{column: (f"{fare}.{path}",) for column, path in _FARE.items()},
    }
    if _QUOTA in row.cells:
        quota_name = row.cells.get("quota", "")
        quota = f"quota[{told.quotas.setdefault(quota_name, len(told.quotas))}]"
        paths[_QUOTA] = (f"{quota}.capacity",)
        paths["quota"] = (f"{fare}.quota", f"{quota}.name")
    for column, cell in row.cells.items():
        for path in paths.get(column, ()):
            _say(told, path, (row.line, column), cell, name, findings)


def _say(
    told: _Told, path: str, place: tuple[int, str], value: str, name: str, findings: Findings
) -> None:
    """Note one value of a show; it may not contradict an earlier row."""
    line, column = told.places.setdefault(path, place)
    said = told.values.get(path)
    if not said:
        told.values[path] = value
    elif said != value:
        findings.add(
            f"{name}:{place[0]} {place[1]}",
            f"{shown(value)} contradicts {shown(said)} on line {line} under '{column}'",
            "write the same on all rows of the show or tier, or leave the later cells empty",
        )


def _sheet(told: _Told, name: str) -> Sheet:
    table: dict[str, object] = {}
    for path, value in told.values.items():
        put(table, path, value)

    def place(path: str) -> str:
        line, column = nearest(path, told.places) or told.places[""]
        if path not in told.places:
            bare = _INDEX.sub(r"\1", path)
            column = _COLUMN_OF.get(bare, column)
        return f"{name}:{line} {printable(column)}".rstrip()

    return Sheet(table=table, place=place)
