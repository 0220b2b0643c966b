"""Screens of shows: the list, and one show with its tiers, fares, fees and what is left."""

import json
from dataclasses import dataclass
from typing import Any

from bot.marks import Do, Marks, Tap
from bot.screens import Key, Screen, bold, cut, fitting, plain, screen
from core.requests import TELEGRAM
from core.sale import Status
from core.views import FareView, ShowCard, ShowView
from language import Speech

PAGE = 6
_TITLE = 60
_NAME = 40
_BUTTON = 48
_DESCRIPTION = 200
_DIGEST_SHOWN = 16
ON_SALE = frozenset({Status.PUBLISHED, Status.DRAWING, Status.OPEN, Status.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What every screen is made with."""

    speech: Speech
    marks: Marks
    now_ms: int
    bot_name: str
    """The bot's user name, for links."""

    def link(self, slug: str) -> str:
        """Return the link that opens a show in the bot."""
        return f"https://t.me/{self.bot_name}?start={slug}"


def when(look: Look, card: ShowCard) -> str:
    """Say when and where a show is."""
    at = look.speech.clock_time(card.starts_ms, card.time_zone)
    day = look.speech.short_day(card.starts_ms, card.time_zone)
    return plain(f"{day}, {at} · {cut(card.venue, _NAME)}, {cut(card.city, _NAME)}")


def status_line(look: Look, card: ShowCard) -> str:
    """Say how the sale stands, and what is left."""
    speech = look.speech
    match card.status:
        case Status.OPEN if card.free > 0:
            return speech.plural("{n} ticket left", "{n} tickets left", card.free)
        case Status.OPEN:
            return speech.text("Nothing is free now; tickets may come back")
        case Status.PUBLISHED:
            return speech.text("Not on sale yet")
        case Status.DRAWING:
            return speech.text("The opening draw is under way")
        case Status.PAUSED:
            return speech.text("The sale is paused; places in line are kept")
        case Status.CANCELLED:
            return speech.text("This show is cancelled; what was paid goes back by itself")
        case _:
            return speech.text("The sale is over")


def _opening(look: Look, show: ShowView) -> str:
    """Say when the sale opens, and its lobby."""
    speech, zone, terms = look.speech, show.card.time_zone, terms_of(show)
    opens_ms: int = terms["sale_opens_ms"]
    lobby_ms: int | None = terms["lobby_opens_ms"]
    at, day = speech.clock_time(opens_ms, zone), speech.short_day(opens_ms, zone)
    said = speech.text("The sale opens on {day} at {at}.", day=day, at=at)
    if lobby_ms is None:
        return said
    lot = speech.text("Who is in the lobby then is put in order by lot, whoever came first.")
    if lobby_ms <= look.now_ms:
        return f"{said} {lot}"
    at, day = speech.clock_time(lobby_ms, zone), speech.short_day(lobby_ms, zone)
    lobby = speech.text("Its lobby opens on {day} at {at}.", day=day, at=at)
    return f"{said} {lobby} {lot}"


def list_screen(
    look: Look, cards: tuple[ShowCard, ...], words: str, page: int, above: str = ""
) -> Screen:
    """Show a page of the catalogue, or of what a search found. `cards` may be one more."""
    speech = look.speech
    if not cards and not page:
        if not words:
            return screen([plain(above), plain(speech.text("No show is on sale now."))])
        said = speech.text("Nothing was found. Write the name of a show or a city, or a date.")
        return screen([plain(said)], [Key(speech.text("All shows"), Tap(do=Do.SHOWS))])
    head = speech.text("Search: {words}", words=cut(words, _TITLE)) if words else ""
    head = head or speech.text("Shows on sale")
    shown = cards[:PAGE]
    parts = [plain(above), bold(head)]
    entries = [f"{bold(cut(card.title, _TITLE))}\n{when(look, card)}" for card in shown]
    keys = [
        [Key(f"{short(look, card)} · {cut(card.title, _BUTTON)}", show_tap(card))] for card in shown
    ]
    turns = [
        Key(text, Tap(do=Do.SHOWS, args=(to,), text=words))
        for text, to, there in (("‹", page - 1, page > 0), ("›", page + 1, len(cards) > PAGE))
        if there
    ]
    return screen([*parts, fitting(entries, parts, joint="\n\n")], *keys, turns)


def short(look: Look, card: ShowCard) -> str:
    """Tell a show from the others of its name."""
    return look.speech.short_stamp(card.starts_ms, card.time_zone)


def show_tap(card: ShowCard) -> Tap:
    """Return what shows a show."""
    return Tap(do=Do.SHOW, show_id=card.show_id)


def fare_name(show: ShowView, fare: FareView) -> str:
    """Name a fare with its tier, unless there is one tier only."""
    tier = next(t.name for t in show.tiers if t.tier_no == fare.tier_no)
    return fare.name if len(show.tiers) == 1 else f"{tier} · {fare.name}"


def price(look: Look, fare: FareView, currency: str) -> str:
    """Say a price, and its fee apart."""
    speech = look.speech
    amount = speech.money(fare.price_minor, currency)
    if not fare.fee_minor:
        return speech.text("{amount}, no fee", amount=amount)
    fee = speech.money(fare.fee_minor, currency)
    return speech.text("{amount} + {fee} fee", amount=amount, fee=fee)


def left(show: ShowView, fare: FareView) -> int:
    """Return how many tickets of a fare are left for who buys here."""
    free = next(tier.free for tier in show.tiers if tier.tier_no == fare.tier_no)
    free += sum(
        one.quantity - one.taken
        for one in show.allotments
        if (one.tier_no, one.channel, one.released) == (fare.tier_no, TELEGRAM, False)
    )
    return max(free if fare.quota_left is None else min(free, fare.quota_left), 0)


def _left(look: Look, show: ShowView, fare: FareView) -> str:
    many = left(show, fare)
    if not many:
        return look.speech.text("none free now")
    return look.speech.plural("{n} left", "{n} left", many)


def terms_of(show: ShowView) -> dict[str, Any]:
    """Return the terms of a show, as it was published."""
    return json.loads(show.plain)["terms"]


def refund_rule(look: Look, show: ShowView) -> str:
    """Say whether tickets can be given back, and until when."""
    until_ms: int | None = terms_of(show)["refunds_until_ms"]
    if until_ms is None:
        return look.speech.text("Tickets can't be given back here.")
    return look.speech.text(
        "Tickets can be given back until {day} at {at}.",
        day=look.speech.short_day(until_ms, show.card.time_zone),
        at=look.speech.clock_time(until_ms, show.card.time_zone),
    )


def show_screen(look: Look, show: ShowView, mine: Tap | None) -> Screen:
    """Show one show. `mine` leads to the place that the person has there already."""
    speech, card = look.speech, show.card
    lines: list[str] = []
    for fare in show.offered if card.status in ON_SALE else ():
        name = bold(cut(fare_name(show, fare), _NAME))
        cost = plain(price(look, fare, card.currency))
        lines.append(f"{name}: {cost} ({plain(_left(look, show, fare))})")
    head = f"{bold(cut(card.title, _TITLE))}\n{when(look, card)}"
    early = card.status == Status.PUBLISHED
    stands = plain(_opening(look, show) if early else status_line(look, card))
    refunds = "" if card.status == Status.CANCELLED else refund_rule(look, show)
    after = [plain(refunds), plain(_crowd(look, show)), plain(_digest(look, show))]
    more = plain(speech.text("and more, to choose from when it is your turn"))
    fares = fitting(lines, [head, stands, *after], more=more)
    about = fitting([plain(_about(show))], [head, stands, fares, *after])
    parts = [head, about, stands, fares, *after]
    keys: list[Key] = []
    if mine is not None:
        keys.append(Key(speech.text("My place"), mine))
    elif card.status in ON_SALE:
        keys.append(Key(speech.text("Buy tickets"), Tap(do=Do.JOIN, show_id=card.show_id)))
    share = Key(speech.text("Share"), inline=card.slug)
    again = Key(speech.text("Refresh"), Tap(do=Do.SHOW, show_id=card.show_id))
    return screen(parts, keys, [again, share], [Key(speech.text("All shows"), Tap(do=Do.SHOWS))])


def _about(show: ShowView) -> str:
    """Say what the show is, in a few words of its own."""
    return cut(" ".join(json.loads(show.plain)["description"].split()), _DESCRIPTION)


def _digest(look: Look, show: ShowView) -> str:
    """Say by what the opening draw can be checked, where there is one."""
    if terms_of(show)["lobby_opens_ms"] is None:
        return ""
    digest = show.seed_digest[:_DIGEST_SHOWN]
    return look.speech.text("Fingerprint of the opening draw: {digest}…", digest=digest)


def _crowd(look: Look, show: ShowView) -> str:
    speech = look.speech
    if show.lobby:
        return speech.plural("{n} person in the lobby", "{n} people in the lobby", show.lobby)
    if show.waiting:
        return speech.plural("{n} person in line", "{n} people in line", show.waiting)
    return ""
