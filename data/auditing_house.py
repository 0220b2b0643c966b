"""The audit of the house's own book: customers, clerks and drawers."""

from typing import Any

from core.audit import BROKEN, read_data
from core.catalogue import LANGUAGES
from core.house import digest
from core.ledger import HOUSE, START, Cell, Entry, encode, link
from core.search import normalise
from core.verdict import Finding
from data.auditing_reading import STEP, entries_of, rows_of, some, told_by
from data.database import Progress, Select


class HouseProof:
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
        for row in rows_of(self._rows_of, "audit_ledger", show_id=HOUSE):
            entry = Entry(*row)
            seq += 1
            try:
                self._prove_entry(entry, head, seq)
            except BROKEN as broken:
                self._find(f"ledger 0/{entry.seq}", f"can't be read: {broken!r}")
            head = entry.hash
        # Status, counts and draw of the house's book never change; wake-up and pace are empty.
        kept = books.get(HOUSE, [])
        if kept[:14] != [HOUSE, "house", 1, *[0] * 7, *[""] * 4] or kept[17:] != [
            self._at_ms,
            seq,
            head,
        ]:
            self._find("books 0", "is not what the ledger of the house says")
        for show_id in self._shows ^ (books.keys() - {HOUSE}):
            self._find(f"books {show_id}", "is missing, or no show was published with it")
        for part, name in rows_of(self._rows_of, "audit_loose"):
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
        for rows in some(rows_of(self._rows_of, "audit_customers")):
            entries = entries_of(self._rows_of, HOUSE, (row[7] for row in rows))
            contacts: dict[Cell, list[list[Any]]] = {}
            keys = encode([[row[0]] for row in rows])
            for contact in rows_of(self._rows_of, "audit_contacts", keys=keys):
                contacts.setdefault(contact[2], []).append(contact)
            for row in rows:
                count += 1
                try:
                    its = contacts.get(row[0], [])
                    proved = self._proves_customer(row, told_by(entries.get(row[7])), its)
                except BROKEN:
                    proved = False
                if not proved:
                    self._find(f"customers {row[0]}", "is not what the ledger says")
                if self._progress is not None and count % STEP == 0:
                    self._progress(STEP)
        if count != self._registered:
            told = self._registered
            self._find("customers", f"{count} rows, the ledger says {told}")

    def _proves_customer(
        self, row: list[Any], told: tuple[Cell, dict[str, Any]], contacts: list[list[Any]]
    ) -> bool:
        """Whether a customer is as registered or, erased, as the erasure leaves it."""
        customer_id, name, language, channels, salt, created_ms, erased_ms, _, found_by = row
        at_ms, data = told
        if (data.get("customer"), at_ms) != (customer_id, created_ms):
            return False
        if found_by != normalise(name):
            return False
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
        rows = list(rows_of(self._rows_of, "clerks_all"))
        found = {row[0]: (row[1], digest("", *row)) for row in rows}
        for name in sorted(found.keys() | self._clerks.keys(), key=str):
            if found.get(name) != self._clerks.get(name):
                self._find(f"clerks {name}", "is not what the ledger says")

    def _prove_shifts(self) -> None:
        shifts = {str(row[0]): row for row in rows_of(self._rows_of, "audit_shifts")}
        moves = {f"{r[0]}/{r[1]}": r for r in rows_of(self._rows_of, "audit_shift_moves")}
        for part, found, proved in (
            ("shifts", shifts, self._shifts),
            ("shift_moves", moves, self._moves),
        ):
            for name in sorted(found.keys() | proved.keys(), key=str):
                if found.get(name) != proved.get(name):
                    self._find(f"{part} {name}", "is not what the ledger says")
