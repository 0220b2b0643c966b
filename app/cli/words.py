"""How amounts, times and refusals read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core import outcomes
from core.money import NBSP
from core.outcomes import (
    AlreadyUsed,
    CallExpired,
    DocumentNeeded,
    Malformed,
    NotEnough,
    NothingToRefund,
    NotInOrder,
    NotOnSale,
    NotValid,
    NotYourTurn,
    OverLimit,
    Taken,
    UnknownFare,
    UnknownTicket,
    WrongState,
)
from core.views import FareView, ShowCard, ShowView
from language import speech

_MS = 1_000
_DOMAIN = "cli"


def amount(minor: int, currency: str, language: str) -> str:
    """Write an amount, with plain spaces: terminals and pipes know no others."""
    return speech(language, _DOMAIN).money(minor, currency).replace(NBSP, " ")


def local_time(at_ms: int, time_zone: str, language: str) -> str:
    """Write an instant as clocks at the place show it."""
    return speech(language, _DOMAIN).stamp(at_ms, time_zone)


def iso_time(at_ms: int, time_zone: str) -> str:
    """Write an instant for programs, with its offset."""
    at = datetime.fromtimestamp(at_ms / _MS, UTC).astimezone(ZoneInfo(time_zone))
    return at.isoformat(timespec="seconds")


def tier_name(show: ShowView, tier_no: int) -> str:
    """Name a tier."""
    return next((tier.name for tier in show.tiers if tier.tier_no == tier_no), f"tier {tier_no}")


def fare_name(show: ShowView, fare_no: int) -> str:
    """Name a fare with its tier."""
    for fare in show.fares:
        if fare.fare_no == fare_no:
            return full_name(show, fare)
    return f"fare {fare_no}"


def full_name(show: ShowView, fare: FareView) -> str:
    """Name a fare as the command line takes it: 'Pista/Inteira'."""
    return f"{tier_name(show, fare.tier_no)}/{fare.name}"


def refusal(answer: object, show: ShowView, language: str) -> str:  # noqa: C901 - one case each
    """Say what was wrong and what to do, in one line."""
    card = show.card
    match answer:
        case NotOnSale():
            return _not_on_sale(answer, card, language)
        case NotEnough():
            return _not_enough(answer, show)
        case OverLimit():
            had = f" and has {answer.has}" if answer.has else ""
            return f"one customer may have {answer.limit} tickets of {card.slug}{had}: take fewer"
        case DocumentNeeded():
            name = fare_name(show, answer.fare_no)
            return f"{name} needs the CPF of who will use it: give a valid one with --document"
        case UnknownFare():
            return f"{card.slug} has no fare {answer.fare_no}: see `bilheteria show view`"
        case NotYourTurn():
            return f"the customer still waits ({answer.state}): wait for the call"
        case CallExpired():
            return "the time for this sale has ended: begin a new one"
        case WrongState():
            return f"this can't be done now, as it stands at '{answer.state}'"
        case Malformed():
            return f"{answer.field}: {answer.advice}"
        case Taken():
            return f"{answer.name} is in use for something else: choose another"
        case NothingToRefund():
            return "nothing to refund: these tickets were refunded or used already"
        case AlreadyUsed():
            at = local_time(answer.used_ms, card.time_zone, language)
            return f"ALREADY USED at {at}, {answer.where or 'place not told'}: do not let in"
        case NotValid():
            return f"NOT VALID, the ticket is {answer.state}: do not let in"
        case UnknownTicket():
            return f"no ticket {answer.name} was ever sold: do not let in"
        case NotInOrder():
            return f"the draw does not follow what was published (expected {answer.expected})"
        case _:
            return _unexpected(answer)


def _not_on_sale(answer: NotOnSale, card: ShowCard, language: str) -> str:
    if answer.opens_ms is None:
        return f"{card.slug} is not on sale: it is {answer.status}"
    opens = local_time(answer.opens_ms, card.time_zone, language)
    return f"{card.slug} is not on sale yet: it opens at {opens}"


def _not_enough(answer: NotEnough, show: ShowView) -> str:
    can = f"{answer.available} can be had" if answer.available else "none can be had"
    if answer.tier_no is not None:
        return f"not enough tickets in {tier_name(show, answer.tier_no)}: {can}"
    if answer.quota_no is not None:
        return f"the quota of this fare is short: {can}; other fares may be free"
    return f"the other tickets are promised to people who were called: {can}"


def _unexpected(answer: object) -> str:
    name = type(answer).__name__
    said = getattr(outcomes, name, object).__doc__ or name
    return f"refused: {said.partition('.')[0]}"
