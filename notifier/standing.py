"""Whether what a message says is still so when it is about to leave.

A message may have waited: behind others, for a channel that was down, for its hour. One that would
tell somebody what is no longer true is not sent.
"""

import json

from core import limits
from core.messages import Effect, Kind
from core.outbox import is_call_of
from core.payments import UNDER_WAY, TicketState
from core.purchase import State
from core.requests import TELEGRAM
from core.sale import Status
from core.views import PurchaseView, ShowView

_WAITING = {
    Kind.PLACE_CONFIRMED: {State.IN_LOBBY, State.IN_LINE},
    Kind.SECOND_CHANCE: {State.IN_LINE},
    Kind.DRAW_RESULT: {State.IN_LINE},
    Kind.MILESTONE: {State.IN_LINE},
    Kind.END_OF_LINE: {State.IN_LINE},
}
"""Kinds that are about waiting, with the states in which they make sense."""

_LOOKS_MS = 15_000
"""So long a person in a chat looks at the answer to what they asked."""


def stands(effect: Effect, show: ShowView, view: PurchaseView, now_ms: int) -> bool:
    """Say whether the message is worth sending now."""
    kind, purchase = Kind(effect.kind), view.purchase
    if kind in _WAITING:
        return purchase.state in _WAITING[kind]
    if kind is Kind.YOUR_TURN:
        return purchase.state is State.CALLED and is_call_of(effect, purchase.called_ms)
    if kind is Kind.PAYMENT_READY:
        payment_id = json.loads(effect.data)["payment"]
        payment = next((p for p in view.payments if p.payment_id == payment_id), None)
        if payment is None or payment.state not in UNDER_WAY or purchase.ending:
            return False
        # Who has just asked in a chat looks at the message in which it appears.
        seen = purchase.channel == TELEGRAM and now_ms - payment.created_ms < _LOOKS_MS
        return not seen
    if kind in {Kind.RECEIPT, Kind.REMINDER}:
        held = any(ticket.state is TicketState.VALID for ticket in view.tickets)
        soon = kind is Kind.RECEIPT or now_ms < show.card.starts_ms
        return held and soon and show.card.status != Status.CANCELLED
    if kind is Kind.SHOW_CHANGED:
        held = any(ticket.state is TicketState.VALID for ticket in view.tickets)
        return (held or purchase.live) and show.card.status != Status.CANCELLED
    return True


def early_ms(effect: Effect, show: ShowView, now_ms: int) -> int:
    """Return how much too early a reminder is, as its show was put off; else 0 or less."""
    if effect.kind != Kind.REMINDER:
        return 0
    return show.card.starts_ms - limits.REMIND_BEFORE_MS - now_ms
