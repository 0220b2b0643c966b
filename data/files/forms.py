"""A show as a form fills it in: each value under its path, read by the rules that files keep.

The paths are those of our TOML: 'title', 'venue.city', 'tier[0].fare[1].price'. An empty value says
nothing, so that what has a default keeps it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Final
from zoneinfo import ZoneInfo

from core.catalogue import Allotment, Fare, ShowDraft, Tier
from core.money import EXPONENTS
from core.terms import ALREADY_OPEN_MS, MINUTE_MS, SECOND_MS, Problem, Terms
from data.files.sheets import Findings, Sheet, put
from data.files.shows import read_show

Value = str | bool
_CLOCKS: Final = ("claim", "choosing", "paying", "retry", "session_max", "delivery_cap")
_COUNTS: Final = ("limit_per_customer", "second_chance_places", "calls_max", "calls_per_s")


def read_form(
    values: Mapping[str, Value], *, now_ms: int
) -> tuple[ShowDraft | None, tuple[Problem, ...]]:
    """Make a draft of what was filled in, or say all that is wrong, each at its path."""
    table: dict[str, object] = {}
    for path, value in values.items():
        if value or (value == "" and "[" in path):  # An empty tier is a tier all the same.
            put(table, path, value)
    findings = Findings()
    draft = read_show(Sheet(table=table, place=lambda path: path), now_ms, None, findings)
    return draft, findings.problems("")


def form_of(draft: ShowDraft) -> dict[str, Value]:
    """Write a draft as a form: read back, it is the same draft."""
    zone = draft.venue.time_zone
    values: dict[str, Value] = {
        "title": draft.title,
        "slug": draft.slug,
        "description": draft.description,
        "language": draft.language,
        "currency": draft.currency,
        "starts": _local(draft.starts_ms, zone),
        "doors": "" if draft.doors_ms is None else _local(draft.doors_ms, zone),
    }
    values |= {f"venue.{key}": text for key, text in asdict(draft.venue).items()}
    if draft.series is not None:
        values |= {"series.slug": draft.series.slug, "series.title": draft.series.title}
    values |= _terms(draft.terms, draft.starts_ms, zone)
    for number, tier in enumerate(draft.tiers):
        values.update(_tier(f"tier[{number}]", tier, draft.currency, zone))
    for number, quota in enumerate(draft.quotas):
        values |= {
            f"quota[{number}].name": quota.name,
            f"quota[{number}].capacity": str(quota.capacity),
        }
    return values


def _terms(terms: Terms, starts_ms: int, zone: str) -> dict[str, Value]:
    """Write the terms that are not what a show has without saying so."""
    standard = Terms(sale_opens_ms=terms.sale_opens_ms, sale_closes_ms=terms.sale_closes_ms)
    said: dict[str, Value] = {"window_fee": terms.window_fee, "gateway": terms.gateway or ""}
    opens_ms, lobby_ms = terms.sale_opens_ms, terms.lobby_opens_ms
    said["sale_opens"] = "" if opens_ms == ALREADY_OPEN_MS else _local(opens_ms, zone)
    said["lobby_opens"] = "" if lobby_ms is None else _local(lobby_ms, zone)
    refunds_ms = terms.refunds_until_ms
    said["refunds_until"] = "" if refunds_ms is None else _local(refunds_ms, zone)
    closes_ms = terms.sale_closes_ms
    said["sale_closes"] = "" if closes_ms == starts_ms else _local(closes_ms, zone)
    for key in _COUNTS:
        count: int = getattr(terms, key)
        said[key] = "" if count == getattr(standard, key) else str(count)
    for key in _CLOCKS:
        length_ms: int = getattr(terms, f"{key}_ms")
        said[key] = "" if length_ms == getattr(standard, f"{key}_ms") else _length(length_ms)
    return said


def _tier(path: str, tier: Tier, currency: str, zone: str) -> Iterator[tuple[str, Value]]:
    yield f"{path}.name", tier.name
    yield f"{path}.capacity", str(tier.capacity)
    for number, fare in enumerate(tier.fares):
        yield from _fare(f"{path}.fare[{number}]", fare, currency)
    for number, allotment in enumerate(tier.allotments):
        yield from _allotment(f"{path}.allotment[{number}]", allotment, zone)


def _fare(path: str, fare: Fare, currency: str) -> Iterator[tuple[str, Value]]:
    yield f"{path}.name", fare.name
    yield f"{path}.price", _amount(fare.price_minor, currency)
    yield f"{path}.fee", _amount(fare.fee_minor, currency)
    yield f"{path}.quota", fare.quota or ""
    yield f"{path}.proof", fare.proof
    yield f"{path}.document", fare.document


def _allotment(path: str, allotment: Allotment, zone: str) -> Iterator[tuple[str, Value]]:
    yield f"{path}.channel", allotment.channel
    yield f"{path}.quantity", str(allotment.quantity)
    yield f"{path}.release", _local(allotment.release_ms, zone)


def _amount(minor: int, currency: str) -> str:
    places = EXPONENTS[currency]
    whole, rest = divmod(minor, 10**places)
    return f"{whole},{rest:0{places}d}" if places else str(whole)


def _local(at_ms: int, zone: str) -> str:
    """Write a moment as people write it, or with its offset where that says too little."""
    moment = dt.datetime.fromtimestamp(at_ms // SECOND_MS, ZoneInfo(zone))
    twice = moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()
    if at_ms % MINUTE_MS or twice:
        return (moment + dt.timedelta(milliseconds=at_ms % SECOND_MS)).isoformat()
    return f"{moment:%d/%m/%Y %H:%M}"


def _length(length_ms: int) -> str:
    for unit, unit_ms in (("min", MINUTE_MS), ("s", SECOND_MS)):
        if length_ms % unit_ms == 0:
            return f"{length_ms // unit_ms} {unit}"
    return f"{length_ms} ms"
