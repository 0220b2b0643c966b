"""The terms on which one show is sold: its window, its limits and the clocks of a purchase.

Also `Problem`, the form in which every rule of the catalogue says what is wrong.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

INSTANT_MIN_MS: Final = 946_684_800_000
"""2000-01-01T00:00Z. An earlier instant is taken for a mistake, such as seconds for ms."""
INSTANT_MAX_MS: Final = 4_102_444_800_000
"""2100-01-01T00:00Z."""
ALREADY_OPEN_MS: Final = INSTANT_MIN_MS
"""The opening of a sale for which no opening was given: it is open from the first moment.

A fixed instant, so that importing the same file tomorrow makes the same show.
"""

CLOCK_MIN_MS: Final = SECOND_MS
CLOCK_MAX_MS: Final = 4 * HOUR_MS
LIMIT_PER_CUSTOMER_MAX: Final = 1_000
SECOND_CHANCE_PLACES_MAX: Final = 100_000
CALLS_MAX_MAX: Final = 1_000_000
CALLS_PER_S_MAX: Final = 1_000

_GATEWAY: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a catalogue.

    `where` is a path into the draft ('tiers[0].fares[1].price_minor') or, once a file reader
    has placed it, a file, line or path. `what` says what is wrong, `advice` what to do.
    """

    where: str
    what: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How one show is sold. Instants are UTC epoch milliseconds, clocks are milliseconds."""

    sale_opens_ms: int
    sale_closes_ms: int
    lobby_opens_ms: int | None = None
    """From here until the opening, who comes waits in the lobby. None: no lobby, no draw."""
    limit_per_customer: int = 6
    claim_ms: int = 3 * MINUTE_MS
    """To answer a call; runs from its delivery."""
    choosing_ms: int = 8 * MINUTE_MS
    paying_ms: int = 10 * MINUTE_MS
    """What starting a payment leaves at least."""
    retry_ms: int = 5 * MINUTE_MS
    """What a declined payment leaves at least."""
    session_max_ms: int = 25 * MINUTE_MS
    """Nothing extends a purchase past this."""
    delivery_cap_ms: int = 15 * MINUTE_MS
    """The claim window starts no later than this, delivered or not."""
    second_chance_places: int = 20
    """How far behind the head a first missed call puts a person."""
    calls_max: int = 0
    """Purchases open at a time. 0: as many as there are tickets to promise."""
    calls_per_s: int = 20
    window_fee: bool = False
    """Whether the fee is charged at the window too."""
    refunds_until_ms: int | None = None
    """Until when people may give tickets back by themselves. None: not at all."""
    gateway: str | None = None
    """The gateway that takes payments away from the window. None: the office's own choice."""


def check_terms(terms: Terms, starts_ms: int) -> tuple[Problem, ...]:
    """Say all that is wrong with the terms of a show that starts at `starts_ms`.

    Each `where` is a path in the draft, such as 'terms.claim_ms'.
    """
    return (
        *_check_window(terms, starts_ms),
        *_check_clocks(terms),
        *_check_counts(terms),
        *_check_gateway(terms.gateway),
    )


def _check_window(terms: Terms, starts_ms: int) -> Iterator[Problem]:
    instants = {
        "terms.sale_opens_ms": terms.sale_opens_ms,
        "terms.sale_closes_ms": terms.sale_closes_ms,
        "terms.lobby_opens_ms": terms.lobby_opens_ms,
        "terms.refunds_until_ms": terms.refunds_until_ms,
    }
    for where, instant_ms in instants.items():
        if instant_ms is not None:
            yield from check_instant(where, instant_ms)
    if terms.sale_opens_ms >= terms.sale_closes_ms:
        yield Problem(
            where="terms.sale_opens_ms",
            what="the sale opens at or after the time it closes",
            advice="open the sale earlier, or close it later",
        )
    if terms.sale_closes_ms > starts_ms:
        yield Problem(
            where="terms.sale_closes_ms",
            what="the sale closes after the show starts",
            advice="close the sale at the start of the show or before",
        )
    if terms.refunds_until_ms is not None and terms.refunds_until_ms > starts_ms:
        yield Problem(
            where="terms.refunds_until_ms",
            what="tickets may be given back after the show starts",
            advice="end it at the start of the show or before, or leave it out to take none back",
        )
    if terms.lobby_opens_ms is not None and terms.lobby_opens_ms >= terms.sale_opens_ms:
        yield Problem(
            where="terms.lobby_opens_ms",
            what="the lobby opens at or after the opening of the sale",
            advice="open the lobby before the sale, or leave it out to sell without a draw",
        )


def check_instant(where: str, instant_ms: int) -> Iterator[Problem]:
    """Refuse an instant outside the years 2000 to 2099."""
    if not INSTANT_MIN_MS <= instant_ms < INSTANT_MAX_MS:
        yield Problem(
            where=where,
            what="the time is outside the years 2000 to 2099",
            advice="check the year, and that instants are in milliseconds",
        )


def _check_clocks(terms: Terms) -> Iterator[Problem]:
    clocks = {
        "claim_ms": terms.claim_ms,
        "choosing_ms": terms.choosing_ms,
        "paying_ms": terms.paying_ms,
        "retry_ms": terms.retry_ms,
        "session_max_ms": terms.session_max_ms,
        "delivery_cap_ms": terms.delivery_cap_ms,
    }
    for name, clock_ms in clocks.items():
        if not CLOCK_MIN_MS <= clock_ms <= CLOCK_MAX_MS:
            yield Problem(
                where=f"terms.{name}",
                what=f"the clock is {clock_ms} ms, which is outside 1 second to 4 hours",
                advice="give a length between 1 s and 4 h",
            )
        # How long a call takes to arrive is not the person's time: only the rest must fit.
        elif name != "delivery_cap_ms" and clock_ms > terms.session_max_ms:
            yield Problem(
                where=f"terms.{name}",
                what="the clock is longer than the longest a purchase may last",
                advice="shorten it, or raise session_max",
            )


def _check_counts(terms: Terms) -> Iterator[Problem]:
    counts = (
        ("limit_per_customer", terms.limit_per_customer, 1, LIMIT_PER_CUSTOMER_MAX),
        ("second_chance_places", terms.second_chance_places, 0, SECOND_CHANCE_PLACES_MAX),
        ("calls_max", terms.calls_max, 0, CALLS_MAX_MAX),
        ("calls_per_s", terms.calls_per_s, 1, CALLS_PER_S_MAX),
    )
    for name, count, least, most in counts:
        if not least <= count <= most:
            yield Problem(
                where=f"terms.{name}",
                what=f"{count} is outside {least} to {most}",
                advice=f"give a whole number from {least} to {most}",
            )


def _check_gateway(gateway: str | None) -> Iterator[Problem]:
    if gateway is not None and not _GATEWAY.fullmatch(gateway):
        yield Problem(
            where="terms.gateway",
            what="the name of the gateway is not one a gateway can have",
            advice="give the short name of a gateway, such as 'counter', or leave it out",
        )
