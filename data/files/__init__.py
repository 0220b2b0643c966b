"""Catalogues from files: our TOML, CSV as spreadsheets save it, schema.org events as JSON-LD.

`read_catalogue` is all that other rooms need. It never raises for what a file holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.catalogue import ShowDraft
from core.terms import Problem
from data.files import csv_shows, jsonld_events, toml_shows
from data.files.jsonld_events import Supplied
from data.files.sheets import SHOWS_MAX, Findings, Sheet, printable
from data.files.shows import read_show
from data.files.text import file_text

__all__ = ["BYTES_MAX", "SHOWS_MAX", "Supplied", "read_catalogue"]

BYTES_MAX: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """How the text of a kind of file becomes sheets; spreadsheets may be in Windows-1252."""

    sheets: Callable[[str, str, Supplied, Findings], list[Sheet]]
    windows_too: bool = False


def _toml(text: str, name: str, _: Supplied, findings: Findings) -> list[Sheet]:
    return toml_shows.read_sheets(text, name, findings)


def _csv(text: str, name: str, _: Supplied, findings: Findings) -> list[Sheet]:
    return csv_shows.read_sheets(text, name, findings)


_FORMATS: Final = MappingProxyType(
    {
        ".toml": _Format(sheets=_toml),
        ".csv": _Format(sheets=_csv, windows_too=True),
        ".json": _Format(sheets=jsonld_events.read_sheets),
        ".jsonld": _Format(sheets=jsonld_events.read_sheets),
        ".html": _Format(sheets=jsonld_events.read_page_sheets, windows_too=True),
        ".htm": _Format(sheets=jsonld_events.read_page_sheets, windows_too=True),
    }
)


def read_catalogue(
    path: Path, *, now_ms: int, supplied: Supplied | None = None, max_bytes: int = BYTES_MAX
) -> tuple[tuple[ShowDraft, ...], tuple[Problem, ...]]:
    """Read all shows of a file, or all that is wrong with it: one of the two is empty.

    `now_ms` is what times such as 'in 40 days' count from. `supplied` fills in what published
    events leave out. The kind of file is known by the end of its name.
    """
    supplied = supplied or Supplied()
    name = printable(path.name)
    findings = Findings()
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        advice = f"give a file that ends in {', '.join(_FORMATS)}"
        findings.add(name, "this is not a kind of catalogue that can be read", advice)
        return (), findings.problems(name)
    text = file_text(path, name, max_bytes, findings, windows_too=kind.windows_too)
    sheets = [] if text is None else kind.sheets(text, name, supplied, findings)
    if len(sheets) > SHOWS_MAX:
        findings.add(name, f"the file has more than {SHOWS_MAX} shows", "split it")
        sheets = []
    shows = _shows(sheets, now_ms, supplied, findings)
    problems = findings.problems(name)
    return (() if problems else shows), problems


def _shows(
    sheets: Sequence[Sheet], now_ms: int, supplied: Supplied, findings: Findings
) -> tuple[ShowDraft, ...]:
    shows: list[ShowDraft] = []
    slugs: dict[str, str] = {}
    titles: dict[str, str] = {}
    for sheet in sheets:
        if findings.full:
            break
        draft = read_show(sheet, now_ms, supplied.time_zone, findings)
        slug = sheet.table.get("slug")
        # Looked at in the sheet: a show that has other problems is still the second of its slug.
        if isinstance(slug, str) and slug.strip():
            where = sheet.place("slug")
            first = slugs.setdefault(slug.strip(), where)
            if first != where:
                advice = "give each show a slug of its own"
                findings.add(where, f"the slug is that of another show, at {first}", advice)
        if draft is not None:
            shows.append(draft)
            _same_series(draft, sheet, titles, findings)
    return tuple(shows)


def _same_series(
    draft: ShowDraft, sheet: Sheet, titles: dict[str, str], findings: Findings
) -> None:
    """Refuse a series that bears two titles in one file."""
    series = draft.series
    if series is not None and titles.setdefault(series.slug, series.title) != series.title:
        findings.add(
            sheet.place("series.title"),
            f"the series '{series.slug}' has another title elsewhere in the file",
            "write one title",
        )
