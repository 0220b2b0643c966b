"""Screens of giving tickets back: which of them, and whether one is sure."""

from bot.cases import Case, head
from bot.marks import Do
from bot.screens import Key, Screen, cut, plain, screen
from bot.showing import fare_name
from core.payments import Ticket

ALL = 0
"""Said in place of a ticket's number."""
_OFFERED_MAX = 20
_FARE = 24


def refund_screen(case: Case, ticket_no: int | None) -> Screen:
    """Ask which tickets are given back; with a number (`ALL` for all), ask once more."""
    speech, tickets = case.look.speech, case.unused
    if ticket_no is None and len(tickets) == 1:
        ticket_no = tickets[0].ticket_no
    keep = Key(speech.text("No, keep them"), case.tap(Do.VIEW))
    if ticket_no is None:
        fares = {fare.fare_no: fare_name(case.show, fare) for fare in case.show.fares}
        every = speech.plural("All: {n} ticket", "All: {n} tickets", len(tickets))
        keys = [[Key(every, case.tap(Do.REFUND, ALL))]]
        keys += [
            [Key(_ticket_key(case, one, fares[one.fare_no]), case.tap(Do.REFUND, one.ticket_no))]
            for one in tickets[:_OFFERED_MAX]
        ]
        said = speech.text("Which tickets do you want to give back?")
        return screen([head(case), plain(said)], *keys, [keep])
    given = [one for one in tickets if ticket_no in {ALL, one.ticket_no}]
    amount_minor = sum(one.price_minor + one.fee_minor for one in given)
    said = speech.plural(
        "Give {n} ticket back? It stops being valid, and {amount} goes back to where it came from.",
        "Give {n} tickets back? They stop being valid, and {amount} goes back to where it came "
        "from.",
        len(given),
        amount=speech.money(amount_minor, case.show.card.currency),
    )
    yes = Key(speech.text("Yes, give back"), case.tap(Do.REFUND_SURELY, ticket_no))
    return screen([head(case), plain(said)], [yes], [keep])


def _ticket_key(case: Case, ticket: Ticket, fare: str) -> str:
    amount = case.look.speech.money(ticket.price_minor + ticket.fee_minor, case.show.card.currency)
    return f"{ticket.ticket_no} · {cut(fare, _FARE)} · {amount}"
