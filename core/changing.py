"""Changing a show that is published: what may change still, how far, and whom that concerns.

Texts, place and time may change until the show begins, and whoever waits, buys or holds tickets is
told of another date, door or place. Terms and prices hold for what comes after: deadlines that run
and orders that are frozen keep theirs. Stock may grow, and shrink to what is held, sold, set aside
and promised. What was sold under a name means for ever what it meant: a tier or fare can be closed,
by leaving it out, but what a fare asks for can't become something else.

A change is worked out whole, on a copy of the stock, before anything is touched.
"""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from core.catalogue import ShowDraft, Tier, Venue, check
from core.house import House, show_row
from core.ledger import Cells, encode
from core.messages import Kind
from core.outcomes import Changed, Malformed, SaleNow, Unchangeable
from core.plain import as_plain, from_plain
from core.requests import Change, TellChange
from core.sale import Message, Plan, Sale, Status
from core.stock import AllotmentUse, FarePrice, QuotaUse, Stock, TierStock

ChangeAnswer = Changed | Unchangeable | Malformed


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: 'tiers.Pista.capacity', and its values; None where it is not."""

    field: str
    was: object
    now: object


class _Refused(Exception):
    """The change goes too far; never leaves this module."""

    def __init__(self, field: str, advice: str) -> None:
        super().__init__(field)
        self.answer = Unchangeable(field, advice)


def differences(old: ShowDraft, new: ShowDraft) -> tuple[Difference, ...]:
    """Say what differs, in the order of the old, then what is new."""
    was, now = dict(_leaves(as_plain(old))), dict(_leaves(as_plain(new)))
    return tuple(
        Difference(field, was.get(field), now.get(field))
        for field in {**was, **now}
        if was.get(field) != now.get(field)
    )


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield each single value with its path; things of a list go by their names."""
    if isinstance(value, dict):
        for key, one in cast("dict[str, object]", value).items():
            yield from _leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for one in cast("list[dict[str, object]]", value):
            named = one.get("name", one.get("channel"))
            yield from _leaves(
                {k: v for k, v in one.items() if k not in {"name", "channel"}}, f"{path}.{named}"
            )
    else:
        yield path, value


def change(sale: Sale, house: House, request: Change) -> ChangeAnswer:
    """Make the show what the draft says, or say what is in the way; it so already is no change."""
    new = request.draft
    for problem in check(new):
        return Malformed(problem.where, f"{problem.what}: {problem.advice}")
    known = house.snapshot.slugs.get(new.slug)
    if known is None or known[0] != sale.book.show_id:
        return Unchangeable("slug", f"a show keeps its own: {sale.plan.slug}")
    old = from_plain(json.loads(known[1]))
    fields = tuple(one.field for one in differences(old, new))
    if not fields:
        return Changed(sale.book.show_id, (), told=False)
    try:
        _check_frame(sale, old, new)
        stock = _stock_of(sale, new)
    except _Refused as refused:
        return refused.answer
    _put_down(sale, house, old, new, stock, request.actor)
    return Changed(sale.book.show_id, fields, told=bool(sale.book.change))


def _check_frame(sale: Sale, old: ShowDraft, new: ShowDraft) -> None:
    """Refuse what is for good, or was decided by the hour."""
    status = sale.book.status
    if status == Status.CANCELLED:
        raise _Refused("status", "the show was cancelled: publish another one")
    if new.currency != old.currency:
        raise _Refused("currency", f"tickets are sold in {old.currency}: publish another show")
    if new.venue.time_zone != old.venue.time_zone:
        raise _Refused("venue.time_zone", f"it stays {old.venue.time_zone}: publish another show")
    if new.starts_ms != old.starts_ms and new.starts_ms <= sale.now_ms:
        raise _Refused("starts_ms", "give a time to come")
    until, before = new.terms.refunds_until_ms or 0, old.terms.refunds_until_ms or 0
    if until < before and sale.book.valid and new.starts_ms >= old.starts_ms:
        raise _Refused("terms.refunds_until_ms", "tickets were sold with it: it may only be later")
    if status != Status.PUBLISHED:
        for name in ("sale_opens_ms", "lobby_opens_ms"):
            if getattr(new.terms, name) != getattr(old.terms, name):
                raise _Refused(f"terms.{name}", "the sale has opened: leave it as it was")
    if status == Status.CLOSED and (new.tiers, new.quotas) != (old.tiers, old.quotas):
        raise _Refused("tiers", "the sale is over: leave tiers, fares and quotas as they were")


def _stock_of(sale: Sale, new: ShowDraft) -> Stock:
    """Return the stock as the draft has it, with what is taken of it now."""
    old, show_id = sale.stock, sale.book.show_id
    made = Stock(promises=dict(old.promises), changed=True)
    quotas = {quota.name: quota for quota in old.quotas.values()}
    made.quotas.update(old.quotas)  # One that no fare names any more does no harm.
    numbers: dict[str | None, int | None] = {None: None}
    for quota in new.quotas:
        kept = quotas.get(quota.name)
        no = kept.quota_no if kept else len(made.quotas) + 1
        numbers[quota.name] = no
        used = kept.used if kept else 0
        if quota.capacity < used:
            advice = f"give at least {used}: so many are sold or held"
            raise _Refused(f"quotas.{quota.name}.capacity", advice)
        made.quotas[no] = QuotaUse(show_id, no, quota.name, quota.capacity, used)
    made.tiers = {no: dataclasses.replace(tier, closed=1) for no, tier in old.tiers.items()}
    made.fares = {no: dataclasses.replace(fare, closed=1) for no, fare in old.fares.items()}
    made.allotments = {
        key: dataclasses.replace(kept, released=1) for key, kept in old.allotments.items()
    }
    tiers = {tier.name: tier for tier in old.tiers.values()}
    for tier in new.tiers:
        known = tiers.get(tier.name) or TierStock(show_id, len(made.tiers) + 1, tier.name, 0, 0, 0)
        laid = dataclasses.replace(known, capacity=tier.capacity, closed=0)
        made.tiers[laid.tier_no] = laid
        _lay_fares(made, laid, tier, numbers)
        _lay_allotments(made, old, laid, tier)
    _check_room(made)
    return made


def _lay_fares(
    made: Stock, laid: TierStock, tier: Tier, quotas: dict[str | None, int | None]
) -> None:
    known = {fare.name: fare for fare in made.fares.values() if fare.tier_no == laid.tier_no}
    for fare in tier.fares:
        there = known.get(fare.name)
        no = there.fare_no if there else len(made.fares) + 1
        asks = (quotas[fare.quota], int(fare.proof), int(fare.document))
        if there and asks != (there.quota_no, there.proof, there.document):
            advice = "what it asks for stays: leave it out, and add a fare of another name"
            raise _Refused(f"tiers.{tier.name}.fares.{fare.name}", advice)
        made.fares[no] = FarePrice(
            laid.show_id, no, laid.tier_no, fare.name, fare.price_minor, fare.fee_minor, *asks
        )


def _lay_allotments(made: Stock, old: Stock, laid: TierStock, tier: Tier) -> None:
    for given in tier.allotments:
        key = (laid.tier_no, given.channel)
        kept = old.allotments.get(key)
        if kept is not None and kept.released:
            continue  # What it had left is everyone's already.
        taken = kept.taken if kept else 0
        if given.quantity < taken:
            where = f"tiers.{tier.name}.allotments.{given.channel}.quantity"
            raise _Refused(where, f"give at least {taken}: so many are sold or held")
        made.allotments[key] = AllotmentUse(
            laid.show_id, *key, given.quantity, taken, given.release_ms, 0
        )


def _check_room(made: Stock) -> None:
    for tier in made.tiers.values():
        kept = sum(a.left for (no, _), a in made.allotments.items() if no == tier.tier_no)
        least = tier.held + tier.sold + kept
        if tier.capacity < least and not tier.closed:
            advice = f"give at least {least}: {tier.sold} sold, {tier.held} held, {kept} set aside"
            raise _Refused(f"tiers.{tier.name}.capacity", advice)
    short = made.owed() - made.total_free()
    if short > 0:
        advice = f"{short} more must stay: people were called, or are choosing, and have their word"
        raise _Refused("tiers", advice)


def _put_down(
    sale: Sale, house: House, old: ShowDraft, new: ShowDraft, stock: Stock, actor: str
) -> None:
    changes, book = sale.changes, sale.book
    row = show_row(house, book.show_id, new, sale.plan.seed_digest)
    changes.shows.append(row)
    if old.venue != new.venue:
        changes.old_venues.append([house.snapshot.venues[_where(old.venue)]])
    if old.series is not None and old.series != new.series:
        series = (old.series.slug, old.series.title)
        changes.old_series.append([house.snapshot.series[series]])
    sale.stock = stock
    sale.plan = Plan(
        book.show_id, new.slug, new.currency, new.starts_ms, sale.plan.seed_digest, new.terms
    )
    rows = _rows_of(stock)
    changes.new_tiers += rows["tiers"]
    changes.new_quotas += rows["quotas"]
    changes.fares += rows["fares"]
    changes.new_allotments += [kept[:5] for kept in rows["allotments"]]
    facts: dict[str, object] = {"show": row[9], "row": row, "stock": rows}
    before = _before(old, new)
    if before and book.lobby + book.waiting + book.opened + book.paying + book.valid:
        # Who has not been told of the change before this one knows the show as it was before that.
        book.change = encode(before | json.loads(book.change or "{}"))
        book.told_id = ""
        facts |= {"change": book.change, "told_id": ""}
    sale.record("changed", actor, facts=facts)
    sale.woken = True  # When the caretaker is next needed is worked out anew.


def _rows_of(stock: Stock) -> dict[str, list[Cells]]:
    return {
        "tiers": [
            [one.show_id, one.tier_no, one.name, one.capacity, one.closed]
            for one in stock.tiers.values()
        ],
        "quotas": [
            [one.show_id, one.quota_no, one.name, one.capacity] for one in stock.quotas.values()
        ],
        "fares": [list(dataclasses.astuple(one)) for one in stock.fares.values()],
        "allotments": [
            [one.show_id, one.tier_no, one.channel, one.quantity, one.release_ms, one.released]
            for one in stock.allotments.values()
        ],
    }


def _where(venue: Venue) -> tuple[str, ...]:
    where = (venue.name, venue.city, venue.address, venue.region, venue.country)
    return (*where, venue.time_zone)


def _before(old: ShowDraft, new: ShowDraft) -> dict[str, object]:
    """Return how it was, of what people must be told."""
    before: dict[str, object] = {}
    if old.starts_ms != new.starts_ms:
        before["starts_ms"] = old.starts_ms
    if old.doors_ms != new.doors_ms:
        before["doors_ms"] = old.doors_ms
    if old.venue != new.venue:
        place = (old.venue.name, old.venue.address, old.venue.city)
        before["where"] = ", ".join(part for part in place if part)
    return before


def tell(sale: Sale, request: TellChange) -> SaleNow:
    """Tell the next people; a step done before does nothing, and the last one ends the telling."""
    book = sale.book
    now = SaleNow(book.show_id, book.status)
    if not book.change or request.after != book.told_id:
        return now
    concerned = [
        purchase
        for one in request.purchase_ids
        if (purchase := sale.purchases.get(one)) is not None and (purchase.live or purchase.tickets)
    ]
    messages = [
        Message(Kind.SHOW_CHANGED, one.customer_id, one.purchase_id, book.change)
        for one in concerned
    ]
    book.told_id = request.purchase_ids[-1] if request.purchase_ids else ""
    facts: dict[str, object] = {"told_id": book.told_id}
    if not request.purchase_ids:
        book.change = facts["change"] = ""
    sale.record("change_told", request.actor, facts=facts, messages=messages)
    return now
