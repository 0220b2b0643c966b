"""The ledger: append-only, one hash chain a show, so that everything can be proved afterwards.

An entry says what happened, when, by whom, and holds the rows as they stood after it (its
`data`, a JSON object). The newest row an entry holds is therefore what the table must hold, and
the chain makes any edit of either visible. Chain 0 is the house's: customers, clerks, catalogue.

    hash(n) = SHA-256(hash(n-1) LF show LF seq LF at_ms LF kind LF purchase LF actor LF data)
"""

import json
from dataclasses import dataclass
from hashlib import sha256

HOUSE = 0
"""The chain of what belongs to no show."""
START = "0" * 64
"""The hash before the first entry of a chain."""

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
"""Write JSON the one way the ledger and the store do: compact, accents as they are."""


Cell = int | str | None
Cells = list[Cell]
"""A row as the store keeps it: integers, texts and nulls, columns in order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a chain, as kept."""

    show_id: int
    seq: int
    at_ms: int
    kind: str
    purchase_id: str | None
    actor: str
    data: str
    hash: str


def link(  # noqa: PLR0913, PLR0917 - an entry has seven parts and the hash covers each
    head: str,
    show_id: int,
    seq: int,
    at_ms: int,
    kind: str,
    purchase_id: str | None,
    actor: str,
    data: str,
) -> str:
    """Return the hash of the entry that follows `head`."""
    text = f"{head}\n{show_id}\n{seq}\n{at_ms}\n{kind}\n{purchase_id or ''}\n{actor}\n{data}"
    return sha256(text.encode()).hexdigest()


def previous(entry: Entry, purchase_id: str) -> int:
    """Return the number of the entry about the purchase before this one; 0 if this is the first.

    A step of the draw is about many purchases at once.
    """
    data = json.loads(entry.data)
    if "prev" in data:
        return int(data["prev"])
    for row, prev in zip(data["purchases"], data["prevs"], strict=True):
        if row[1] == purchase_id:
            return int(prev)
    return 0
