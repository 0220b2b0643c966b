"""The story of an order: what was bought, paid and sent, and who did what, from the ledger."""

import re
from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content

from core.ledger import Entry
from core.messages import Attempt, Effect
from core.payments import TicketState
from core.views import PurchaseView, ShowView
from language import Speech, msgid, speech
from tui.printing.slips import method_name, reference_text
from tui.words import STATES, place_name

_PAYMENTS = {
    "created": msgid("begun"),
    "pending": msgid("awaited"),
    "authorised": msgid("authorised"),
    "captured": msgid("paid"),
    "cancelled": msgid("called off"),
    "failed": msgid("failed"),
    "refunded": msgid("given back"),
}
_REFUNDS = {
    "pending": msgid("on its way back"),
    "done": msgid("given back"),
    "failed": msgid("failed"),
}
_MESSAGES = {
    "waiting": msgid("… waits to be sent"),
    "done": msgid("✓ delivered or handed over"),
    "dead": msgid("✗ could not be delivered"),
}
_ATTEMPTS = {
    "sent": msgid("✓ accepted"),
    "failed": msgid("… failed, tried again"),
    "refused": msgid("✗ refused"),
}
KINDS = {
    "your_turn": msgid("your turn"),
    "place_confirmed": msgid("place confirmed"),
    "reminder": msgid("reminder"),
    "payment_ready": msgid("how to pay"),
    "payment_disputed": msgid("payment disputed"),
    "second_chance": msgid("second chance"),
    "call_lapsed": msgid("call missed"),
    "time_ended": msgid("time ended"),
    "draw_result": msgid("draw"),
    "milestone": msgid("place in line"),
    "end_of_line": msgid("sold out"),
    "sale_closed": msgid("sale closed"),
    "show_cancelled": msgid("show cancelled"),
    "show_changed": msgid("show changed"),
    "receipt": msgid("receipt"),
    "payment_declined": msgid("payment declined"),
    "money_returned": msgid("money returned"),
    "refund_started": msgid("refund"),
    "refund_done": msgid("refund done"),
    "refund_failed": msgid("refund failed"),
}
_ACTS = {
    "joined": msgid("joined"),
    "called": msgid("called"),
    "claimed": msgid("answered the call"),
    "chosen": msgid("chose"),
    "checked_out": msgid("checked out"),
    "stepped_back": msgid("stepped back"),
    "completed": msgid("paid: has tickets"),
    "refunded": msgid("refunded"),
    "checked_in": msgid("let in"),
    "left": msgid("left"),
    "lapsed": msgid("time ended"),
    "delivered": msgid("message delivered"),
    "heard": msgid("answered"),
    "missed": msgid("missed the call"),
    "drawn": msgid("drawn"),
    "milestone": msgid("told the place in line"),
    "end_told": msgid("told that it is sold out"),
    "change_told": msgid("told that the show changed"),
    "pending": msgid("payment awaited"),
    "approved": msgid("payment approved"),
    "authorised": msgid("payment authorised"),
    "authorised_in_vain": msgid("payment authorised too late"),
    "declined": msgid("payment declined"),
    "calling_off": msgid("calling the payment off"),
    "called_off": msgid("payment called off"),
    "capture_failed": msgid("the money could not be taken"),
    "paid_again": msgid("paid twice: given back"),
    "given_back": msgid("money given back"),
    "disputed": msgid("payment disputed"),
    "refund_done": msgid("refund done"),
    "refund_failed": msgid("refund failed"),
    "refund_again": msgid("refund tried again"),
    "closed": msgid("ended with the sale"),
    "effect_done": msgid("message delivered or handed over"),
    "effect_dead": msgid("message given up"),
    "effect_again": msgid("message sent again"),
    "sent_again": msgid("message sent again"),
}
_FAILURE = re.compile(r"([^{}]*?)( \([^()]*\))?")
"""The notifier's words, and what may stand behind them: a reply code, the contacts of a person."""
_ACTORS = {"fan": msgid("customer"), "system": msgid("office"), "operator": msgid("operator")}


def story(
    show: ShowView,
    view: PurchaseView,
    messages: Sequence[tuple[Effect, Sequence[Attempt]]],
    entries: Iterable[Entry],
    say: Speech,
) -> Content:
    """Tell it in full."""
    state = say.text(STATES[view.purchase.state])
    if view.tickets and all(one.state is TicketState.REFUNDED for one in view.tickets):
        state = say.text("refunded")
    head = f"{view.order_code or view.purchase.purchase_id} · {state}"
    parts: list[tuple[str, str] | str] = [(head, "bold"), f"\n{show.card.title}\n"]
    for title, lines in (
        (say.text("Tickets"), list(_tickets(show, view, say))),
        (say.text("Money"), list(_money(view, say))),
        (say.text("Messages"), list(_sent(messages, show.card.time_zone, say))),
        (say.text("History"), list(_history(show, entries, say))),
    ):
        if lines:
            parts += ["\n", (title, "bold"), "\n", "\n".join(lines), "\n"]
    return Content.assemble(*parts)


def _tickets(show: ShowView, view: PurchaseView, say: Speech) -> Iterator[str]:
    fares = {fare.fare_no: fare.name for fare in show.fares}
    zone = show.card.time_zone
    for ticket in view.tickets:
        if ticket.state is TicketState.REFUNDED:
            how = "✗ " + say.text("refunded")
        elif ticket.used_ms is not None:
            at = say.stamp(ticket.used_ms, zone)
            how = "● " + say.text(
                "used {at}, {where}", at=at, where=place_name(ticket.used_where, say)
            )
        else:
            how = "○ " + say.text("valid")
        yield f" {ticket.ticket_no}  {fares[ticket.fare_no]}  {how}"


def _money(view: PurchaseView, say: Speech) -> Iterator[str]:
    for payment in view.payments:
        amount = say.money(payment.amount_minor, payment.currency)
        state = say.text(_PAYMENTS[payment.state])
        yield f" {method_name(say, payment.method)} {amount}: {state}"
        if payment.reference and payment.cash is None:
            yield f"   {reference_text(payment, say)}"
    for refund in view.refunds:
        currency = view.order.currency if view.order else ""
        amount = say.money(-refund.amount_minor, currency)
        yield f" {amount}: {say.text(_REFUNDS[refund.state])} ({refund.reason})"


def kind_name(kind: str, say: Speech) -> str:
    """Name a message by what it is about."""
    return say.text(KINDS[kind]) if kind in KINDS else kind


def failure_text(said: str, say: Speech) -> str:
    """Say in the clerk's language why a message failed; what stands behind it stays as it is."""
    found = _FAILURE.fullmatch(said)
    if found is None:
        return said
    return speech(say.language, "notifier").text(found[1]) + (found[2] or "")


def attempts_text(attempts: Iterable[Attempt], zone: str, say: Speech) -> Iterator[str]:
    """Say what each try of a message came to: when, by which channel, why not."""
    for attempt in attempts:
        ended = say.text(_ATTEMPTS[attempt.state])
        why = f": {failure_text(attempt.said, say)}" if attempt.said else ""
        yield f"   {say.stamp(attempt.at_ms, zone)}  {attempt.channel}  {ended}{why}"


def _sent(
    messages: Sequence[tuple[Effect, Sequence[Attempt]]], zone: str, say: Speech
) -> Iterator[str]:
    for effect, attempts in messages:
        yield f" {kind_name(effect.kind, say)}: {say.text(_MESSAGES[effect.state])}"
        yield from attempts_text(attempts, zone, say)


def _history(show: ShowView, entries: Iterable[Entry], say: Speech) -> Iterator[str]:
    for entry in entries:
        at = say.stamp(entry.at_ms, show.card.time_zone)
        act = say.text(_ACTS[entry.kind]) if entry.kind in _ACTS else entry.kind
        yield f" {at}  {act}  ({_actor(entry.actor, say)})"


def _actor(actor: str, say: Speech) -> str:
    """Say who acted: a clerk by name, all else by what it is."""
    kind, _, name = actor.partition(":")
    return name or say.text(_ACTORS.get(kind, kind))
