"""Runs the audit on a database: one read transaction, rows streamed, nothing written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core import limits
from core.audit import BROKEN, Finding, ShowAudit, Verdict, read_data, row_hash
from core.catalogue import LANGUAGES
from core.house import digest
from core.ledger import HOUSE, START, Cell, Entry, encode, link
from core.proof import Images, block_counts, book_row, differences, stock_rows, venue_row
from core.search import normalise
from data.database import Database, Progress, Select, SqliteDatabase
from data.writing import COLUMNS

_STEP = 1_000
_SMALL_TABLES = {
    "tiers": "audit_tiers",
    "quotas": "audit_quotas",
    "fares": "audit_fares",
    "allotments": "audit_allotments",
    "promises": "audit_promises",
    "shows": "audit_show",
}


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
    books = {book[0]: book for book in _rows(select, "audit_books")}
    if show_id is None:
        found += _House(select, progress).prove(books)
    for book in books.values():
        if book[0] != HOUSE and show_id in {None, book[0]}:
            proof = _Show(select, book[0], progress)
            found += proof.prove(book)
            verdict.shows[str(book[0])] = proof.totals()
    verdict.problems = tuple(found)
    return verdict


def _rows(select: Select, name: str, **values: Cell) -> Iterator[list[Any]]:
    for row in select(name, **values):
        yield list(row)


def _told(select: Select, show_id: int, seq: Cell) -> tuple[Cell, dict[str, Any]]:
    """Return (when, data) of an entry; nothing of one that is not there or can't be read."""
    try:
        row = next(_rows(select, "entry", show_id=show_id, seq=seq), None)
        return (row[2], read_data(row[6])) if row is not None else (None, {})
    except BROKEN:
        return None, {}


class _Show:
    """The proof of one show."""

    def __init__(self, select: Select, show_id: int, progress: Progress | None) -> None:
        self._rows_of = select
        self._show_id = show_id
        self._progress = progress
        self.audit = ShowAudit(show_id)
        self._proved = {"orders": 0, "payments": 0, "refunds": 0, "tickets": 0}

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
        return _rows(self._rows_of, name, show_id=self._show_id, **values)

    def _tell(self, count: int) -> None:
        if self._progress is not None and count % _STEP == 0:
            self._progress(_STEP)

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
            self._tell(count)
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
        at_ms, data = _told(self._rows_of, self._show_id, ended_seq)
        told = [*data.get("effect", ()), at_ms]
        ended = state != "waiting" or ended_ms is not None or ended_seq is not None
        if ended and told != [entry.seq, listed[0], state, ended_ms]:
            self.audit.find(where, f"is marked {state}, which the ledger does not say")
        return str(state)

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
            except BROKEN:
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

    def __init__(self, select: Select, progress: Progress | None) -> None:
        self._rows_of = select
        self._progress = progress
        self._found: list[Finding] = []
        self._clerks: dict[str, tuple[str, str]] = {}
        self._erased: dict[str, int] = {}
        """When each customer who asked for it was erased, the last time."""
        self._prefers: dict[str, str] = {}
        """The digest of what customers prefer who said so after they were registered."""
        self._registered = 0
        self._shifts: dict[str, list[Any]] = {}
        self._moves: dict[str, list[Any]] = {}
        self._shows: set[int] = set()
        self._at_ms = 0

    def prove(self, books: dict[int, list[Any]]) -> list[Finding]:
        head, seq = START, 0
        for row in _rows(self._rows_of, "audit_ledger", show_id=HOUSE):
            entry = Entry(*row)
            seq += 1
            try:
                self._prove_entry(entry, head, seq)
            except BROKEN as broken:
                self._find(f"ledger 0/{entry.seq}", f"can't be read: {broken!r}")
            head = entry.hash
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
        for part, name in _rows(self._rows_of, "audit_loose"):
            self._find(f"{part} {name}", "hangs on nothing")
        self._prove_customers()
        for part, step in (("clerks", self._prove_clerks), ("shifts", self._prove_shifts)):
            try:
                step()
            except BROKEN as broken:
                self._find(part, f"can't be proved: {broken!r}")
        return self._found

    def _find(self, where: str, what: str) -> None:
        self._found.append(Finding(where, what))

    def _prove_entry(self, entry: Entry, head: str, seq: int) -> None:
        parts = (entry.at_ms, entry.kind, entry.purchase_id, entry.actor, entry.data)
        if entry.seq != seq or link(head, HOUSE, entry.seq, *parts) != entry.hash:
            self._find(f"ledger 0/{entry.seq}", "does not follow from the entry before")
            return
        if entry.purchase_id is not None:
            self._find(f"ledger 0/{entry.seq}", "names a purchase")
        data = read_data(entry.data)
        self._at_ms = entry.at_ms
        if entry.kind == "published":
            self._shows.update(data["shows"])
        elif entry.kind == "registered":
            self._registered += 1
        elif entry.kind == "preferred":
            self._prefers[data["customer"]] = data["prefers"]
        elif entry.kind == "erased":
            self._erased[data["customer"]] = entry.at_ms
        elif entry.kind == "clerk_set":
            self._clerks[data["clerk"]] = (data["role"], data["digest"])
        elif entry.kind in {"shift_opened", "shift_closed"}:
            self._shifts[data["shift"][0]] = data["shift"]
        elif entry.kind == "cash_moved":
            self._moves[f"{data['move'][0]}/{data['move'][1]}"] = data["move"]

    def _prove_customers(self) -> None:
        count = 0
        for count, row in enumerate(_rows(self._rows_of, "audit_customers"), 1):
            try:
                proved = self._proves_customer(row)
            except BROKEN:
                proved = False
            if not proved:
                self._find(f"customers {row[0]}", "is not what the ledger says")
            if self._progress is not None and count % _STEP == 0:
                self._progress(_STEP)
        if count != self._registered:
            told = self._registered
            self._find("customers", f"{count} rows, the ledger says {told}")

    def _proves_customer(self, row: list[Any]) -> bool:
        """Whether a customer is as registered or, erased, as the erasure leaves it."""
        customer_id, name, language, channels, salt, created_ms, erased_ms, seq, found_by = row
        at_ms, data = _told(self._rows_of, HOUSE, seq)
        if (data.get("customer"), at_ms) != (customer_id, created_ms):
            return False
        if found_by != normalise(name):
            return False
        contacts = list(_rows(self._rows_of, "audit_contacts", customer_id=customer_id))
        if erased_ms != self._erased.get(customer_id):
            return False
        if erased_ms is not None:
            # The digest can't be worked out any more: what is left of the person must be nothing.
            return not (name or salt or contacts or channels) and language in LANGUAGES
        prefers = self._prefers.get(customer_id, data.get("prefers"))
        return (data.get("digest"), prefers) == (
            digest(salt, customer_id, name, encode(contacts)),
            digest(salt, language, channels),
        )

    def _prove_clerks(self) -> None:
        rows = list(_rows(self._rows_of, "clerks_all"))
        found = {row[0]: (row[1], digest("", *row)) for row in rows}
        for name in sorted(found.keys() | self._clerks.keys(), key=str):
            if found.get(name) != self._clerks.get(name):
                self._find(f"clerks {name}", "is not what the ledger says")

    def _prove_shifts(self) -> None:
        shifts = {str(row[0]): row for row in _rows(self._rows_of, "audit_shifts")}
        moves = {f"{r[0]}/{r[1]}": r for r in _rows(self._rows_of, "audit_shift_moves")}
        for part, found, proved in (
            ("shifts", shifts, self._shifts),
            ("shift_moves", moves, self._moves),
        ):
            for name in sorted(found.keys() | proved.keys(), key=str):
                if found.get(name) != proved.get(name):
                    self._find(f"{part} {name}", "is not what the ledger says")
