"""Runs the audit on a database: one read transaction, rows streamed, nothing written.

What hangs on rows is looked up for `AT_ONCE` of them together: a query for each would cost a
server more than the proof.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core import limits
from core.audit import BROKEN, ShowAudit, row_hash
from core.ledger import HOUSE, Cell, Entry, encode
from core.proof import Images, block_counts, book_row, differences, stock_rows, venue_row
from core.verdict import Finding, Verdict
from data.auditing_house import HouseProof
from data.auditing_reading import AT_ONCE, STEP, entries_of, rows_of, some, told_by
from data.database import Database, Progress, Select, SqliteDatabase
from data.writing import COLUMNS

_SMALL_TABLES = {
    "tiers": "audit_tiers",
    "quotas": "audit_quotas",
    "fares": "audit_fares",
    "allotments": "audit_allotments",
    "promises": "audit_promises",
    "shows": "audit_show",
}
_PARTS = {
    "orders": ("orders_by_purchase", 1),
    "payments": ("payments_by_id", 2),
    "refunds": ("refunds_by_purchase", 2),
    "tickets": ("tickets_by_order", 1),
}
"""What hangs on a purchase: its statement by keys, and the cell that says whose a row is.

Payments are looked up by the ledger's names of them; one more than these is found by its count.
"""


def audit(
    database: Database | Path, show_id: int | None = None, progress: Progress | None = None
) -> Verdict:
    """Prove one show, or the house and every show. Raises `StorageLost` if it can't be read.

    A path is a SQLite file's.
    """
    if isinstance(database, Path):
        database = SqliteDatabase(database)
    with database.reading() as select:
        return prove(select, show_id, progress)


def prove(select: Select, show_id: int | None = None, progress: Progress | None = None) -> Verdict:
    """Prove what a transaction sees."""
    verdict = Verdict()
    found: list[Finding] = []
    books = {book[0]: book for book in rows_of(select, "audit_books")}
    if show_id is None:
        found += HouseProof(select, progress).prove(books)
    for book in books.values():
        if book[0] != HOUSE and show_id in {None, book[0]}:
            proof = _Show(select, book[0], progress)
            found += proof.prove(book)
            verdict.shows[str(book[0])] = proof.totals()
    verdict.problems = tuple(found)
    return verdict


class _Show:
    """The proof of one show."""

    def __init__(self, select: Select, show_id: int, progress: Progress | None) -> None:
        self._rows_of = select
        self._show_id = show_id
        self._progress = progress
        self.audit = ShowAudit(show_id)
        self._proved = {"orders": 0, "payments": 0, "refunds": 0, "tickets": 0}
        self._ended: list[tuple[int, list[Any]]] = []
        """Effects that ended, until some are held together against what ended them."""

    def prove(self, book: list[Any]) -> list[Finding]:
        self._try("effects", self._prove_ledger)
        self._try("ledger", self.audit.close)
        if self.audit.row is None:
            self.audit.find(f"ledger {self._show_id}/1", "does not publish the show")
            return self.audit.findings
        named = dict(zip(COLUMNS["books_upsert"], book, strict=True))
        self._try("books", lambda: self._prove_book(named))
        self._try("stock", self._prove_small_tables)
        self._try("events", self._prove_events)
        self._try("purchases", self._prove_purchases)
        return self.audit.findings

    def totals(self) -> dict[str, int]:
        """Return what was counted; nothing, where the ledger's numbers are none."""
        try:
            return self.audit.totals()
        except BROKEN:
            return {}

    def _try(self, name: str, step: Callable[[], None]) -> None:
        """Take a step; what it stumbles over is one more finding."""
        try:
            step()
        except BROKEN as broken:
            self.audit.find(f"{name} of show {self._show_id}", f"can't be proved: {broken!r}")

    def _select(self, name: str, **values: Cell) -> Iterator[list[Any]]:
        return rows_of(self._rows_of, name, show_id=self._show_id, **values)

    def _tell(self, count: int) -> None:
        if self._progress is not None and count % STEP == 0:
            self._progress(STEP)

    def _prove_ledger(self) -> None:
        """Feed the chain, holding the effects each entry caused against the outbox as it goes."""
        outbox = self._select("audit_effects")
        effect = next(outbox, None)
        done, dead = 0, set[tuple[int, int]]()
        for count, row in enumerate(self._select("audit_ledger"), 1):
            entry = Entry(*row)
            data = self.audit.feed(entry) or {}
            for listed in data.get("effects", ()):
                found = effect
                effect = next(outbox, None)
                state = self._prove_effect(entry, listed, found)
                done += state == "done"
                if state == "dead":
                    dead.add((entry.seq, listed[0]))
            if len(self._ended) >= AT_ONCE:
                self._prove_ended()
            self._tell(count)
        self._prove_ended()
        if effect is not None:
            self.audit.find(f"effects {self._show_id}/{effect[0]}", "no ledger entry caused it")
        if done != self.audit.effects_done:
            told = self.audit.effects_done
            where = f"effects of show {self._show_id}"
            self.audit.find(where, f"{done} are marked done, the ledger says {told}")
        for seq, item in sorted(dead ^ self.audit.dead):
            where = f"effects {self._show_id}/{seq}/{item}"
            self.audit.find(where, "was given up and is not marked so, or the other way round")

    def _prove_effect(self, entry: Entry, listed: list[Any], found: list[Any] | None) -> str:
        """Hold an effect against what the ledger says; return its state."""
        where = f"effects {self._show_id}/{entry.seq}/{listed[0]}"
        if found is None or found[:7] != [entry.seq, *listed]:
            self.audit.find(where, "is not what the ledger says, or is missing")
            return ""
        state, ended_seq, ended_ms = found[7:]
        if state != "waiting" or ended_ms is not None or ended_seq is not None:
            self._ended.append((listed[0], found))
        return str(state)

    def _prove_ended(self) -> None:
        """Hold effects that ended against the entries that say so."""
        ended, self._ended = self._ended, []
        entries = entries_of(self._rows_of, self._show_id, (found[8] for _, found in ended))
        for item, (seq, *_, state, ended_seq, ended_ms) in ended:
            at_ms, data = told_by(entries.get(ended_seq))
            if [*data.get("effect", ()), at_ms] != [seq, item, state, ended_ms]:
                where = f"effects {self._show_id}/{seq}/{item}"
                self.audit.find(where, f"is marked {state}, which the ledger does not say")

    def _prove_book(self, book: dict[str, Any]) -> None:
        for name, proved in book_row(self.audit).items():
            if book[name] != proved:
                where = f"books {self._show_id}.{name}"
                self.audit.find(where, f"is {book[name]!r}, the ledger says {proved!r}")

    def _prove_small_tables(self) -> None:
        proved = stock_rows(self.audit)
        for name, query in _SMALL_TABLES.items():
            self._compare(name, list(self._select(query)), proved[name])
        place, series = venue_row(self.audit)
        found = next(self._select("audit_venue"), None) or [None] * 8
        if found[:6] != place or found[6:] != (series or [None, None]):
            self.audit.find(f"venues of show {self._show_id}", "are not as published")
        blocks = dict(map(tuple, self._select("audit_blocks")))
        if blocks != block_counts(self.audit, limits.PLACES_PER_BLOCK):
            self.audit.find(f"blocks {self._show_id}", "do not count who waits in line")

    def _compare(self, name: str, found: list[list[Any]], proved: list[list[Any]]) -> None:
        for where, what in differences(name, found, proved):
            self.audit.find(where, what)

    def _prove_events(self) -> None:
        total = sum(map(row_hash, self._select("audit_events")))
        if total != self.audit.events_sum:
            where = f"events of show {self._show_id}"
            self.audit.find(where, "are not those that the ledger took in")

    def _prove_purchases(self) -> None:
        count = last_seqs = 0
        for rows in some(self._select("audit_purchases")):
            images = self._images(rows)
            self._prove_rows(rows, images)
            for row in rows:
                count += 1
                last_seqs += row[20]
                self._tell(count)
        if count != self.audit.joined or last_seqs != self.audit.last_seqs:
            where = f"purchases of show {self._show_id}"
            self.audit.find(where, "rows are missing, added, or put back to an older state")
        counted = next(self._select("audit_counts"))
        for (name, proved), found in zip(self._proved.items(), counted, strict=True):
            if found != proved:
                where = f"{name} of show {self._show_id}"
                self.audit.find(where, f"{found} rows, the ledger says {proved}")

    def _images(self, rows: list[list[Any]]) -> list[Images]:
        """Walk back the entries of some purchases, a step of all of them at a time."""
        images = [Images() for _ in rows]
        at = {n: self._past_draw(row, images[n], row[20]) for n, row in enumerate(rows)}
        while at := {n: seq for n, seq in at.items() if seq}:
            entries = entries_of(self._rows_of, self._show_id, at.values())
            for n, seq in at.items():
                entry = entries.get(seq)
                try:
                    before = min(images[n].add(entry), seq - 1) if entry is not None else 0
                except BROKEN:
                    before = 0
                at[n] = self._past_draw(rows[n], images[n], before)
        return images

    def _past_draw(self, row: list[Any], images: Images, seq: int) -> int:
        """Return the entry of a purchase at or before this one that is no step of the draw."""
        drawn = self.audit.drawn_rows.get(row[1])
        while seq in self.audit.draw_steps and drawn is not None:
            if images.purchase is None and drawn[0] == row_hash(row):
                images.purchase = row
            seq = min(drawn[1], seq - 1)
        return seq

    def _prove_rows(self, rows: list[list[Any]], images: list[Images]) -> None:
        """Hold the rows of some purchases, and what hangs on them, against their images."""
        for row, image in zip(rows, images, strict=True):
            if image.purchase != row:
                where = f"purchases {self._show_id}/{row[1]}"
                self.audit.find(where, "is not what the ledger says")
        ordered = [(row, im) for row, im in zip(rows, images, strict=True) if im.order is not None]
        by_id = encode([[self._show_id, row[1]] for row, _ in ordered])
        by_number = encode([[self._show_id, row[5]] for row, _ in ordered])
        of_money = [[self._show_id, name] for _, im in ordered for name in im.payments]
        for name, keys, proved in (
            ("orders", by_id, [[im.order or []] for _, im in ordered]),
            ("payments", encode(of_money), [[*im.payments.values()] for _, im in ordered]),
            ("refunds", by_id, [[*im.refunds.values()] for _, im in ordered]),
            ("tickets", by_number, [[*im.tickets.values()] for _, im in ordered]),
        ):
            query, of = _PARTS[name]
            found: dict[Cell, list[list[Any]]] = {}
            for one in self._keyed(query, keys):
                found.setdefault(one[of], []).append(one)
            for (row, _), its in zip(ordered, proved, strict=True):
                self._proved[name] += len(its)
                self._compare(name, found.get(row[5 if name == "tickets" else 1], []), its)

    def _keyed(self, name: str, keys: str) -> Iterator[list[Any]]:
        return rows_of(self._rows_of, name, keys=keys)
