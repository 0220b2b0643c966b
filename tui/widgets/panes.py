"""How shows, fares and baskets read in the sale: text made of views, with nothing kept."""

import json

from textual.content import Content

from core.outcomes import CheckedOut, Standing
from core.views import FareView, ShowCard, ShowView
from language import Speech
from tui.printing.slips import between
from tui.words import STATUSES, fare_name, left_for_window, own_left

_NAME_WIDE = 26
_SIDE_WIDE = 26
"""Columns of the basket beside the fares, at 80x24."""
_MINUTE_MS = 60_000


def show_row(card: ShowCard, say: Speech) -> Content:
    """Write a show in a list: its title, then when, what is left and from what price, and where."""
    when = say.stamp(card.starts_ms, card.time_zone)
    left = say.plural("{n} left", "{n} left", card.free)
    status = "" if card.status == "open" else " · " + say.text(STATUSES[card.status]).upper()
    price = say.money(card.from_minor, card.currency)
    return Content.assemble(
        (card.title, "bold"), f"\n  {when} · {left} · {price}{status}\n  {card.venue}, {card.city}"
    )


def fare_row(show: ShowView, fare: FareView, quantity: int, say: Speech, channel: str) -> Content:
    """Write a fare in a list: how many are wanted, its name, its price, what is left."""
    left = left_for_window(show, fare, channel)
    many = f"{quantity:>2} ×" if quantity else "   ·"
    name = fare_name(show, fare)
    mark = " ◆" if fare.proof or fare.document else ""
    price = say.money(fare.price_minor, show.card.currency)
    gone = say.text("sold out") if not left else say.plural("{n} left", "{n} left", left)
    line = f"{many} {(name[:_NAME_WIDE] + mark):<{_NAME_WIDE + 2}}\n     {price:>12}   {gone}"
    return Content.assemble((line, "bold" if quantity else ""))


def quotas_text(show: ShowView, say: Speech) -> str:
    """Say what is left of each quota: by law in sight wherever half-price fares are sold."""
    plain = json.loads(show.plain)
    capacity = {quota["name"]: quota["capacity"] for quota in plain["quotas"]}
    left = {f.quota: f.quota_left for f in show.fares if f.quota is not None}
    return "   ".join(
        "◆ " + say.text("{quota}: {left} of {all} left", quota=quota, left=n, all=capacity[quota])
        for quota, n in left.items()
    )


def needs_number(show: ShowView) -> bool:
    """Whether a walk-in can't be served at once, as far as can be seen from outside."""
    if own_left(show):
        return False
    return show.waiting > 0 or show.card.free - show.promised <= 0


def who_is_served(show: ShowView, say: Speech) -> str:
    """Say whether walk-ins are served now or take a number, and why."""
    own = own_left(show)
    if show.card.status == "published":
        return say.text("The sale is not open yet.")
    if show.card.status in {"closed", "cancelled"}:
        return say.text("The sale is over: {status}.", status=say.text(STATUSES[show.card.status]))
    if own and (show.waiting or show.card.status == "paused"):
        return say.text(
            "{waiting} wait in line: you serve walk-ins from the window's own {own} tickets.",
            waiting=show.waiting,
            own=own,
        )
    if show.card.status == "paused":
        return say.text("The sale is paused: walk-ins take a number.")
    if show.waiting:
        return say.plural(
            "{n} person waits in line: walk-ins take a number.",
            "{n} people wait in line: walk-ins take a number.",
            show.waiting,
        )
    if needs_number(show):
        return say.text("No ticket is free now: walk-ins take a number, for what comes back.")
    return say.text("Nobody waits: serve at once.")


def charged(show: ShowView, fare: FareView, channel: str) -> int:
    """Return the fee of a fare as it is charged through this channel."""
    at_window = channel == "window"
    free_of_fee = at_window and not json.loads(show.plain)["terms"]["window_fee"]
    return 0 if free_of_fee else fare.fee_minor


def basket_text(
    show: ShowView, wanted: dict[int, int], order: CheckedOut | None, channel: str, say: Speech
) -> Content:
    """Write the basket: its lines, prices and fees apart, the total."""
    fares = {fare.fare_no: fare for fare in show.fares}
    currency = show.card.currency
    price = fee = 0
    parts: list[str] = []
    for fare_no, quantity in sorted(wanted.items()):
        fare = fares[fare_no]
        price += fare.price_minor * quantity
        fee += charged(show, fare, channel) * quantity
        amount = say.money(fare.price_minor * quantity, currency)
        parts.append(f"{quantity} × {fare_name(show, fare)}\n{amount:>{_SIDE_WIDE}}")
    if order is not None:
        price, fee = order.price_minor, order.fee_minor
    total = say.money(price + fee, currency)
    lines = "\n".join(parts) or say.text("Nothing chosen yet.")
    tickets, service, all_of_it = say.text("tickets"), say.text("service fee"), say.text("TOTAL")
    sums = between(tickets, say.money(price, currency), _SIDE_WIDE)
    fees = between(service, say.money(fee, currency), _SIDE_WIDE)
    whole = between(all_of_it, total, _SIDE_WIDE)
    return Content.assemble(
        (say.text("Basket"), "bold"), f"\n{lines}\n\n{sums}\n{fees}\n", (whole, "bold reverse")
    )


def clock_text(standing: Standing | None, now_ms: int, say: Speech) -> str:
    """Say how long the basket is held."""
    if standing is None or standing.deadline_ms is None:
        return ""
    left_ms = max(standing.deadline_ms - now_ms, 0)
    minutes, rest_ms = divmod(left_ms, _MINUTE_MS)
    clock = f"{minutes}:{rest_ms // 1_000:02d}"
    return say.text("⏱ held for {clock}", clock=clock)
