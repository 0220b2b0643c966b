"""What the templates may say: the facts of a message, written in its reader's language."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.messages import Effect
from core.payments import TicketState, read_action
from core.views import FareView, PurchaseView, ShowView
from language import Speech

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class LineTold:
    """Tickets of one fare, as a receipt lists them."""

    quantity: int
    name: str
    price: str


def facts_of(
    effect: Effect,
    show: ShowView,
    view: PurchaseView,
    speech: Speech,
    moves_money: Callable[[str], bool],
) -> Facts:
    """Return what a message about a purchase may say."""
    plain: dict[str, Any] = json.loads(show.plain)
    data: dict[str, Any] = json.loads(effect.data)
    card, purchase = show.card, view.purchase
    venue: dict[str, Any] = plain["venue"]
    valid = [ticket for ticket in view.tickets if ticket.state is TicketState.VALID]
    fares = {fare.fare_no: fare for fare in show.fares}
    held = [fares[ticket.fare_no] for ticket in valid]
    claim_ms = data.get("claim_ms", plain["terms"]["claim_ms"])
    until_ms = purchase.deadline_ms
    was_ms = data.get("starts_ms")
    payment = next((p for p in view.payments if p.payment_id == data.get("payment")), None)
    paid = next((p for p in view.payments if p.payment_id == purchase.payment_id), None)
    return {
        "text": speech.text,
        "plural": speech.plural,
        "show": card.title,
        "when": speech.moment(card.starts_ms, card.time_zone),
        "where": ", ".join(p for p in (card.venue, venue["address"], card.city) if p),
        "was_when": speech.moment(was_ms, card.time_zone) if was_ms else "",
        "was_where": data.get("where", ""),
        "doors": doors_text(plain["doors_ms"], card.starts_ms, card.time_zone, speech),
        "number": purchase.number,
        "ahead": _ahead(data.get("ahead", 0) if view.ahead is None else view.ahead, speech),
        "claim": speech.span(claim_ms),
        "until": speech.clock_time(until_ms, card.time_zone) if until_ms else "",
        "code": view.order_code or "",
        "tickets": len(valid),
        "document": any(fare.proof or fare.document for fare in held),
        "amount": _amount(data, view, speech),
        "action": read_action(payment.action) if payment else None,
        "real": paid is None or moves_money(paid.gateway),
        **_costs(view, show, fares, speech),
    }


def _ahead(count: int, speech: Speech) -> str:
    if count == 0:
        return speech.text("You are the next.")
    return speech.plural(
        "There is {n} person ahead of you.", "There are {n} people ahead of you.", count
    )


def doors_text(doors_ms: int | None, starts_ms: int, zone: str, speech: Speech) -> str:
    """Say when the doors open; with the day, if a show at midnight begins on the next."""
    if doors_ms is None:
        return ""
    day, at = speech.day(doors_ms, zone), speech.clock_time(doors_ms, zone)
    if day == speech.day(starts_ms, zone):
        return speech.text("Doors open at {time}", time=at)
    return speech.text("Doors open on {day}, at {time}", day=day, time=at)


def _costs(view: PurchaseView, show: ShowView, fares: dict[int, FareView], speech: Speech) -> Facts:
    if view.order is None:
        return {"lines": (), "fee": "", "total": ""}
    currency = view.order.currency
    tiers = {tier.tier_no: tier.name for tier in show.tiers}
    return {
        "lines": tuple(
            LineTold(
                line.quantity,
                f"{tiers[fares[line.fare_no].tier_no]} · {fares[line.fare_no].name}",
                speech.money(line.price_minor * line.quantity, currency),
            )
            for line in view.order_lines
        ),
        "fee": speech.money(view.order.fee_minor, currency) if view.order.fee_minor else "",
        "total": speech.money(view.order.total_minor, currency),
    }


def _amount(data: dict[str, Any], view: PurchaseView, speech: Speech) -> str:
    """Write the money that goes back: what the message says, or else the newest refund."""
    if "amount_minor" in data:
        return speech.money(data["amount_minor"], data["currency"])
    if view.order is None or not view.refunds:
        return ""
    newest = max(view.refunds, key=lambda refund: refund.created_ms)
    return speech.money(newest.amount_minor, view.order.currency)
