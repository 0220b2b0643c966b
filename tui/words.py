"""How answers of the office read to a clerk: what was wrong, and what to do."""

from core import outcomes as out
from core.lookups import PurchaseCard, Stakes
from core.purchase import State
from core.requests import WINDOW
from core.views import FareView, ShowView
from language import Speech, msgid
from tui.context import Lost

STATES: dict[str, str] = {
    "in_lobby": msgid("in the lobby"),
    "in_line": msgid("in line"),
    "called": msgid("called"),
    "choosing": msgid("choosing"),
    "paying": msgid("paying"),
    "completed": msgid("has tickets"),
    "left": msgid("left"),
    "lapsed": msgid("time ended"),
    "closed": msgid("closed"),
}
STATUSES: dict[str, str] = {
    "published": msgid("not open yet"),
    "drawing": msgid("being drawn"),
    "open": msgid("on sale"),
    "paused": msgid("paused"),
    "closed": msgid("sale closed"),
    "cancelled": msgid("cancelled"),
}
ROLES: dict[str, str] = {
    "clerk": msgid("clerk"),
    "manager": msgid("manager"),
    "door": msgid("door staff"),
    "disabled": msgid("disabled: may do nothing"),
}


def fare_name(show: ShowView, fare: FareView) -> str:
    """Name a fare with its tier, unless there is one tier only."""
    if len(show.tiers) == 1:
        return fare.name
    tier = next((t.name for t in show.tiers if t.tier_no == fare.tier_no), "")
    return f"{tier} · {fare.name}"


def left_for_window(show: ShowView, fare: FareView, channel: str = "window") -> int:
    """Return how many tickets of a fare the window could sell at most, promises aside."""
    tier = next(t for t in show.tiers if t.tier_no == fare.tier_no)
    own = sum(
        a.quantity - a.taken
        for a in show.allotments
        if a.tier_no == fare.tier_no and a.channel == channel and not a.released
    )
    left = tier.free + own
    return max(0, left if fare.quota_left is None else min(left, fare.quota_left))


def own_left(show: ShowView) -> int:
    """Return what is left of the window's own allotments."""
    kept = (a for a in show.allotments if a.channel == "window" and not a.released)
    return sum(a.quantity - a.taken for a in kept)


def whose(card: PurchaseCard, say: Speech) -> str:
    """Say whose a purchase is."""
    if card.name:
        return card.name
    return say.text("walk-in") if card.channel == WINDOW else say.text("without a name")


def refusal(  # noqa: C901 - one case each
    answer: object, show: ShowView | None, say: Speech
) -> str:
    """Say what was wrong and what to do, in one line."""
    match answer:
        case Lost():
            return say.text("The office can't be reached ({why}): try again.", why=answer.why)
        case out.NotOnSale() if answer.opens_ms is not None and show is not None:
            opens = say.stamp(answer.opens_ms, show.card.time_zone)
            return say.text("Not on sale yet: it opens on {opens}.", opens=opens)
        case out.NotOnSale():
            status = say.text(STATUSES.get(answer.status, answer.status))
            return say.text("Not on sale: {status}.", status=status)
        case out.NotEnough():
            return _not_enough(answer, show, say)
        case out.OverLimit():
            return say.text(
                "One person may have {limit} tickets of this show: take fewer.", limit=answer.limit
            )
        case out.DocumentNeeded():
            return say.text("This fare needs a valid CPF of the person who will use it.")
        case out.NotYourTurn():
            number = answer.number or "–"
            return say.text("This person still waits: number {number}.", number=number)
        case out.CallExpired():
            return say.text("The time for this sale has ended: begin again.")
        case out.WrongState():
            state = say.text(STATES.get(answer.state, answer.state))
            return say.text("This can't be done now: {state}.", state=state)
        case out.NotYourShift():
            return say.text("This drawer is {clerk}'s, or it is closed.", clerk=answer.clerk)
        case out.NothingToRefund():
            return say.text("Nothing to refund: used or refunded already.")
        case out.UnknownPurchase() | out.UnknownPayment() | out.UnknownTicket():
            return say.text("There is no such order.")
        case out.Taken():
            return say.text("The name {name} is in use already.", name=answer.name)
        case out.Malformed():
            return f"{answer.field}: {answer.advice}"
        case _:
            return type(answer).__name__


def told_text(stakes: Stakes, say: Speech) -> list[str]:
    """Say how many people are told of something, and how many can't be."""
    told = stakes.orders + stakes.live - stakes.silent
    lines = [say.plural("{n} person is told.", "{n} people are told.", told)]
    if stakes.silent:
        lines.append(
            say.plural(
                "{n} walk-in left no contact: they must be told at the door.",
                "{n} walk-ins left no contact: they must be told at the door.",
                stakes.silent,
            )
        )
    return lines


def _not_enough(answer: out.NotEnough, show: ShowView | None, say: Speech) -> str:
    if answer.quota_no is not None:
        return say.plural(
            "The quota of this fare has {n} left.",
            "The quota of this fare has {n} left.",
            answer.available,
        )
    if answer.tier_no is not None and show is not None:
        names = {tier.tier_no: tier.name for tier in show.tiers}
        name = names.get(answer.tier_no, "")
        return say.text("{tier}: only {left} can be had now.", tier=name, left=answer.available)
    return say.text(
        "The rest is promised to people who were called: {left} can be had.", left=answer.available
    )


def is_over(state: State) -> bool:
    """Whether a purchase has ended without tickets."""
    return state in {State.LEFT, State.LAPSED, State.CLOSED}


def place_name(where: str | None, say: Speech) -> str:
    """Say where a ticket was used; a terminal that nobody gave a name is 'the window'."""
    return say.text("window") if where == WINDOW else where or "–"
