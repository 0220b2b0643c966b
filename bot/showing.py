"""Screens of shows: the list, and one show with its tiers, fares, fees and what is left."""

import json
from dataclasses import dataclass
from typing import Any

from bot.marks import Do, Marks, Tap
from bot.screens import Key, Screen, bold, cut, fits, plain, screen
from core.sale import Status
from core.views import FareView, ShowCard, ShowView
from language import Speech

PAGE = 6
_TITLE = 60
_NAME = 40
_BUTTON = 48
_FARES_SHOWN = 8
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


def status_line(look: Look, card: ShowCard, opens_ms: int) -> str:
    """Say how the sale stands, and what is left."""
    speech = look.speech
    match card.status:
        case Status.OPEN if card.free > 0:
            return speech.plural("{n} ticket left", "{n} tickets left", card.free)
        case Status.OPEN:
            return speech.text("Nothing is free now; tickets may come back")
        case Status.PUBLISHED:
            at = speech.clock_time(opens_ms, card.time_zone)
            day = speech.short_day(opens_ms, card.time_zone)
            return speech.text("The sale opens on {day} at {at}", day=day, at=at)
        case Status.DRAWING:
            return speech.text("The opening draw is under way")
        case Status.PAUSED:
            return speech.text("The sale is paused; places in line are kept")
        case _:
            return speech.text("The sale is over")


def list_screen(look: Look, cards: tuple[ShowCard, ...], words: str, page: int) -> Screen:
    """Show a page of the catalogue, or of what a search found. `cards` may be one more."""
    speech = look.speech
    if not cards and not page:
        said = speech.text("Nothing was found. Write the name of a show or a city, or a date.")
        return screen([plain(said)], [Key(speech.text("All shows"), Tap(do=Do.SHOWS))])
    head = speech.text("Search: {words}", words=cut(words, _TITLE)) if words else ""
    head = head or speech.text("Shows on sale")
    shown = cards[:PAGE]
    parts = [bold(head)]
    parts += [f"{bold(cut(card.title, _TITLE))}\n{when(look, card)}" for card in shown]
    keys = [
        [Key(cut(card.title, _BUTTON), Tap(do=Do.SHOW, show_id=card.show_id))] for card in shown
    ]
    turns: list[Key] = []
    for text, to, there in (("‹", page - 1, page > 0), ("›", page + 1, len(cards) > PAGE)):
        tap = Tap(do=Do.SHOWS, args=(to,), text=words) if there else None
        if tap is not None and fits(look.marks, tap):
            turns.append(Key(text, tap))
    return screen(parts, *keys, turns)


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


def _left(look: Look, show: ShowView, fare: FareView) -> str:
    tier = next(t for t in show.tiers if t.tier_no == fare.tier_no)
    left = tier.free if fare.quota_left is None else min(tier.free, fare.quota_left)
    if left <= 0:
        return look.speech.text("none free now")
    return look.speech.plural("{n} left", "{n} left", left)


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
    terms = terms_of(show)
    opens_ms: int = terms["sale_opens_ms"]
    lines: list[str] = []
    for fare in show.offered[:_FARES_SHOWN]:
        name = bold(cut(fare_name(show, fare), _NAME))
        cost = plain(price(look, fare, card.currency))
        lines.append(f"{name}: {cost} ({plain(_left(look, show, fare))})")
    if len(show.offered) > _FARES_SHOWN:
        lines.append(plain(speech.text("and more, to choose from when it is your turn")))
    digest = speech.text(
        "Fingerprint of the opening draw: {digest}…", digest=show.seed_digest[:_DIGEST_SHOWN]
    )
    drawn = terms["lobby_opens_ms"] is not None
    parts = [
        f"{bold(cut(card.title, _TITLE))}\n{when(look, card)}",
        plain(status_line(look, card, opens_ms)),
        "\n".join(lines),
        plain(refund_rule(look, show)),
        plain(_crowd(look, show)),
        plain(digest) if drawn else "",
    ]
    keys: list[Key] = []
    if mine is not None:
        keys.append(Key(speech.text("My place"), mine))
    elif card.status in ON_SALE:
        keys.append(Key(speech.text("Buy tickets"), Tap(do=Do.JOIN, show_id=card.show_id)))
    share = Key(speech.text("Share"), inline=card.slug)
    again = Key(speech.text("Refresh"), Tap(do=Do.SHOW, show_id=card.show_id))
    return screen(parts, keys, [again, share], [Key(speech.text("All shows"), Tap(do=Do.SHOWS))])


def _crowd(look: Look, show: ShowView) -> str:
    speech = look.speech
    if show.lobby:
        return speech.plural("{n} person in the lobby", "{n} people in the lobby", show.lobby)
    if show.waiting:
        return speech.plural("{n} person in line", "{n} people in line", show.waiting)
    return ""
