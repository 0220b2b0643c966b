"""Runs the audit on a SQLite file: one read transaction, rows streamed, nothing written."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from core import limits
from core.audit import Finding, ShowAudit, Verdict, row_hash
from core.house import digest
from core.ledger import HOUSE, START, Cell, Entry, encode, link
from core.proof import Images, block_counts, book_row, differences, stock_rows, venue_row
from data.sqlite import connect, storage_lost
from data.statements import statement
from data.writing import COLUMNS

Progress = Callable[[int], None]
"""Told how many more rows were proved."""

_STEP = 1_000
_SMALL_TABLES = {
    "tiers": "audit_tiers",
    "quotas": "audit_quotas",
    "fares": "audit_fares",
    "allotments": "audit_allotments",
    "promises": "audit_promises",
    "shows": "audit_show",
}


def audit(path: Path, show_id: int | None = None, progress: Progress | None = None) -> Verdict:
    """Prove one show, or the house and every show. Raises `StorageLost` if it can't be read."""
    verdict = Verdict()
    found: list[Finding] = []
    try:
        with closing(connect(path, read_only=True)) as connection:
            connection.execute("begin")
            books = {book[0]: book for book in _rows(connection, "audit_books")}
            if show_id is None:
                found += _House(connection, progress).prove(books)
            for book in books.values():
                if book[0] != HOUSE and show_id in {None, book[0]}:
                    proof = _Show(connection, book[0], progress)
                    found += proof.prove(book)
                    verdict.shows[str(book[0])] = proof.audit.totals()
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
    verdict.problems = tuple(found)
    return verdict


def _rows(connection: sqlite3.Connection, name: str, **values: Cell) -> Iterator[list[Any]]:
    for row in connection.execute(statement(name), values):
        yield list(row)


class _Show:
    """The proof of one show."""

    def __init__(
        self, connection: sqlite3.Connection, show_id: int, progress: Progress | None
    ) -> None:
        self._connection = connection
        self._show_id = show_id
        self._progress = progress
        self.audit = ShowAudit(show_id)
        self._proved = {"orders": 0, "payments": 0, "refunds": 0, "tickets": 0}

    def prove(self, book: list[Any]) -> list[Finding]:
        self._prove_ledger()
        self.audit.close()
        if self.audit.row is None:
            self.audit.find(f"ledger {self._show_id}/1", "does not publish the show")
            return self.audit.findings
        self._prove_book(dict(zip(COLUMNS["books_upsert"], book, strict=True)))
        self._prove_small_tables()
        self._prove_events()
        self._prove_purchases()
        return self.audit.findings

    def _select(self, name: str, **values: Cell) -> Iterator[list[Any]]:
        return _rows(self._connection, name, show_id=self._show_id, **values)

    def _tell(self, count: int) -> None:
        if self._progress is not None and count % _STEP == 0:
            self._progress(_STEP)

    def _prove_ledger(self) -> None:
        """Feed the chain, holding the effects each entry caused against the outbox as it goes."""
        outbox = self._select("audit_effects")
        effect = next(outbox, None)
        done = 0
        for count, row in enumerate(self._select("audit_ledger"), 1):
            entry = Entry(*row)
            data = self.audit.feed(entry) or {}
            for listed in data.get("effects", ()):
                found = effect
                effect = next(outbox, None)
                done += self._prove_effect(entry, listed, found)
            self._tell(count)
        if effect is not None:
            self.audit.find(f"effects {self._show_id}/{effect[0]}", "no ledger entry caused it")
        if done != self.audit.effects_done:
            told = self.audit.effects_done
            where = f"effects of show {self._show_id}"
            self.audit.find(where, f"{done} are marked done, the ledger says {told}")

    def _prove_effect(self, entry: Entry, listed: list[Any], found: list[Any] | None) -> int:
        where = f"effects {self._show_id}/{entry.seq}/{listed[0]}"
        if found is None or found[:7] != [entry.seq, *listed]:
            self.audit.find(where, "is not what the ledger says, or is missing")
            return 0
        state, ended_seq, ended_ms = found[7:]
        ends = list(self._select("entry", seq=ended_seq)) if ended_seq is not None else []
        told = [*json.loads(ends[0][6]).get("effect", ()), ends[0][2]] if ends else None
        ended = state != "waiting" or ended_ms is not None or ended_seq is not None
        if ended and told != [entry.seq, listed[0], state, ended_ms]:
            self.audit.find(where, f"is marked {state}, which the ledger does not say")
        return int(state == "done")

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
        for count, row in enumerate(self._select("audit_purchases"), 1):
            last_seqs += row[20]
            self._prove_purchase(row)
            self._tell(count)
        if count != self.audit.joined or last_seqs != self.audit.last_seqs:
            where = f"purchases of show {self._show_id}"
            self.audit.find(where, "rows are missing, added, or put back to an older state")
        counted = next(self._select("audit_counts"))
        for (name, proved), found in zip(self._proved.items(), counted, strict=True):
            if found != proved:
                where = f"{name} of show {self._show_id}"
                self.audit.find(where, f"{found} rows, the ledger says {proved}")

    def _prove_purchase(self, row: list[Any]) -> None:
        purchase_id, number = row[1], row[5]
        images = Images()
        seq = row[20]
        while seq:
            drawn = self.audit.drawn_rows.get(purchase_id)
            if seq in self.audit.draw_steps and drawn is not None:
                if images.purchase is None and drawn[0] == row_hash(row):
                    images.purchase = row
                seq = min(drawn[1], seq - 1)
                continue
            found = next(self._select("entry", seq=seq), None)
            if found is None:
                break
            try:
                seq = min(images.add(Entry(*found)), seq - 1)
            except (ValueError, KeyError, TypeError, IndexError):
                break
        if images.purchase != row:
            where = f"purchases {self._show_id}/{purchase_id}"
            self.audit.find(where, "is not what the ledger says")
        if images.order is None:
            return
        key = {"purchase_id": purchase_id}
        parts = {
            "orders": ("order_by_purchase", key, [images.order]),
            "payments": ("payments_by_purchase", key, list(images.payments.values())),
            "refunds": ("refunds_of_purchase", key, list(images.refunds.values())),
            "tickets": ("tickets_by_number", {"order_no": number}, list(images.tickets.values())),
        }
        for name, (query, values, proved) in parts.items():
            self._proved[name] += len(proved)
            self._compare(name, list(self._select(query, **values)), proved)


class _House:
    """The proof of the house's book: customers and clerks by their digests."""

    def __init__(self, connection: sqlite3.Connection, progress: Progress | None) -> None:
        self._connection = connection
        self._progress = progress
        self._found: list[Finding] = []
        self._clerks: dict[str, tuple[str, str]] = {}
        self._erased: set[str] = set()
        self._registered = 0
        self._shows: set[int] = set()
        self._at_ms = 0

    def prove(self, books: dict[int, list[Any]]) -> list[Finding]:
        head, seq = START, 0
        for row in _rows(self._connection, "audit_ledger", show_id=HOUSE):
            entry = Entry(*row)
            seq += 1
            head = self._prove_entry(entry, head, seq)
        # Status, counts and draw of the house's book never change; wake-up and pace are empty.
        kept = books.get(HOUSE, [])
        if kept[:12] != [HOUSE, "house", 1, *[0] * 7, "", ""] or kept[15:] != [
            self._at_ms,
            seq,
            head,
        ]:
            self._find("books 0", "is not what the ledger of the house says")
        for show_id in self._shows ^ (books.keys() - {HOUSE}):
            self._find(f"books {show_id}", "is missing, or no show was published with it")
        self._prove_customers()
        self._prove_clerks()
        return self._found

    def _find(self, where: str, what: str) -> None:
        self._found.append(Finding(where, what))

    def _prove_entry(self, entry: Entry, head: str, seq: int) -> str:
        parts = (entry.at_ms, entry.kind, entry.purchase_id, entry.actor, entry.data)
        if entry.seq != seq or link(head, HOUSE, entry.seq, *parts) != entry.hash:
            self._find(f"ledger 0/{entry.seq}", "does not follow from the entry before")
            return entry.hash
        data = json.loads(entry.data)
        self._at_ms = entry.at_ms
        if entry.kind == "published":
            self._shows.update(data["shows"])
        elif entry.kind == "registered":
            self._registered += 1
        elif entry.kind == "erased":
            self._erased.add(data["customer"])
        elif entry.kind == "clerk_set":
            self._clerks[data["clerk"]] = (data["role"], data["digest"])
        return entry.hash

    def _prove_customers(self) -> None:
        count = 0
        for count, row in enumerate(_rows(self._connection, "audit_customers"), 1):
            customer_id, name, language, salt, created_ms, erased_ms, seq = row
            if (erased_ms is not None) != (customer_id in self._erased):
                self._find(f"customers {customer_id}", "erasure is not what the ledger says")
            if erased_ms is None:
                contacts = list(_rows(self._connection, "audit_contacts", customer_id=customer_id))
                proof = digest(salt, customer_id, name, language, encode(contacts))
                entry = next(_rows(self._connection, "entry", show_id=HOUSE, seq=seq), None)
                data: dict[str, Any] = json.loads(entry[6]) if entry else {}
                told = (data.get("customer"), data.get("digest"), entry[2] if entry else None)
                if told != (customer_id, proof, created_ms):
                    self._find(f"customers {customer_id}", "is not what the ledger says")
            if self._progress is not None and count % _STEP == 0:
                self._progress(_STEP)
        if count != self._registered:
            told = self._registered
            self._find("customers", f"{count} rows, the ledger says {told}")

    def _prove_clerks(self) -> None:
        rows = list(_rows(self._connection, "clerks_all"))
        found = {row[0]: (row[1], digest("", *row)) for row in rows}
        for name in found.keys() | self._clerks.keys():
            if found.get(name) != self._clerks.get(name):
                self._find(f"clerks {name}", "is not what the ledger says")
