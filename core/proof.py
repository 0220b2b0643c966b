"""Holds rows of the tables against what the ledger says they must be.

Each ledger entry holds the rows it changed as they stood after it. Walking a purchase's entries
back from the newest, the first image met of each row is what its table must hold today.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from core.audit import ShowAudit
from core.ledger import Entry

Cells = list[Any]


@dataclass(slots=True)
class Images:
    """The newest image of each row of one purchase."""

    purchase: Cells | None = None
    order: Cells | None = None
    payments: dict[str, Cells] = field(default_factory=dict[str, Cells])
    refunds: dict[str, Cells] = field(default_factory=dict[str, Cells])
    tickets: dict[int, Cells] = field(default_factory=dict[int, Cells])

    def add(self, entry: Entry) -> int:
        """Take in the next older entry; return the number of the one before it."""
        data = json.loads(entry.data)
        if self.purchase is None:
            self.purchase = data["purchase"]
        if self.order is None:
            self.order = data.get("order")
        if "payment" in data:
            self.payments.setdefault(data["payment"][1], data["payment"])
        if "refund" in data:
            self.refunds.setdefault(data["refund"][1], data["refund"])
        for ticket in data.get("tickets", ()):
            self.tickets.setdefault(ticket[2], ticket)
        return int(data["prev"])


def differences(name: str, found: list[Cells], proved: list[Cells]) -> list[tuple[str, str]]:
    """Return (which row, what is wrong) where the rows of a table are not the proved ones."""
    wrong = [
        (f"{name} {row[0]}/{row[1]}", "is not what the ledger says")
        for row in found
        if row not in proved
    ]
    if not wrong and len(found) != len(proved):
        missing = next(row for row in proved if row not in found)
        wrong.append((f"{name} {missing[0]}/{missing[1]}", "is missing"))
    return wrong


def stock_rows(audit: ShowAudit) -> dict[str, list[Cells]]:
    """Return the rows of the small tables of a show as the ledger proves them."""
    show_id, stock = audit.show_id, audit.stock
    rows: dict[str, list[Cells]] = {
        "tiers": [
            [*cells[:4], audit.held[cells[1]], audit.sold[cells[1]], cells[4]]
            for cells in stock["tiers"].values()
        ],
        "quotas": [[*cells, audit.used[cells[1]]] for cells in stock["quotas"].values()],
        "fares": list(stock["fares"].values()),
        "allotments": [
            [*cells[:4], audit.taken[cells[1], cells[2]], *cells[4:]]
            for cells in stock["allotments"].values()
        ],
    }
    rows["promises"] = [[show_id, pool, n] for pool, n in audit.promised.items() if n]
    rows["shows"] = [audit.row or []]
    return rows


def book_row(audit: ShowAudit) -> dict[str, int | str]:
    """Return what a show's book must say; pacing and wake-up times are no evidence."""
    return {
        "status": audit.status,
        "next_number": audit.next_number,
        "lobby": audit.count("in_lobby"),
        "waiting": audit.count("in_line"),
        "opened": audit.count("called", "choosing"),
        "paying": audit.count("paying"),
        "valid": audit.valid,
        "to_draw": audit.to_draw,
        "drawn": audit.drawn,
        "list_digest": audit.list_digest,
        "seed": audit.seed,
        "change": audit.change,
        "told_id": audit.told_id,
        "last_ms": audit.at_ms,
        "ledger_seq": audit.seq,
        "ledger_head": audit.head,
    }


def block_counts(audit: ShowAudit, block_places: int) -> dict[int, int]:
    """Return how many wait in each block of the line."""
    counts: dict[int, int] = {}
    for live in audit.live.values():
        if live.place is not None:
            block = live.place[0] // block_places
            counts[block] = counts.get(block, 0) + 1
    return counts


def venue_row(audit: ShowAudit) -> tuple[Cells, Cells | None]:
    """Return (venue without its id, series without its id) as the ledger last had them."""
    venue, series = audit.plain["venue"], audit.plain["series"]
    where = [venue["name"], venue["city"], venue["address"], venue["region"]]
    place = [*where, venue["country"], venue["time_zone"]]
    return place, ([series["slug"], series["title"]] if series else None)
