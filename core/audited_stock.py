"""What a show's small tables must say, as the audit has it from the ledger alone.

Tiers, quotas, fares and allotments without what sales change of them: as they were published, and
as each change left them.
"""

import json
from collections.abc import Iterator
from typing import Any

Rows = dict[str, list[list[Any]]]
"""Rows of the small tables by table, in the order of their columns."""
Kept = dict[str, dict[tuple[int | str, ...], list[Any]]]
"""The same by table and key, without the show."""
_FOR_GOOD = {"tiers": (2,), "quotas": (2,), "fares": (2, 3, 6, 7, 8)}
"""Which cells never change: names, and all of a fare but its price, its fee and its closing."""


def published(show_id: int, plain: dict[str, Any]) -> Rows:
    """Return the rows with which a show is published."""
    rows: Rows = {"tiers": [], "quotas": [], "fares": [], "allotments": []}
    quotas = {quota["name"]: no for no, quota in enumerate(plain["quotas"], 1)}
    for no, quota in enumerate(plain["quotas"], 1):
        rows["quotas"].append([show_id, no, quota["name"], quota["capacity"]])
    for no, tier in enumerate(plain["tiers"], 1):
        rows["tiers"].append([show_id, no, tier["name"], tier["capacity"], 0])
        for fare in tier["fares"]:
            cells = [show_id, len(rows["fares"]) + 1, no, fare["name"]]
            cells += [fare["price_minor"], fare["fee_minor"], quotas.get(fare["quota"])]
            rows["fares"].append([*cells, int(fare["proof"]), int(fare["document"]), 0])
        for kept in tier["allotments"]:
            cells = [show_id, no, kept["channel"], kept["quantity"], kept["release_ms"]]
            rows["allotments"].append([*cells, 0])
    return rows


def keyed(rows: Rows) -> Kept:
    """Return the rows by their keys."""
    sizes = {"tiers": 2, "quotas": 2, "fares": 2, "allotments": 3}
    return {
        name: {tuple(cells[1:size]): cells for cells in rows[name]} for name, size in sizes.items()
    }


def faults(before: Kept, now: Kept, plain: dict[str, Any]) -> Iterator[str]:
    """Say what a change does that it may not: what was sold under a name means what it meant."""
    for name, places in _FOR_GOOD.items():
        for key, cells in before[name].items():
            other = now[name].get(key)
            if other is None or any(other[place] != cells[place] for place in places):
                yield f"{name} {key[0]}: what was sold becomes something else"
    for key, cells in before["allotments"].items():
        other = now["allotments"].get(key)
        if other is None or cells[5] > other[5]:
            yield f"the allotment {key} is gone, or taken back"
    named = {tier["name"]: tier["capacity"] for tier in plain["tiers"]}
    if named != {cells[2]: cells[3] for cells in now["tiers"].values() if not cells[4]}:
        yield "its tiers are not those of the show that it tells"


def frame_faults(before: list[Any], zone: str, now: list[Any], text: str) -> Iterator[str]:
    """Say what a change does to what is for good. `before`, `now`: the rows of the show."""
    kept = [*before[:2], *before[6:8]]
    if [*now[:2], *now[6:8]] != kept or now[9] != text:
        yield "changes what is for good: slug, currency or the draw's seed"
    if json.loads(text)["venue"]["time_zone"] != zone:
        yield "changes the time zone"
