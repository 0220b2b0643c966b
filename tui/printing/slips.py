"""What is printed at the window: tickets, receipts, numbers of the line, closing reports.

A slip is a list of lines for a roll 42 characters wide; how it gets onto paper is the printer's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.payments import Payment, TicketState
from core.ports import Signer
from core.receipts import ticket_code
from core.shifts import Total
from core.views import PurchaseView, ShiftView, ShowView
from language import Speech, msgid

WIDTH = 42
"""Characters of font A on paper 80 mm wide."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text."""

    text: str
    style: Literal["plain", "bold", "big"] = "plain"
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code."""

    data: str


Slip = tuple[Line | Code, ...]
"""One piece of paper: it is cut after its last line."""

_METHODS = {
    "cash": msgid("cash"),
    "card": msgid("card"),
    "pix": msgid("Pix"),
    "invoice": msgid("Telegram"),
}
_PROVIDERS = {"stripe": "Stripe", "telegram": "Telegram", "sandbox": msgid("trial")}


def method_name(say: Speech, method: str) -> str:
    """Name a method of payment."""
    return say.text(_METHODS.get(method, method))


def reference_text(payment: Payment, say: Speech) -> str:
    """Name a payment's reference: a card terminal's is its NSU, any other is its provider's own."""
    named = _PROVIDERS.get(payment.gateway, payment.gateway) if payment.outside else "NSU"
    return f"{say.text(named)} {payment.reference}"


def between(left: str, right: str, width: int = WIDTH) -> str:
    """Set a text at each end of a line; the left one gives way."""
    room = max(width - len(right) - 1, 0)
    return f"{left[:room]:<{room}} {right}"


def _heading(house: str, show: ShowView, say: Speech) -> Iterator[Line]:
    card = show.card
    yield Line(house, "bold", centred=True)
    yield Line(card.title[:WIDTH], "bold", centred=True)
    yield Line(say.moment(card.starts_ms, card.time_zone)[: WIDTH * 2], centred=True)
    yield Line(f"{card.venue}, {card.city}"[:WIDTH], centred=True)


def tickets(
    house: str, show: ShowView, purchase: PurchaseView, signer: Signer, say: Speech
) -> tuple[Slip, ...]:
    """Return a slip for each ticket that is valid."""
    fares = {fare.fare_no: fare for fare in show.fares}
    tiers = {tier.tier_no: tier.name for tier in show.tiers}
    made: list[Slip] = []
    for ticket in purchase.tickets:
        if ticket.state is not TicketState.VALID:
            continue
        fare = fares[ticket.fare_no]
        lines: list[Line | Code] = [*_heading(house, show, say)]
        lines.append(Line(tiers[fare.tier_no], "big", centred=True))
        lines.append(Line(fare.name, "bold", centred=True))
        lines.append(Line(say.money(ticket.price_minor, show.card.currency), centred=True))
        if fare.proof:
            proof = say.text("Bring the document that proves your right to this fare.")
            lines.append(Line(proof, centred=True))
        lines.append(Code(ticket_code(ticket, signer)))
        numbered = say.text(
            "order {code}, ticket {number}", code=purchase.order_code, number=ticket.ticket_no
        )
        lines.append(Line(numbered, centred=True))
        made.append(tuple(lines))
    return tuple(made)


def marked(words: str, made: tuple[Slip, ...]) -> tuple[Slip, ...]:
    """Return slips that have these words on top, if there are any."""
    return tuple((Line(words, "bold", centred=True), *slip) for slip in made) if words else made


def receipt(
    house: str, show: ShowView, purchase: PurchaseView, say: Speech, *, again: bool = False
) -> Slip:
    """Return the receipt of an order: prices and fees apart, how it was paid, the change."""
    assert purchase.order is not None, "a receipt is of an order"
    order, currency = purchase.order, purchase.order.currency
    names = {fare.fare_no: fare.name for fare in show.fares}
    lines: list[Line | Code] = [*_heading(house, show, say)]
    if again:
        lines.append(Line(say.text("SECOND COPY"), "bold", centred=True))
    lines.append(Line(say.text("Receipt of order {code}", code=purchase.order_code)))
    lines.append(Line(say.stamp(order.placed_ms, show.card.time_zone)))
    for line in purchase.order_lines:
        what = f"{line.quantity} x {names.get(line.fare_no, line.fare_no)}"
        amount = say.money(line.price_minor * line.quantity, currency)
        lines.append(Line(between(what, amount)))
    if order.fee_minor:
        fee = say.money(order.fee_minor, currency)
        lines.append(Line(between(say.text("service fee"), fee)))
    total = say.money(order.total_minor, currency)
    lines.append(Line(between(say.text("TOTAL"), total), "bold"))
    for payment in purchase.payments:
        if payment.captured_minor:
            paid = say.money(payment.captured_minor, currency)
            lines.append(Line(between(method_name(say, payment.method), paid)))
            lines += _how_paid(payment, say)
    if order.refunded_minor:
        back = say.money(order.refunded_minor, currency)
        lines.append(Line(between(say.text("given back"), back)))
    return tuple(lines)


def _how_paid(payment: Payment, say: Speech) -> Iterator[Line]:
    if payment.cash is not None:
        given, change = (say.money(minor, payment.currency) for minor in payment.cash)
        yield Line(between(say.text("handed over"), given))
        yield Line(between(say.text("change"), change))
    elif payment.reference:
        yield Line(reference_text(payment, say)[:WIDTH])


def number(house: str, show: ShowView, purchase: PurchaseView, say: Speech) -> Slip:
    """Return the slip of somebody who waits: the number, how many are ahead."""
    lines: list[Line | Code] = [*_heading(house, show, say)]
    if purchase.purchase.number is None:
        lines.append(Line(say.text("In the lobby: the draw gives the numbers."), centred=True))
    else:
        lines.append(Line(str(purchase.purchase.number), "big", centred=True))
    if purchase.ahead is not None:
        ahead = say.plural("{n} person is ahead", "{n} people are ahead", purchase.ahead)
        lines.append(Line(ahead, centred=True))
    lines.append(Line(say.text("You are called by this number at the window."), centred=True))
    return tuple(lines)


def pay_code(house: str, show: ShowView, code: str, total: str, say: Speech) -> Slip:
    """Return the slip with the QR code by which an order is paid."""
    paying = Line(say.text("Pay {total} with this code:", total=total), "bold", centred=True)
    return (*_heading(house, show, say), paying, Code(code))


def closing(house: str, drawer: ShiftView, zone: str, say: Speech) -> Slip:
    """Return the report of a shift: Z once it is closed, as it stands before that."""
    shift, currency = drawer.shift, drawer.shift.currency
    closed = shift.closed_ms is not None
    title = say.text("CLOSING REPORT Z") if closed else say.text("REPORT X (still open)")
    lines: list[Line | Code] = [Line(text, "bold", centred=True) for text in (house, title)]
    lines.append(
        Line(say.text("Shift {number} of {clerk}", number=shift.number, clerk=shift.clerk))
    )
    lines.append(Line(between(say.text("opened at"), say.stamp(shift.opened_ms, zone))))
    if shift.closed_ms is not None:
        lines.append(Line(between(say.text("closed at"), say.stamp(shift.closed_ms, zone))))
    totals = drawer.totals
    if closed:
        totals = tuple(Total(*total) for total in json.loads(shift.totals))
    for total in totals:
        name = f"{method_name(say, total.method)} ({total.payments})"
        lines.append(Line(between(name, say.money(total.taken_minor, currency))))
        if total.returned_minor:
            back = say.money(-total.returned_minor, currency)
            lines.append(Line(between("  " + say.text("given back"), back)))
    lines.append(Line(between(say.text("float"), say.money(shift.float_minor, currency))))
    moved = ((move.reason, say.money(move.amount_minor, currency)) for move in drawer.moves)
    lines += [Line(between(reason, amount)) for reason, amount in moved]
    expected = drawer.expected_minor if shift.expected_minor is None else shift.expected_minor
    told = between(say.text("expected in cash"), say.money(expected, currency))
    lines.append(Line(told, "bold"))
    lines += _counted(drawer, say)
    return tuple(lines)


def _counted(drawer: ShiftView, say: Speech) -> Iterator[Line]:
    shift, currency = drawer.shift, drawer.shift.currency
    if shift.counted_minor is None or shift.expected_minor is None:
        return
    for note, count in json.loads(shift.counted):
        what = f"  {count} x {say.money(note, currency)}"
        yield Line(between(what, say.money(note * count, currency)))
    yield Line(between(say.text("counted"), say.money(shift.counted_minor, currency)), "bold")
    difference = shift.counted_minor - shift.expected_minor
    yield Line(between(say.text("difference"), say.money(difference, currency)), "bold")
