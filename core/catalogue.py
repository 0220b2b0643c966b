"""Shows as they are put on sale: what a show is, and every rule it must keep.

A `ShowDraft` is a show described whole, before the office gives it an identity. `check` says
all that is wrong with one; the office takes no draft that has a problem. `core.terms` holds
the settings of a sale, `core.plain` carries a draft to and from plain data.
"""

import re
import unicodedata
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from core.money import EXPONENTS
from core.search import normalise
from core.terms import Problem, Terms, check_instant, check_terms

SLUG_MAX_CHARACTERS: Final = 48
NAME_MAX_CHARACTERS: Final = 40
"""Of a tier, fare or quota: it must fit a button and a ticket."""
TITLE_MAX_CHARACTERS: Final = 120
PLACE_MAX_CHARACTERS: Final = 120
ADDRESS_MAX_CHARACTERS: Final = 200
DESCRIPTION_MAX_CHARACTERS: Final = 4_000
CAPACITY_MAX: Final = 1_000_000
PRICE_MAX_MINOR: Final = 10**12
TIERS_MAX: Final = 100
FARES_MAX: Final = 20
"""In one tier."""
QUOTAS_MAX: Final = 20

LANGUAGES: Final = ("pt-BR", "en")
CHANNELS: Final = ("window", "telegram", "api")
"""Where tickets are sold, and so what an allotment can be set aside for."""

_SLUG: Final = re.compile(rf"[a-z0-9-]{{1,{SLUG_MAX_CHARACTERS}}}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ZONE: Final = re.compile(r"UTC|[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){1,2}")
# Marks that turn the direction of text around can make one fare read as another.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A house. `country` is ISO 3166-1 alpha-2, `time_zone` an IANA name."""

    name: str
    address: str
    city: str
    region: str
    country: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A run of shows that belong together, known by its slug."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fare:
    """A price within a tier, in minor units of the show's currency."""

    name: str
    price_minor: int
    fee_minor: int
    """Shown apart from the price, always."""
    quota: str | None
    """Name of the quota of the show that tickets at this fare count against."""
    proof: bool
    """Whether the holder shows at the door that the fare is theirs to use."""
    document: bool
    """Whether a document (CPF) is asked for when buying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The most tickets of the whole show sold at the fares that name it."""

    name: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """Tickets of a tier kept for one channel until `release_ms`, then free for all."""

    channel: str
    quantity: int
    release_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A part of the house with its own capacity, in tickets."""

    name: str
    capacity: int
    fares: tuple[Fare, ...]
    allotments: tuple[Allotment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDraft:
    """One performance at one place and time, and how it is sold.

    Instants are UTC epoch milliseconds; the local time is theirs in the venue's zone.
    Tiers and fares are in the order in which people see them.
    """

    slug: str
    title: str
    description: str
    language: str
    series: Series | None
    venue: Venue
    starts_ms: int
    doors_ms: int | None
    currency: str
    tiers: tuple[Tier, ...]
    quotas: tuple[Quota, ...]
    terms: Terms


def check(draft: ShowDraft) -> tuple[Problem, ...]:
    """Say all that is wrong with a draft; nothing, if it can be put on sale.

    Each `where` is a path in the draft, such as 'tiers[0].fares[1].price_minor'.
    """
    return (
        *_check_show(draft),
        *_check_venue(draft.venue),
        *_check_series(draft.series),
        *_check_tiers(draft),
        *_check_quotas(draft),
        *check_terms(draft.terms, draft.starts_ms),
    )


def quoted(text: str) -> str:
    """Quote a text in a message: short, on one line, whatever it holds."""
    short = text[:NAME_MAX_CHARACTERS]
    quote = f"'{short}'" if short.isprintable() else ascii(short)
    return quote if short == text else f"{quote[:-1]}...'"


def _check_show(draft: ShowDraft) -> Iterator[Problem]:
    yield from _check_slug("slug", draft.slug)
    yield from _check_text("title", draft.title, TITLE_MAX_CHARACTERS)
    yield from _check_description(draft.description)
    if draft.language not in LANGUAGES:
        yield Problem(
            where="language",
            what="tickets cannot be written in this language",
            advice=f"give one of {', '.join(LANGUAGES)}",
        )
    if draft.currency not in EXPONENTS:
        yield Problem(
            where="currency",
            what="this is not a currency code of ISO 4217",
            advice="give three capital letters, such as BRL",
        )
    yield from check_instant("starts_ms", draft.starts_ms)
    if draft.doors_ms is not None:
        yield from check_instant("doors_ms", draft.doors_ms)
        if draft.doors_ms > draft.starts_ms:
            yield Problem(
                where="doors_ms",
                what="the doors open after the show starts",
                advice="open the doors at the start of the show or before",
            )


def _check_slug(where: str, slug: str) -> Iterator[Problem]:
    if not _SLUG.fullmatch(slug):
        yield Problem(
            where=where,
            what="the slug is missing or has other characters than small letters, digits and '-'",
            advice=f"give 1 to {SLUG_MAX_CHARACTERS} of a-z, 0-9 and '-', as in 'lua-nova-recife'",
        )


def _check_text(where: str, text: str, most: int, *, needed: bool = True) -> Iterator[Problem]:
    """Refuse a one-line text that is missing, too long, or would not print as it reads."""
    if needed and not text.strip():
        noun = where.rpartition(".")[2]
        yield Problem(where=where, what=f"the {noun} is missing", advice="write it")
    if len(text) > most:
        yield Problem(
            where=where,
            what=f"the text has {len(text)} characters; the most is {most}",
            advice="shorten it",
        )
    if text.strip() not in {"", text}:
        yield Problem(
            where=where,
            what="the text begins or ends with a space",
            advice="take the space away",
        )
    if any(unprintable(letter) for letter in text):
        yield Problem(
            where=where,
            what="the text has a line break or an invisible control character",
            advice="write it anew on one line",
        )


def unprintable(letter: str) -> bool:
    """Whether a character has no place in a line of text: control, surrogate, turning mark."""
    return letter in _TURNING or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}


def _check_description(description: str) -> Iterator[Problem]:
    if len(description) > DESCRIPTION_MAX_CHARACTERS:
        yield Problem(
            where="description",
            what=f"the description has {len(description)} characters; "
            f"the most is {DESCRIPTION_MAX_CHARACTERS}",
            advice="shorten it",
        )
    if any(unprintable(letter) for letter in description if letter != "\n"):
        yield Problem(
            where="description",
            what="the description has an invisible control character",
            advice="write it anew; line breaks are allowed",
        )


def _check_venue(venue: Venue) -> Iterator[Problem]:
    yield from _check_text("venue.name", venue.name, PLACE_MAX_CHARACTERS)
    yield from _check_text("venue.address", venue.address, ADDRESS_MAX_CHARACTERS, needed=False)
    yield from _check_text("venue.city", venue.city, PLACE_MAX_CHARACTERS)
    yield from _check_text("venue.region", venue.region, PLACE_MAX_CHARACTERS, needed=False)
    if not _COUNTRY.fullmatch(venue.country):
        yield Problem(
            where="venue.country",
            what="this is not a country code of ISO 3166",
            advice="give two capital letters, such as BR",
        )
    if not zone_known(venue.time_zone):
        yield Problem(
            where="venue.time_zone",
            what="this is not a time zone this machine knows",
            advice="give an IANA name, such as America/Sao_Paulo or America/Manaus",
        )


def zone_known(name: str) -> bool:
    """Whether `name` is an IANA time zone in the machine's tables or in the tzdata package."""
    if not _ZONE.fullmatch(name):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
        return False
    return True


def _check_series(series: Series | None) -> Iterator[Problem]:
    if series is not None:
        yield from _check_slug("series.slug", series.slug)
        yield from _check_text("series.title", series.title, TITLE_MAX_CHARACTERS)


def _check_tiers(draft: ShowDraft) -> Iterator[Problem]:
    yield from _check_many("tiers", "tier", len(draft.tiers), least=1, most=TIERS_MAX)
    yield from _check_unique("tiers", "tier", (tier.name for tier in draft.tiers))
    quotas = {quota.name for quota in draft.quotas}
    for number, tier in enumerate(draft.tiers):
        where = f"tiers[{number}]"
        yield from _check_text(f"{where}.name", tier.name, NAME_MAX_CHARACTERS)
        yield from _check_count(f"{where}.capacity", tier.capacity, CAPACITY_MAX)
        yield from _check_many(f"{where}.fares", "fare", len(tier.fares), least=1, most=FARES_MAX)
        yield from _check_unique(f"{where}.fares", "fare", (fare.name for fare in tier.fares))
        for place, fare in enumerate(tier.fares):
            yield from _check_fare(f"{where}.fares[{place}]", fare, quotas)
        yield from _check_allotments(where, tier, draft.terms)


def _check_many(where: str, noun: str, count: int, *, least: int, most: int) -> Iterator[Problem]:
    if count < least:
        yield Problem(where=where, what=f"there is no {noun}", advice=f"add at least one {noun}")
    if count > most:
        yield Problem(
            where=where,
            what=f"there are {count} {noun}s; the most is {most}",
            advice=f"leave out or merge {noun}s",
        )


def _check_unique(where: str, noun: str, names: Iterable[str]) -> Iterator[Problem]:
    """Refuse names a person would read as the same: they may not differ by accent or case."""
    seen: dict[str, str] = {}
    for number, name in enumerate(names):
        folded = normalise(name) or name.strip()
        if folded in seen:
            yield Problem(
                where=f"{where}[{number}].name",
                what=f"there is another {noun} named {quoted(seen[folded])}",
                advice="give each its own name; accents and capitals alone do not tell them apart",
            )
        elif folded:
            seen[folded] = name


def _check_count(where: str, count: int, most: int) -> Iterator[Problem]:
    if not 1 <= count <= most:
        yield Problem(
            where=where,
            what=f"{count} is outside 1 to {most}",
            advice=f"give a whole number of tickets from 1 to {most}",
        )


def _check_fare(where: str, fare: Fare, quotas: set[str]) -> Iterator[Problem]:
    yield from _check_text(f"{where}.name", fare.name, NAME_MAX_CHARACTERS)
    for part, amount_minor in (("price_minor", fare.price_minor), ("fee_minor", fare.fee_minor)):
        if not 0 <= amount_minor <= PRICE_MAX_MINOR:
            yield Problem(
                where=f"{where}.{part}",
                what=f"an amount of {amount_minor} minor units is outside 0 to {PRICE_MAX_MINOR}",
                advice="give an amount of nothing or more, within reason",
            )
    if fare.quota is not None and fare.quota not in quotas:
        yield Problem(
            where=f"{where}.quota",
            what=f"the show has no quota named {quoted(fare.quota)}",
            advice="define the quota with its capacity, or correct the name",
        )


def _check_allotments(where: str, tier: Tier, terms: Terms) -> Iterator[Problem]:
    channels: set[str] = set()
    for number, allotment in enumerate(tier.allotments):
        here = f"{where}.allotments[{number}]"
        if allotment.channel not in CHANNELS:
            yield Problem(
                where=f"{here}.channel",
                what="tickets cannot be set aside for this channel",
                advice=f"give one of {', '.join(CHANNELS)}",
            )
        elif allotment.channel in channels:
            yield Problem(
                where=f"{here}.channel",
                what=f"the tier has another allotment for the channel '{allotment.channel}'",
                advice="make them one",
            )
        channels.add(allotment.channel)
        yield from _check_count(f"{here}.quantity", allotment.quantity, CAPACITY_MAX)
        yield from check_instant(f"{here}.release_ms", allotment.release_ms)
        if allotment.release_ms >= terms.sale_closes_ms:
            yield Problem(
                where=f"{here}.release_ms",
                what="the tickets are released when the sale has closed, when no one can buy them",
                advice="release them before the sale closes",
            )
    total = sum(allotment.quantity for allotment in tier.allotments)
    if total > tier.capacity:
        yield Problem(
            where=f"{where}.allotments",
            what=f"{total} tickets are set aside in a tier of {tier.capacity}",
            advice="set fewer aside",
        )


def _check_quotas(draft: ShowDraft) -> Iterator[Problem]:
    yield from _check_many("quotas", "quota", len(draft.quotas), least=0, most=QUOTAS_MAX)
    yield from _check_unique("quotas", "quota", (quota.name for quota in draft.quotas))
    named = {fare.quota for tier in draft.tiers for fare in tier.fares}
    total = sum(tier.capacity for tier in draft.tiers)
    for number, quota in enumerate(draft.quotas):
        where = f"quotas[{number}]"
        yield from _check_text(f"{where}.name", quota.name, NAME_MAX_CHARACTERS)
        yield from _check_count(f"{where}.capacity", quota.capacity, CAPACITY_MAX * TIERS_MAX)
        if quota.capacity > total:
            yield Problem(
                where=f"{where}.capacity",
                what=f"the quota of {quota.capacity} is more than the {total} tickets of the show",
                advice="lower the quota",
            )
        if quota.name not in named:
            yield Problem(
                where=f"{where}.name",
                what=f"no fare counts against the quota {quoted(quota.name)}",
                advice="name it in the fares it is for, or leave it out",
            )
