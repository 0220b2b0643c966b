"""The offers of an event as tiers and fares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from data.files.jsonld_nodes import Node
from data.files.sheets import Findings

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

HINTS: Final = {
    "capacity": "publish maximumAttendeeCapacity of the event or inventoryLevel of each offer, "
    "or give --capacity",
    "price": 'publish the price of the offer; "0" is free',
    "currency": "publish priceCurrency of the offers, or give --currency",
    "time_zone": "give --time-zone, such as America/Sao_Paulo: schema.org has no word for it",
    "starts": "publish startDate with its time of day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What the importer says of events that leave it out. `time_zone` serves every format."""

    time_zone: str | None = None
    currency: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value for the sheet and where it stands, or should stand, in the published tree."""

    key: str
    value: object
    path: str


def offer_facts(event: Node, supplied: Supplied, name: str, findings: Findings) -> Iterator[Fact]:
    """Tell the tiers, fares, currency and sale window of an event."""
    offers = list(_offers(event, name, findings))
    if not offers:
        yield from _no_offers(event, supplied)
        return
    yield _currency(offers, supplied, name, findings)
    yield from _window(event, offers, name, findings)
    stocked = [_stock(offer) for offer in offers]
    if any(stock.value != "" for stock in stocked):
        for number, (offer, stock) in enumerate(zip(offers, stocked, strict=True)):
            tier = f"tier[{number}]"
            yield Fact(key=tier, value=None, path=offer.path)
            yield _name(f"{tier}.name", offer, _house(event) if len(offers) == 1 else "")
            yield Fact(key=f"{tier}.capacity", value=stock.value, path=stock.path)
            yield _price(f"{tier}.fare[0].price", offer)
        return
    yield from _one_tier(event, supplied)
    for number, offer in enumerate(offers):
        fare = f"tier[0].fare[{number}]"
        yield Fact(key=fare, value=None, path=offer.path)
        yield _name(f"{fare}.name", offer, "")
        yield _price(f"{fare}.price", offer)


def _offers(event: Node, name: str, findings: Findings) -> Iterator[Node]:
    """Give the single offers; those within an aggregate stand for it."""
    for offer in event.nodes("offers"):
        if "AggregateOffer" not in offer.types():
            yield offer
        elif inner := offer.nodes("offers"):
            yield from inner
        else:
            low, high = offer.value("lowPrice"), offer.value("highPrice")
            if high not in (low, ""):
                findings.add(
                    f"{name} {offer.path}",
                    "the AggregateOffer tells a range of prices and no single one",
                    "publish each Offer with its price under 'offers'",
                )
            yield Node(entries={"price": low, **offer.entries}, path=offer.path)


def _no_offers(event: Node, supplied: Supplied) -> Iterator[Fact]:
    """Tell of an event without offers: it is free, or its price is missing."""
    free = event.value("isAccessibleForFree") in (True, "true", "https://schema.org/True")
    offers = event.at("offers")
    yield Fact(key="currency", value=supplied.currency or "BRL", path=offers)
    yield from _one_tier(event, supplied)
    yield Fact(key="tier[0].price", value="0" if free else "", path=offers)
    yield Fact(key="tier[0].fare[0].price", value=None if free else "", path=f"{offers}[0].price")


def _one_tier(event: Node, supplied: Supplied) -> Iterator[Fact]:
    capacity = Fact(
        key="tier[0].capacity",
        value="" if supplied.capacity is None else supplied.capacity,
        path=event.at("maximumAttendeeCapacity"),
    )
    for holder in (event, *event.nodes("location")):
        value = holder.value("maximumAttendeeCapacity")
        if value != "":
            path = holder.at("maximumAttendeeCapacity")
            capacity = Fact(key="tier[0].capacity", value=value, path=path)
            break
    yield Fact(key="tier[0].name", value=_house(event), path=event.path)
    yield capacity


def _house(event: Node) -> str:
    """Name the tier of an event that has but one."""
    return "General" if event.text("inLanguage").lower().startswith("en") else "Geral"


def _name(key: str, offer: Node, otherwise: str) -> Fact:
    for word in ("name", "category"):
        if offer.text(word):
            return Fact(key=key, value=offer.text(word), path=offer.at(word))
    return Fact(key=key, value=otherwise, path=offer.at("name"))


def _price(key: str, offer: Node) -> Fact:
    for holder in (offer, *offer.nodes("priceSpecification")):
        value = holder.value("price")
        if value != "":
            return Fact(key=key, value=value, path=holder.at("price"))
    return Fact(key=key, value="", path=offer.at("price"))


def _stock(offer: Node) -> Fact:
    path = offer.at("inventoryLevel")
    for level in offer.nodes("inventoryLevel"):
        return Fact(key="", value=level.value("value"), path=level.at("value"))
    return Fact(key="", value=offer.value("inventoryLevel"), path=path)


def _currency(offers: list[Node], supplied: Supplied, name: str, findings: Findings) -> Fact:
    """Tell the one currency of all offers."""
    first: Fact | None = None
    for offer in offers:
        for holder in (offer, *offer.nodes("priceSpecification")):
            code, path = holder.text("priceCurrency"), holder.at("priceCurrency")
            if code and first is None:
                first = Fact(key="currency", value=code.upper(), path=path)
            elif code and first is not None and code.upper() != first.value:
                advice = "publish one show for each currency"
                findings.add(f"{name} {path}", "the offers are in several currencies", advice)
    path = offers[0].at("priceCurrency")
    return first or Fact(key="currency", value=supplied.currency or "", path=path)


def _window(event: Node, offers: list[Node], name: str, findings: Findings) -> Iterator[Fact]:
    """Tell when the sale opens and closes: a show has one window for all its offers."""
    edges = {
        "sale_opens": ("availabilityStarts", "validFrom"),
        "sale_closes": ("availabilityEnds", "validThrough"),
    }
    for key, words in edges.items():
        first: Fact | None = None
        for offer in offers:
            word = next((word for word in words if offer.value(word) != ""), None)
            if word is None:
                continue
            fact = Fact(key=key, value=offer.value(word), path=offer.at(word))
            if first is None:
                first = fact
            elif first.value != fact.value:
                advice = "publish one window for all offers of the event"
                findings.add(f"{name} {fact.path}", "the offers are sold at other times", advice)
        if first is not None:
            yield _edge(first, event.text("startDate"))


def _edge(fact: Fact, start: str) -> Fact:
    """Give a day the time that is meant: its beginning for an opening, its end for a close."""
    day = fact.value
    if not isinstance(day, str) or not _DAY.fullmatch(day):
        return fact
    if fact.key == "sale_opens":
        return Fact(key=fact.key, value=f"{day}T00:00", path=fact.path)
    # Sold until the end of the day of the show means until the show.
    closes = "" if day >= start[: len(day)] else f"{day}T23:59:59"
    return Fact(key=fact.key, value=closes, path=fact.path)
