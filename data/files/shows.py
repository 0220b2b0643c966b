"""From a sheet to a draft: every value read, every rule of the catalogue checked.

What Brazilian law gives is a word here: `half_price = true` adds the half-price fare
(meia-entrada) to a tier, and the quota of it to the show.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.catalogue import (
    CAPACITY_MAX,
    Allotment,
    Fare,
    Quota,
    Series,
    ShowDraft,
    Tier,
    Venue,
    check,
)
from core.money import EXPONENTS
from core.terms import ALREADY_OPEN_MS, INSTANT_MAX_MS, Terms
from data.files.instants import Calendar, read_instant
from data.files.sheets import Findings, Part, Sheet, parent
from data.files.values import read_amount, read_fee, read_part

CONCESSION: Final = {"pt-BR": "meia-entrada", "en": "concession"}
"""The quota that the half-price fare counts against; either name is read in a show of either."""
CONCESSION_QUOTA: Final = "40 %"
"""Of all tickets of the show: Lei 12.933/2013 art. 1 par. 10, Decreto 8.537/2015 art. 9."""

_FULL: Final = {"pt-BR": "Inteira", "en": "Full"}
_HALF: Final = {"pt-BR": "Meia-entrada", "en": "Concession"}

_CLOCKS: Final = ("claim", "choosing", "paying", "retry", "session_max", "delivery_cap")
_COUNTS: Final = ("limit_per_customer", "second_chance_places", "calls_max", "calls_per_s")
_TIMES: Final = (*("starts", "doors", "sale_opens", "sale_closes", "lobby_opens", "refunds_until"),)

SHOW_KEYS: Final = frozenset(
    (
        *("slug", "title", "description", "language", "series", "venue", "currency", "tier"),
        *("quota", "fee", "half_price", "half_price_quota", "window_fee", "gateway"),
        *(*_TIMES, *_CLOCKS, *_COUNTS),
    )
)
TIER_KEYS: Final = frozenset(
    ("name", "capacity", "price", "fee", "document", "half_price", "fare", "allotment")
)
FARE_KEYS: Final = frozenset(("name", "price", "fee", "quota", "proof", "document"))
ALLOTMENT_KEYS: Final = frozenset(("channel", "quantity", "release"))
QUOTA_KEYS: Final = frozenset(("name", "capacity"))
VENUE_KEYS: Final = frozenset(("name", "address", "city", "region", "country", "time_zone"))
SERIES_KEYS: Final = frozenset(("slug", "title"))

_NO_VENUE: Final = Venue(name="-", address="", city="-", region="", country="BR", time_zone="UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A show half read: what every value below it is read against."""

    show: Part
    currency: str
    language: str
    calendar: Calendar
    origins: dict[str, str]
    """Paths of the draft whose source is not the path of the same name in the sheet."""


def read_show(
    sheet: Sheet, now_ms: int, time_zone: str | None, findings: Findings
) -> ShowDraft | None:
    """Make a draft of a sheet, or None where anything is wrong with it; the findings say what.

    `time_zone` is for venues that name none.
    """
    show = Part(
        entries=sheet.table,
        path="",
        place=sheet.place,
        hints=sheet.hints,
        findings=findings,
        bad=set(),
    )
    before = len(findings.found)
    show.only(SHOW_KEYS)
    currency = show.text("currency", "BRL")
    if not show.has("currency") and "currency" in sheet.hints:
        show.missing("currency", "currency", "write the currency")
    venue = _venue(show, time_zone)
    reading = _Reading(
        show=show,
        # Amounts in a currency that does not exist are read all the same, to check the rest.
        currency=currency if currency in EXPONENTS else "BRL",
        language=show.text("language", "pt-BR"),
        calendar=Calendar(time_zone=venue.time_zone, now_ms=now_ms),
        origins={},
    )
    starts_ms = _instant(reading, show, "starts", None, INSTANT_MAX_MS - 1)
    if not show.has("starts"):
        show.missing("starts", "start", "write the date and the time")
    tiers = _tiers(reading, starts_ms)
    draft = ShowDraft(
        slug=show.text("slug"),
        title=show.text("title"),
        description=show.text("description"),
        language=reading.language,
        series=_series(show),
        venue=venue,
        starts_ms=starts_ms,
        doors_ms=_instant(reading, show, "doors", starts_ms, 0) if show.has("doors") else None,
        currency=currency,
        tiers=tiers,
        quotas=_quotas(reading, tiers),
        terms=_terms(reading, starts_ms),
    )
    _check(draft, reading)
    return draft if len(findings.found) == before and not show.bad else None


def _venue(show: Part, time_zone: str | None) -> Venue:
    part = show.table("venue")
    if part is None:
        if "venue" not in show.bad:
            show.missing("venue", "venue", "write the name of a table [venues.NAME], or a table")
        return _NO_VENUE
    part.only(VENUE_KEYS)
    zone = part.text("time_zone", time_zone or "")
    if not zone and "venue.time_zone" not in part.bad:
        advice = "write time_zone in the venue, such as America/Sao_Paulo, or give --time-zone"
        part.missing("time_zone", "time zone of the venue", advice)
    return Venue(
        name=part.text("name"),
        address=part.text("address"),
        city=part.text("city"),
        region=part.text("region"),
        country=part.text("country", "BR"),
        time_zone=zone,
    )


def _series(show: Part) -> Series | None:
    part = show.table("series")
    if part is None:
        return None
    part.only(SERIES_KEYS)
    return Series(slug=part.text("slug"), title=part.text("title"))


def _instant(
    reading: _Reading, part: Part, key: str, anchor_ms: int | None, default_ms: int
) -> int:
    if not part.has(key):
        return default_ms
    value = read_instant(part.entries[key], reading.calendar, anchor_ms)
    return part.taken(key, value, default_ms)


def _terms(reading: _Reading, starts_ms: int) -> Terms:
    show = reading.show
    opens_ms = _instant(reading, show, "sale_opens", starts_ms, ALREADY_OPEN_MS)
    closes_ms = _instant(reading, show, "sale_closes", starts_ms, starts_ms)
    standard = Terms(sale_opens_ms=opens_ms, sale_closes_ms=closes_ms)
    return Terms(
        sale_opens_ms=opens_ms,
        sale_closes_ms=closes_ms,
        lobby_opens_ms=_instant(reading, show, "lobby_opens", opens_ms, 0)
        if show.has("lobby_opens")
        else None,
        limit_per_customer=show.count("limit_per_customer", standard.limit_per_customer),
        claim_ms=show.length("claim", standard.claim_ms),
        choosing_ms=show.length("choosing", standard.choosing_ms),
        paying_ms=show.length("paying", standard.paying_ms),
        retry_ms=show.length("retry", standard.retry_ms),
        session_max_ms=show.length("session_max", standard.session_max_ms),
        delivery_cap_ms=show.length("delivery_cap", standard.delivery_cap_ms),
        second_chance_places=show.count("second_chance_places", standard.second_chance_places),
        calls_max=show.count("calls_max", standard.calls_max),
        calls_per_s=show.count("calls_per_s", standard.calls_per_s),
        refunds_until_ms=_instant(reading, show, "refunds_until", starts_ms, 0)
        if show.has("refunds_until")
        else None,
        window_fee=show.flag("window_fee", default=standard.window_fee),
        gateway=show.text("gateway") or None,
    )


def _tiers(reading: _Reading, starts_ms: int) -> tuple[Tier, ...]:
    return tuple(
        _tier(reading, part, f"tiers[{number}]", starts_ms)
        for number, part in enumerate(reading.show.tables("tier"))
    )


def _tier(reading: _Reading, part: Part, path: str, starts_ms: int) -> Tier:
    part.only(TIER_KEYS)
    if not part.has("capacity"):
        part.missing("capacity", "capacity", "write the number of tickets")
    fares: list[Fare] = []
    for source, fare in _fares(reading, part):
        reading.origins[f"{path}.fares[{len(fares)}]"] = source
        fares.append(fare)
    return Tier(
        name=part.text("name"),
        # A capacity that cannot be read lets quotas and allotments pass: they are not at fault.
        capacity=part.count("capacity", CAPACITY_MAX),
        fares=tuple(fares),
        allotments=tuple(
            _allotment(reading, allotment, starts_ms) for allotment in part.tables("allotment")
        ),
    )


def _fares(reading: _Reading, tier: Part) -> Iterator[tuple[str, Fare]]:
    """Give each fare of a tier with the path of its source: the full price, its half, the rest.

    A price on the tier itself is its full price; without one, its first fare is.
    """
    sources = [*([tier] if tier.has("price") else []), *tier.tables("fare")]
    halved = tier if tier.has("half_price") else reading.show
    for number, source in enumerate(sources):
        if source is not tier:
            source.only(FARE_KEYS)
        fare = _fare(reading, tier, source, named=len(sources) > 1 and source is not tier)
        yield source.path, fare
        if number == 0 and halved.flag("half_price", default=False):
            yield halved.at("half_price"), _half(reading, tier, source, fare)


def _fare(reading: _Reading, tier: Part, source: Part, *, named: bool) -> Fare:
    """Read a fare. One that need not be `named` is called after the full price."""
    if not source.has("price"):
        source.missing("price", "price", 'write the price, such as "120.00"; "0" is free')
        price_minor = 0
    else:
        value = read_amount(source.entries["price"], reading.currency)
        price_minor = source.taken("price", value, 0)
    name = "" if source is tier else source.text("name")
    return Fare(
        name=name if name or named else _FULL.get(reading.language, _FULL["en"]),
        price_minor=price_minor,
        fee_minor=_fee(reading, tier, source, price_minor),
        quota=None if source is tier else _quota_name(reading, source.text("quota")) or None,
        proof=source is not tier and source.flag("proof", default=False),
        document=source.flag("document", default=False),
    )


def _fee(reading: _Reading, tier: Part, source: Part, price_minor: int) -> int:
    """Take the nearest fee given: the fare's, the tier's or the show's; none is no fee."""
    for part in (source, tier, reading.show):
        if part.has("fee"):
            fee = read_fee(part.entries["fee"], price_minor, reading.currency)
            return part.taken("fee", fee, 0)
    return 0


def _half(reading: _Reading, tier: Part, source: Part, full: Fare) -> Fare:
    """Give the half-price fare: Lei 12.933/2013, Decreto 8.537/2015 art. 7.

    Half of an odd amount is rounded down: the law gives the right to half, never to more. A
    fee in per cent is of the half price; a fixed fee is the same for both.
    """
    price_minor = full.price_minor // 2
    return Fare(
        name=_HALF.get(reading.language, _HALF["en"]),
        price_minor=price_minor,
        fee_minor=_fee(reading, tier, source, price_minor),
        quota=_concession(reading),
        proof=True,
        document=full.document,
    )


def _allotment(reading: _Reading, part: Part, starts_ms: int) -> Allotment:
    part.only(ALLOTMENT_KEYS)
    for key, noun in (("quantity", "number of tickets"), ("release", "time of release")):
        if not part.has(key):
            part.missing(key, noun, f"write {key}")
    return Allotment(
        channel=part.text("channel", "window"),
        quantity=part.count("quantity", 1),
        release_ms=_instant(reading, part, "release", starts_ms, ALREADY_OPEN_MS),
    )


def _quotas(reading: _Reading, tiers: tuple[Tier, ...]) -> tuple[Quota, ...]:
    """Read the quotas of the show; that of the half-price fare is added if it is not there."""
    show = reading.show
    total = sum(tier.capacity for tier in tiers)
    quotas: list[Quota] = []
    for part in show.tables("quota"):
        part.only(QUOTA_KEYS)
        if not part.has("capacity"):
            part.missing("capacity", "capacity", 'write a number of tickets, or "40 %"')
        value = read_part(part.entries.get("capacity", 1), total)
        name = _quota_name(reading, part.text("name"))
        quotas.append(Quota(name=name, capacity=part.taken("capacity", value, 1)))
    concession = _concession(reading)
    needed = any(fare.quota == concession for tier in tiers for fare in tier.fares)
    if needed and all(quota.name != concession for quota in quotas):
        value = read_part(show.entries.get("half_price_quota", CONCESSION_QUOTA), total)
        reading.origins[f"quotas[{len(quotas)}]"] = "half_price_quota"
        capacity = show.taken("half_price_quota", value, 1)
        quotas.append(Quota(name=concession, capacity=capacity))
    return tuple(quotas)


def _concession(reading: _Reading) -> str:
    return CONCESSION.get(reading.language, CONCESSION["en"])


def _quota_name(reading: _Reading, name: str) -> str:
    return _concession(reading) if name in CONCESSION.values() else name


_PLURALS: Final = re.compile(r"\b(tier|fare|allotment|quota)s(?=\[|$|\.)")
_UNITS: Final = re.compile(r"_(ms|minor)$")


def _check(draft: ShowDraft, reading: _Reading) -> None:
    """Check the draft, and tell each problem at its source.

    What a rule says of a stand-in is not told: that the value could not be read has been.
    """
    show = reading.show
    times_bad = any(_is_time(path) for path in show.bad)
    for problem in check(draft):
        path = _source(problem.where, reading.origins)
        told = _within(path, show.bad) or (times_bad and _is_time(path))
        if not told:
            show.findings.add(show.place(path), problem.what, problem.advice)


def _source(where: str, origins: dict[str, str]) -> str:
    """Turn a path of the draft into that of the sheet."""
    rest = where
    while rest and rest not in origins:
        rest = parent(rest)
    head = origins.get(rest, "")
    tail = where[len(rest) :] if rest else where
    path = _PLURALS.sub(r"\1", tail.removeprefix("terms."))
    return head + _UNITS.sub("", path)


def _within(path: str, bad: set[str]) -> bool:
    while path and path not in bad:
        path = parent(path)
    return bool(path)


def _is_time(path: str) -> bool:
    return path in _TIMES or path.endswith(".release")
