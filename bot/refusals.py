"""What is said when the office says no: what was wrong, and what to do."""

from bot.screens import cut
from bot.showing import Look, fare_name, terms_of
from core import outcomes as out
from core.views import ShowView

_NAME = 60


def refusal(look: Look, show: ShowView, answer: object) -> str:
    """Say why not, in a line or two."""
    speech = look.speech
    match answer:
        case out.NotOnSale():
            return _not_on_sale(look, show, answer)
        case out.NotEnough():
            return _not_enough(look, show, answer)
        case out.OverLimit():
            return speech.plural(
                "At most {n} ticket a person at this show; you have {has}.",
                "At most {n} tickets a person at this show; you have {has}.",
                answer.limit,
                has=answer.has,
            )
        case out.NotYourTurn():
            return speech.text("It is not your turn yet: you are called here.")
        case out.CallExpired():
            return speech.text("The time for this has ended. You can enter the line again.")
        case out.NothingToRefund():
            return speech.text("There is nothing to give back: used, or given back already.")
        case out.RefundsOver(until_ms=None):
            return speech.text("Tickets of this show are not taken back.")
        case out.RefundsOver():
            return speech.text("The time to give tickets back has ended.")
        case out.WrongState():
            return speech.text("That can't be done now. Here is how it stands.")
        case out.DocumentNeeded(fare_no=fare_no):
            fare = next((f for f in show.fares if f.fare_no == fare_no), None)
            name = cut(fare_name(show, fare), _NAME) if fare else ""
            return speech.text("{name} needs the CPF of who will use it.", name=name)
        case _:
            return speech.text("That did not work. Try again from how it stands now.")


def _not_on_sale(look: Look, show: ShowView, answer: out.NotOnSale) -> str:
    speech, zone, opens_ms = look.speech, show.card.time_zone, answer.opens_ms
    if opens_ms is None:
        return speech.text("This show is not on sale.")
    at, day = speech.clock_time(opens_ms, zone), speech.short_day(opens_ms, zone)
    if opens_ms == terms_of(show)["lobby_opens_ms"]:
        return speech.text("Not yet: the lobby opens on {day} at {at}.", day=day, at=at)
    return speech.text("Not yet: the sale opens on {day} at {at}.", day=day, at=at)


def _not_enough(look: Look, show: ShowView, answer: out.NotEnough) -> str:
    speech = look.speech
    if answer.quota_no is not None and answer.available == 0:
        return speech.text("No more tickets of this kind: others may be free.")
    if answer.available == 0:
        return speech.text("None of these is free now.")
    tier = next((t.name for t in show.tiers if t.tier_no == answer.tier_no), show.card.title)
    return speech.plural(
        "Only {n} can be had: {where}.",
        "Only {n} can be had: {where}.",
        answer.available,
        where=cut(tier, _NAME),
    )
