"""Shifts: a clerk's time at a cash drawer, from its float to its count.

A shift is in the house's book, and each clerk has at most one open. What is sold or given back in
it is in the books of the shows: those payments and refunds bear the shift's id, so that what the
drawer must hold is a sum over them, never a count kept beside them:

    expected = float + cash taken - cash given back + cash put in - cash taken out

Cash is what coins reach (`core.money.cash_due`): the house bears the rest.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.ledger import Cells, encode
from core.money import AMOUNT_MAX_MINOR, EXPONENTS, cash_due
from core.outcomes import Malformed, NotEnoughInDrawer, NotYourShift, ShiftNow, Taken, UnknownShift
from core.requests import CheckOut, CloseShift, MoveCash, OpenShift, Refund

if TYPE_CHECKING:
    from core.house import House
    from core.sale import Sale

CASH = "cash"
"""The one method of payment that a drawer holds."""
_CLERK = "clerk:"


@dataclass(slots=True)
class Shift:
    """A shift as the store keeps it; columns in order."""

    shift_id: str
    clerk: str
    currency: str
    number: int
    """Of the house, in order of opening: what the closing report is filed under."""
    opened_ms: int
    float_minor: int
    """What lay in the drawer at the opening."""
    closed_ms: int | None = None
    expected_minor: int | None = None
    counted_minor: int | None = None
    counted: str = ""
    """JSON: [note or coin in minor units, how many], as counted at the close."""
    totals: str = ""
    """JSON: [method, payments, taken, given back] in minor units, as they stood at the close."""

    def cells(self) -> Cells:
        """Return the row, columns in order."""
        return [
            self.shift_id,
            self.clerk,
            self.currency,
            self.number,
            self.opened_ms,
            self.float_minor,
            self.closed_ms,
            self.expected_minor,
            self.counted_minor,
            self.counted,
            self.totals,
        ]


class Move(NamedTuple):
    """Cash put into a drawer or, less than 0, taken out."""

    shift_id: str
    move_id: str
    amount_minor: int
    reason: str
    at_ms: int


class Tally(NamedTuple):
    """Payments or refunds of one amount in a shift: `what` is 'taken', 'returned' or 'open'."""

    what: str
    method: str
    amount_minor: int
    times: int


class Total(NamedTuple):
    """What one method came to in a shift; amounts in minor units."""

    method: str
    payments: int
    taken_minor: int
    returned_minor: int


def add_up(tallies: list[Tally], currency: str) -> tuple[Total, ...]:
    """Sum a shift up by method; cash as it lay on the counter."""
    sums: dict[str, list[int]] = {}
    for tally in tallies:
        if tally.what == "open":
            continue
        each = tally.amount_minor
        if tally.method == CASH:
            each = cash_due(each, currency)
        total = sums.setdefault(tally.method, [0, 0, 0])
        if tally.what == "taken":
            total[0] += tally.times
            total[1] += each * tally.times
        else:
            total[2] += each * tally.times
    return tuple(Total(method, *sums[method]) for method in sorted(sums))


def expected_minor(shift: Shift, tallies: list[Tally], moves: list[Move]) -> int:
    """Return what the drawer must hold now."""
    cash = [t for t in add_up(tallies, shift.currency) if t.method == CASH]
    flow = sum(t.taken_minor - t.returned_minor for t in cash)
    return shift.float_minor + flow + sum(move.amount_minor for move in moves)


def _clerk_of(actor: str) -> str:
    return actor.removeprefix(_CLERK) if actor.startswith(_CLERK) else ""


def open_shift(
    house: "House", request: OpenShift
) -> ShiftNow | Taken | Malformed | NotYourShift | UnknownShift:
    """Open a clerk's drawer with its float. Asked again, it answers with the shift as it is."""
    clerk = _clerk_of(request.actor)
    known = house.snapshot.shifts.get(request.shift_id)
    if known is not None:
        return _answer(known) if known.clerk == clerk else NotYourShift(known.clerk)
    if not request.shift_id:
        return Malformed("shift_id", "name the shift")
    if clerk not in house.snapshot.clerks:
        return Malformed("actor", "a shift is a clerk's: sign in first")
    for shift in house.snapshot.shifts.values():
        if shift.clerk == clerk and shift.closed_ms is None:
            return Taken(shift.shift_id)
    if request.currency not in EXPONENTS:
        return Malformed("currency", "give the ISO 4217 code of the drawer's currency")
    if request.float_minor > AMOUNT_MAX_MINOR:
        return Malformed("float_minor", "count the float again")
    house.snapshot.last_shift_number += 1
    shift = Shift(
        request.shift_id,
        clerk,
        request.currency,
        house.snapshot.last_shift_number,
        house.now_ms,
        request.float_minor,
    )
    house.snapshot.shifts[shift.shift_id] = shift
    _record(house, "shift_opened", request.actor, shift)
    return _answer(shift)


def move_cash(
    house: "House", request: MoveCash
) -> ShiftNow | Malformed | NotYourShift | UnknownShift | NotEnoughInDrawer:
    """Put cash into a drawer, or take some out, and say why."""
    shift = _own(house, request.shift_id, request.actor)
    if not isinstance(shift, Shift):
        return shift
    moves = house.snapshot.moves.setdefault(shift.shift_id, [])
    if any(move.move_id == request.move_id for move in moves):
        return _answer(shift)
    if shift.closed_ms is not None:
        return NotYourShift(shift.clerk)
    if not request.move_id:
        return Malformed("move_id", "name the movement")
    if not 0 < request.amount_minor <= AMOUNT_MAX_MINOR:
        return Malformed("amount_minor", "give an amount above nothing")
    if not request.reason.strip():
        return Malformed("reason", "say why, for who reads the closing report")
    if request.out not in {0, 1}:
        return Malformed("out", "say 1 for cash taken out, 0 for cash put in")
    there = expected_minor(shift, house.snapshot.tallies.get(shift.shift_id, []), moves)
    if request.out and request.amount_minor > there:
        return NotEnoughInDrawer(there)
    amount = -request.amount_minor if request.out else request.amount_minor
    move = Move(shift.shift_id, request.move_id, amount, request.reason.strip(), house.now_ms)
    moves.append(move)
    house.changes.shift_moves.append(list(move))
    house.record("cash_moved", request.actor, move=list(move))
    return _answer(shift)


def close_shift(
    house: "House", request: CloseShift, *, busy: bool
) -> ShiftNow | Malformed | NotYourShift | UnknownShift:
    """Close a drawer with what was counted in it. `busy`: a sale in it is being written now.

    Its clerk closes it; a manager may, for a clerk who has gone. A sale that awaits its money at
    the counter is finished or undone first: else its cash would belong to no report.
    """
    shift = _own(house, request.shift_id, request.actor, managers=True)
    if not isinstance(shift, Shift):
        return shift
    if shift.closed_ms is not None:
        return _answer(shift)
    tallies = house.snapshot.tallies.get(shift.shift_id, [])
    if busy or any(tally.what == "open" for tally in tallies):
        return Malformed("shift_id", "finish or undo the sale that awaits its money first")
    counted = sum(note * count for note, count in request.counted)
    if counted > AMOUNT_MAX_MINOR or len({note for note, _ in request.counted}) < len(
        request.counted
    ):
        return Malformed("counted", "count each kind of note and coin once")
    moves = house.snapshot.moves.get(shift.shift_id, [])
    shift.closed_ms, shift.counted_minor = house.now_ms, counted
    shift.expected_minor = expected_minor(shift, tallies, moves)
    shift.counted = encode([list(line) for line in request.counted])
    shift.totals = encode([list(total) for total in add_up(tallies, shift.currency)])
    _record(house, "shift_closed", request.actor, shift)
    return _answer(shift)


def not_in_shift(sale: "Sale", request: CheckOut | Refund) -> Malformed | None:
    """Say why money can't go through the drawer that a request names, or None."""
    if not request.shift_id:
        return None
    shift = sale.shifts.get(request.shift_id)
    if shift is None or shift.closed_ms is not None:
        return Malformed("shift_id", "open a shift first: this one is closed")
    if shift.clerk != _clerk_of(request.actor):
        return Malformed("shift_id", f"this drawer is {shift.clerk}'s: open your own shift")
    if shift.currency != sale.plan.currency:
        return Malformed("shift_id", f"the drawer holds {shift.currency}, not {sale.plan.currency}")
    return None


def _own(
    house: "House", shift_id: str, actor: str, *, managers: bool = False
) -> Shift | UnknownShift | NotYourShift:
    shift = house.snapshot.shifts.get(shift_id)
    if shift is None:
        return UnknownShift(shift_id)
    clerk = _clerk_of(actor)
    role = house.snapshot.clerks.get(clerk, ["", "", ""])[1]
    if shift.clerk != clerk and not (managers and role == "manager"):
        return NotYourShift(shift.clerk)
    return shift


def _record(house: "House", kind: str, actor: str, shift: Shift) -> None:
    row = shift.cells()
    house.changes.shifts = [one for one in house.changes.shifts if one[0] != shift.shift_id]
    house.changes.shifts.append(row)
    house.record(kind, actor, shift=row)


def _answer(shift: Shift) -> ShiftNow:
    return ShiftNow(
        shift.shift_id, shift.clerk, shift.number, shift.expected_minor, shift.counted_minor
    )
