"""The audit: proves a sale from its ledger alone, then holds the tables against it.

`ShowAudit` is fed a show's entries in order. It checks the hash chain and recomputes, with no help
from the rules that wrote them, the stock, the promises, the money and the order of service; what
it then holds must be what the tables hold (`core.proof` compares every row).
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from heapq import heappop, heappush
from typing import Any, cast

from core.audited_stock import Kept, Rows, faults, frame_faults, keyed, published
from core.draw import ListDigest, Order, seed_digest
from core.ledger import START, Entry, encode, link
from core.verdict import Finding

BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading a row that somebody edited may raise: a finding, never the end of the audit."""
_FINDINGS_MAX = 50
_LIVE = frozenset({"in_lobby", "in_line", "called", "choosing", "paying"})


@dataclass(slots=True)
class _Live:
    """What a live purchase weighs."""

    state: str
    place: tuple[int, int] | None
    pool: str
    channel: str
    lines: list[list[int]]
    fixed: bool = False

    @property
    def promised(self) -> bool:
        return self.state == "called" or (self.state == "choosing" and not self.lines)


@dataclass(slots=True)
class ShowAudit:
    """The fold of one show's ledger."""

    show_id: int
    findings: list[Finding] = field(default_factory=list[Finding])
    head: str = START
    seq: int = 0
    at_ms: int = 0
    status: str = "published"
    row: list[Any] | None = None
    plain: dict[str, Any] = field(default_factory=dict[str, Any])
    stock: Kept = field(default_factory=Kept)
    """What the small tables say of a show that sales do not change, by table and key."""
    change: str = ""
    told_id: str = ""
    capacity: dict[int, int] = field(default_factory=dict[int, int])
    fares: dict[int, tuple[int, int | None]] = field(
        default_factory=dict[int, tuple[int, int | None]],
    )
    closed: set[int] = field(default_factory=set[int])
    """Tiers of which nothing is sold any more."""
    held: dict[int, int] = field(default_factory=dict[int, int])
    sold: dict[int, int] = field(default_factory=dict[int, int])
    used: dict[int, int] = field(default_factory=dict[int, int])
    quota_capacity: dict[int, int] = field(default_factory=dict[int, int])
    allotted: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    taken: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    released: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    live: dict[str, _Live] = field(default_factory=dict[str, _Live])
    promised: dict[str, int] = field(default_factory=dict[str, int])
    waiting: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    in_line: int = 0
    next_number: int = 1
    to_draw: int = 0
    drawn: int = 0
    list_digest: str = ""
    seed: str = ""
    draw_order: "list[str] | None" = None
    draw_steps: set[int] = field(default_factory=set[int])
    """Entries that are steps of the draw, each about many purchases."""
    drawn_rows: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """For each purchase drawn: (hash of its row then, number of the entry about it before)."""
    valid: int = 0
    captured_minor: int = 0
    returned_minor: int = 0
    worth_minor: int = 0
    """Prices and fees of the valid tickets."""
    joined: int = 0
    last_seqs: int = 0
    """Sum of the purchases' newest entries: rows put back to an older state change it."""
    effects: int = 0
    effects_done: int = 0
    dead: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """(entry, item) of the effects that were given up and not carried out since."""
    events: int = 0
    events_sum: int = 0

    def find(self, where: str, what: str) -> None:
        """Note what is wrong; past a limit only that there is more."""
        if len(self.findings) < _FINDINGS_MAX:
            self.findings.append(Finding(where, what))

    def feed(self, entry: Entry) -> dict[str, Any] | None:
        """Check the next entry and take it in; return its data, or None if it can't be read."""
        where = f"ledger {self.show_id}/{entry.seq}"
        try:
            self._follow(entry, where)
            data = read_data(entry.data)
            self._take(entry, data, where)
        except BROKEN as broken:
            self.find(where, f"can't be read: {broken!r}")
            return None
        return data

    def _follow(self, entry: Entry, where: str) -> None:
        if entry.seq != self.seq + 1:
            self.find(where, f"follows entry {self.seq}: entries are missing")
        expected = link(
            self.head,
            entry.show_id,
            entry.seq,
            entry.at_ms,
            entry.kind,
            entry.purchase_id,
            entry.actor,
            entry.data,
        )
        if expected != entry.hash:
            self.find(where, "its hash does not follow from the entry before and what it says")
        if entry.at_ms < self.at_ms:
            self.find(where, "is older than the entry before it")
        if entry.at_ms != self.at_ms:
            self._check_promises(where)
        self.head, self.seq, self.at_ms = entry.hash, entry.seq, entry.at_ms

    def _take(self, entry: Entry, data: dict[str, Any], where: str) -> None:
        if entry.purchase_id == "":  # The hash is that of no purchase at all.
            self.find(where, "names an empty purchase")
        if entry.kind == "published":
            self._publish(data)
            return
        if entry.kind == "changed":
            self._change(data, where)
        self.change = data.get("change", self.change)
        self.told_id = data.get("told_id", self.told_id)
        self.status = data.get("status", self.status)
        self.effects += len(data.get("effects", ()))
        if "effect" in data:
            self._take_effect(*data["effect"])
        if "event" in data:
            self.events += 1
            self.events_sum += row_hash(data["event"])
        self._take_draw(entry, data, where)
        if "purchase" in data:
            if data["purchase"][1] != entry.purchase_id:
                self.find(where, "names another purchase than it is about")
            self.last_seqs += entry.seq - data["prev"]
            self._take_purchase(entry, data, data["purchase"], where)
        if entry.kind == "allotment_released":
            key = (data["tier_no"], data["channel"])
            self.released.add(key)
            self.stock["allotments"][key][5] = 1
        self._take_money(entry, data, where)

    def _take_effect(self, seq: int, item: int, state: str) -> None:
        if state == "done":
            self.effects_done += 1
            self.dead.discard((seq, item))
        elif state == "dead":
            self.dead.add((seq, item))
        else:  # Sent again by hand.
            self.dead.discard((seq, item))

    def _publish(self, data: dict[str, Any]) -> None:
        self.row, self.plain = data["row"], json.loads(data["show"])
        self._lay(published(self.show_id, self.plain))

    def _lay(self, rows: Rows) -> None:
        """Take the rows of the small tables as what is sold from now on."""
        self.stock = keyed(rows)
        for _, no, _, capacity in rows["quotas"]:
            self.quota_capacity[no] = capacity
            self.used.setdefault(no, 0)
        for _, no, _, capacity, closed in rows["tiers"]:
            self.capacity[no] = capacity
            self.held.setdefault(no, 0)
            self.sold.setdefault(no, 0)
            (self.closed.add if closed else self.closed.discard)(no)
        for cells in rows["fares"]:
            self.fares[cells[1]] = (cells[2], cells[6])
        for _, no, channel, quantity, _, released in rows["allotments"]:
            self.allotted[no, channel] = quantity
            self.taken.setdefault((no, channel), 0)
            if released:
                self.released.add((no, channel))

    def _change(self, data: dict[str, Any], where: str) -> None:
        zone, row, stock = self.plain["venue"]["time_zone"], self.row or [None] * 11, self.stock
        self.row, self.plain = data["row"], json.loads(data["show"])
        self._lay(data["stock"])
        wrong = [*frame_faults(row, zone, data["row"], data["show"])]
        for what in [*wrong, *faults(stock, self.stock, self.plain)]:
            self.find(where, what)
        self._check_stock(where)
        self._check_promises(where)

    def _take_purchase(
        self, entry: Entry, data: dict[str, Any], cells: list[Any], where: str
    ) -> None:
        purchase_id, state = cells[1], cells[4]
        old = self.live.pop(purchase_id, None)
        if old is not None:
            self._weigh(old, -1)
            if old.fixed and state == "lapsed":
                self._keep_taken(old)
        elif entry.kind == "joined":
            self._joined(cells, where)
        if entry.kind == "called":
            self._called(purchase_id, old, where)
        if state in _LIVE:
            place = (cells[6], cells[5]) if state == "in_line" and cells[6] is not None else None
            new = _Live(state, place, cells[7], cells[3], json.loads(cells[8]))
            new.fixed = entry.kind == "authorised" or (old is not None and old.fixed)
            self.live[purchase_id] = new
            self._weigh(new, 1)
            if place is not None and (old is None or old.place != place):
                heappush(self.waiting, (*place, purchase_id))
        elif entry.kind == "completed":
            sold = _Live("completed", None, "", cells[3], data["lines"], fixed=True)
            self._weigh(sold, 1)
        self._check_stock(where)

    def _weigh(self, live: _Live, sign: int) -> None:
        counts = self.sold if live.fixed else self.held
        for fare_no, quantity, own in live.lines:
            tier_no, quota_no = self.fares[fare_no]
            counts[tier_no] += sign * quantity
            if quota_no is not None:
                self.used[quota_no] += sign * quantity
            if own:
                self.taken[tier_no, live.channel] += sign * own
        if live.promised:
            self.promised[live.pool] = self.promised.get(live.pool, 0) + sign
        self.in_line += sign * (live.state == "in_line")

    def _keep_taken(self, live: _Live) -> None:
        """Tickets sold out of an allotment do not go back into it."""
        for fare_no, _, own in live.lines:
            if own:
                self.taken[self.fares[fare_no][0], live.channel] += own

    def _joined(self, cells: list[Any], where: str) -> None:
        self.joined += 1
        if cells[5] is not None:
            if cells[5] != self.next_number:
                self.find(where, f"got number {cells[5]}; {self.next_number} was next")
            self.next_number = cells[5] + 1
        if cells[4] == "choosing" and not cells[7] and self.in_line:
            self.find(where, f"was let in past {self.in_line} who wait")

    def _called(self, purchase_id: str, old: _Live | None, where: str) -> None:
        while self.waiting:
            place, number, first = self.waiting[0]
            live = self.live.get(first)
            if first == purchase_id or (live is not None and live.place == (place, number)):
                break
            heappop(self.waiting)
        if old is None or old.place is None:
            self.find(where, "was called but does not wait")
        elif not self.waiting or self.waiting[0][2] != purchase_id:
            self.find(where, f"was called before {self.waiting[0][2] if self.waiting else '?'}")
        else:
            heappop(self.waiting)

    def _check_stock(self, where: str) -> None:
        for tier_no, capacity in self.capacity.items():
            held, sold = self.held[tier_no], self.sold[tier_no]
            if held < 0 or sold < 0 or held + sold > capacity:
                self.find(where, f"tier {tier_no}: held {held}, sold {sold} of {capacity}")
        for quota_no, capacity in self.quota_capacity.items():
            if not 0 <= self.used[quota_no] <= capacity:
                self.find(where, f"quota {quota_no}: used {self.used[quota_no]} of {capacity}")

    def _check_promises(self, where: str) -> None:
        left: dict[str, int] = {}
        for key, quantity in self.allotted.items():
            if key not in self.released:
                left[key[1]] = left.get(key[1], 0) + quantity - self.taken[key]
        free = -sum(left.values())
        for no, capacity in self.capacity.items():
            if no not in self.closed:
                free += capacity - self.held[no] - self.sold[no]
        owed = self.promised.get("", 0)
        for pool, promised in self.promised.items():
            if pool:
                owed += max(0, promised - left.get(pool, 0))
        if owed > free:
            self.find(where, f"before it {owed} tickets were promised and {free} free")

    def _take_draw(self, entry: Entry, data: dict[str, Any], where: str) -> None:
        if entry.kind == "lobby_closed":
            self.to_draw = data["to_draw"]
            self.next_number += self.to_draw
            self.draw_order = sorted(i for i, p in self.live.items() if p.state == "in_lobby")
            if len(self.draw_order) != self.to_draw:
                self.find(where, f"{len(self.draw_order)} were in the lobby, not {self.to_draw}")
        elif entry.kind == "draw_fixed":
            self.list_digest, self.seed = data["list_digest"], data["seed"]
            ids = self.draw_order or []
            listed = ListDigest()
            listed.feed(ids)
            if listed.hexdigest() != self.list_digest:
                self.find(where, "the list's digest is not that of the lobby")
            if seed_digest(self.seed) != (self.row or [""] * 8)[7]:
                self.find(where, "the seed is not the one committed to")
            order = Order(self.seed, self.list_digest)
            order.feed(ids)
            self.draw_order = list(order)
        elif entry.kind == "drawn":
            self.draw_steps.add(entry.seq)
            for cells, prev in zip(data["purchases"], data["prevs"], strict=True):
                self._take_drawn(entry, cells, prev, where)

    def _take_drawn(self, entry: Entry, cells: list[Any], prev: int, where: str) -> None:
        self.last_seqs += entry.seq - prev
        self.drawn_rows[cells[1]] = (row_hash(cells), prev)
        self.drawn += 1
        drawn = (self.draw_order or [])[self.drawn - 1 : self.drawn]
        if drawn != [cells[1]] or cells[5] != self.drawn:
            self.find(where, f"number {self.drawn} was not given as the draw had it")
        self._take_purchase(entry, {}, cells, where)

    def _take_money(self, entry: Entry, data: dict[str, Any], where: str) -> None:
        if entry.kind in {"completed", "given_back"}:
            self.captured_minor += data["payment"][10]
        if entry.kind in {"refunded", "given_back"}:
            self.returned_minor += data["refund"][4]
        elif entry.kind == "paid_again":  # More money for one payment, and all of that back.
            self.captured_minor += data["refund"][4]
            self.returned_minor += data["refund"][4]
        worth = sum(t[5] + t[6] for t in data.get("tickets", ()))
        if entry.kind == "completed":
            self.valid += len(data["tickets"])
            self.worth_minor += worth
            if not worth == data["payment"][10] == data["order"][4] + data["order"][5]:
                self.find(where, "what was paid, ordered and issued are not worth the same")
        elif entry.kind == "refunded":
            self.valid -= len(data["tickets"])
            self.worth_minor -= worth
            if worth != data["refund"][4]:
                self.find(where, "the refund is not what the tickets cost")
            for ticket in data["tickets"]:
                tier_no, quota_no = self.fares[ticket[4]]
                self.sold[tier_no] -= 1
                if quota_no is not None:
                    self.used[quota_no] -= 1
            self._check_stock(where)

    def close(self) -> None:
        """Check what must hold at the end."""
        where = f"ledger {self.show_id}/{self.seq}"
        self._check_promises(where)
        if self.captured_minor - self.returned_minor != self.worth_minor:
            kept = self.captured_minor - self.returned_minor
            self.find(where, f"{kept} was kept for tickets worth {self.worth_minor}")

    def count(self, *states: str) -> int:
        """Return how many live purchases are in these states."""
        return sum(1 for live in self.live.values() if live.state in states)

    def totals(self) -> dict[str, int]:
        """Return what was counted."""
        return {
            "entries": self.seq,
            "purchases": self.joined,
            "waiting": self.count("in_line"),
            "capacity": sum(self.capacity.values()),
            "held": sum(self.held.values()),
            "sold": sum(self.sold.values()),
            "captured_minor": self.captured_minor,
            "returned_minor": self.returned_minor,
            "tickets_worth_minor": self.worth_minor,
        }


def read_data(text: str) -> dict[str, Any]:
    """Return an entry's data; raises one of `BROKEN` if it is no JSON object."""
    data = json.loads(text)
    if not isinstance(data, dict):
        raise TypeError("its data is no JSON object")
    return cast("dict[str, Any]", data)


def row_hash(cells: list[Any]) -> int:
    """Return a number for a row; the sum over rows does not depend on their order."""
    return int.from_bytes(sha256(encode(cells).encode()).digest(), "big")
