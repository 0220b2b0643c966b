"""The house's own requests: customers, clerks, the catalogue; and the outbox's leases."""

import asyncio
import sqlite3
from collections.abc import Awaitable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import limits
from core import requests as ask
from core.box_office import BoxOffice
from core.draw import seed_digest
from core.messages import GATEWAY_KINDS, MESSAGE_KINDS
from core.outcomes import (
    Done,
    Malformed,
    Preferred,
    Published,
    Refunded,
    Registered,
    Taken,
    UnknownCustomer,
)
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER, HandClock, publish


def known_as(customer_id: str, *addresses: str, **more: str) -> ask.Register:
    contacts = tuple(("telegram", address) for address in addresses)
    return replace(ask.Register(customer_id=customer_id, contacts=contacts), **more)


async def test_a_customer_is_known_by_the_first_of_its_contacts(office: BoxOffice) -> None:
    first = await office.register(known_as("ana", "1", "2"))
    again = await office.register(known_as("other", "2"))
    renamed = await office.register(known_as("ana", "9"))
    assert first == again == renamed == Registered("ana")
    assert await office.look.customer_of("telegram", "9") is None


async def test_registering_twice_at_once_makes_one_customer(office: BoxOffice) -> None:
    answers = await asyncio.gather(
        office.register(known_as("ana", "1")),
        office.register(known_as("beto", "1")),
    )
    assert answers == [Registered("ana"), Registered("ana")]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (known_as("", "1"), "customer_id"),
        (known_as("x" * 65, "1"), "customer_id"),
        (known_as("ana"), "contacts"),
        (known_as("ana", ""), "contacts"),
        (known_as("ana", "x" * 321), "contacts"),
        (known_as("ana", *map(str, range(11))), "contacts"),
        (known_as("ana", "1", name="x" * 201), "name"),
        (known_as("ana", "1", language="tlh"), "language"),
    ],
)
async def test_a_bad_registration_is_refused_by_its_field(
    office: BoxOffice, request_: ask.Register, field: str
) -> None:
    answer = await office.register(request_)
    assert isinstance(answer, Malformed)
    assert answer.field == field
    assert answer.advice


def wanted(office: BoxOffice, **choice: Any) -> Awaitable[object]:  # noqa: ANN401 - any field
    return office.prefer(ask.Prefer(customer_id="ana", **choice))


async def test_a_customer_chooses_a_language_and_the_order_of_channels(office: BoxOffice) -> None:
    contacts = (("email", "a@b.c"), ("phone", "55"), ("telegram", "1"))
    await office.register(ask.Register(customer_id="ana", contacts=contacts))
    seen = await office.look.customer("ana")
    assert seen is not None
    assert [channel for channel, _ in seen.ways] == ["telegram", "email", "phone"]
    chosen = await wanted(office, language="en", channels=("phone", "email"))
    assert chosen == Preferred("ana", "en", ("phone", "email"))
    seen = await office.look.customer("ana")
    assert seen is not None
    assert (seen.language, seen.channels) == ("en", ("phone", "email"))
    assert seen.ways == (("phone", "55"), ("email", "a@b.c"))
    assert seen.contacts == contacts
    assert await wanted(office, language="pt-BR") == Preferred("ana", "pt-BR", ("phone", "email"))
    assert await wanted(office, channels=()) == Preferred("ana", "pt-BR", ())


async def test_to_prefer_what_is_so_already_writes_nothing(office: BoxOffice, path: Path) -> None:
    await office.register(known_as("ana", "1"))
    for _ in range(2):
        assert await wanted(office, language="en") == Preferred("ana", "en", ())
    assert await wanted(office) == Preferred("ana", "en", ())
    first, last = await asyncio.gather(
        wanted(office, channels=("telegram",)), wanted(office, language="pt-BR")
    )
    assert first == Preferred("ana", "en", ("telegram",))
    assert last == Preferred("ana", "pt-BR", ("telegram",))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select kind from ledger where show_id = 0 order by seq")
        assert [kind for (kind,) in rows] == ["registered", "preferred", "preferred", "preferred"]


async def test_who_registers_and_chooses_at_once_has_chosen(office: BoxOffice) -> None:
    await asyncio.gather(office.register(known_as("ana", "1")), wanted(office, language="en"))
    seen = await office.look.customer("ana")
    assert seen is not None
    assert seen.language == "en"


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"language": "tlh"}, "language"),
        ({"language": ""}, "language"),
        ({"channels": ("pigeon",)}, "channels"),
        ({"channels": ("walk_in",)}, "channels"),
        ({"channels": ("telegram", "telegram")}, "channels"),
        ({"channels": ("email", "phone")}, "channels"),  # She has neither.
    ],
)
async def test_a_bad_choice_is_refused_by_its_field(
    office: BoxOffice, choice: dict[str, Any], field: str
) -> None:
    await office.register(known_as("ana", "1"))
    answer = await wanted(office, **choice)
    assert isinstance(answer, Malformed)
    assert answer.field == field
    assert answer.advice


async def test_who_is_unknown_or_erased_prefers_nothing(office: BoxOffice) -> None:
    assert await wanted(office, language="en") == UnknownCustomer("ana")
    await office.register(known_as("ana", "1"))
    chosen, _, late = await asyncio.gather(
        wanted(office, channels=("telegram",)),
        office.erase(ask.Erase(customer_id="ana")),
        wanted(office, language="en"),
    )
    assert chosen == Preferred("ana", "pt-BR", ("telegram",))
    assert late == await wanted(office, language="en") == UnknownCustomer("ana")
    seen = await office.look.customer("ana")
    assert seen is not None
    assert (seen.channels, seen.contacts) == ((), ())


async def test_who_is_erased_is_unknown_and_may_come_again(office: BoxOffice) -> None:
    assert await office.erase(ask.Erase(customer_id="ana")) == UnknownCustomer("ana")
    await office.register(known_as("ana", "1"))
    assert await office.erase(ask.Erase(customer_id="ana")) == Done()
    assert await office.erase(ask.Erase(customer_id="ana")) == Done()
    assert await office.look.customer_of("telegram", "1") is None
    await publish(office, show(tier("pista", 1)))
    late = ask.Join(show_id=1, purchase_id="late", customer_id="ana")
    assert await office.join(late) == UnknownCustomer("ana")
    assert await office.register(known_as("ana2", "1")) == Registered("ana2")


async def test_who_comes_again_in_the_batch_of_the_erasure_is_somebody_new(
    office: BoxOffice,
) -> None:
    await office.register(known_as("ana", "1"))
    _, again = await asyncio.gather(
        office.erase(ask.Erase(customer_id="ana")),
        office.register(known_as("ana2", "1")),
    )
    assert again == Registered("ana2")
    assert await office.look.customer_of("telegram", "1") == "ana2"


async def test_clerks_are_added_once_and_changed_field_by_field(office: BoxOffice) -> None:
    eva: dict[str, Any] = {"name": "eva", "role": "clerk", "password_hash": "hash"}
    assert isinstance(await office.set_clerk(ask.SetClerk(name="eva")), Malformed)
    assert isinstance(await office.set_clerk(ask.SetClerk(name="eva", add=True)), Malformed)
    assert await office.set_clerk(ask.SetClerk(add=True, **eva)) == Done()
    assert await office.set_clerk(ask.SetClerk(add=True, **eva)) == Taken("eva")
    assert await office.set_clerk(ask.SetClerk(name="eva", role="manager")) == Done()
    assert [(c.name, c.role, c.password_hash) for c in await office.look.clerks()] == [
        ("eva", "manager", "hash"),
    ]
    assert isinstance(await office.set_clerk(ask.SetClerk(name="eva", role="boss")), Malformed)


async def test_shows_are_published_all_or_none(office: BoxOffice) -> None:
    good, bad = show(slug="good"), show(tier("pista", 0), slug="bad")
    digests = {slug: seed_digest(SIGNER.seed(slug)) for slug in ("good", "bad")}
    answer = await office.publish(ask.Publish(drafts=(good, bad), seed_digests=digests))
    assert isinstance(answer, Malformed)
    assert "bad" in answer.field
    assert await office.look.search() == ()


async def test_a_show_published_again_stays_as_it_is(office: BoxOffice) -> None:
    digests = {"show": seed_digest(SIGNER.seed("show"))}
    first = await office.publish(ask.Publish(drafts=(show(),), seed_digests=digests))
    again = await office.publish(ask.Publish(drafts=(show(),), seed_digests=digests))
    other = ask.Publish(drafts=(show(tier("pista", 9)),), seed_digests=digests)
    assert first == Published({"show": 1}, ())
    assert again == Published({"show": 1}, ("show",))
    assert await office.publish(other) == Taken("show")
    no_seed = await office.publish(ask.Publish(drafts=(show(slug="new"),), seed_digests={}))
    assert isinstance(no_seed, Malformed)
    assert no_seed.field == "seed_digests"


async def test_one_draft_given_twice_is_one_show(office: BoxOffice) -> None:
    digests = {"show": seed_digest(SIGNER.seed("show"))}
    request = ask.Publish(drafts=(show(), show()), seed_digests=digests)
    assert await office.publish(request) == Published({"show": 1}, ())
    assert len(await office.look.search()) == 1


async def test_two_shows_of_one_name_are_refused(office: BoxOffice) -> None:
    digests = {"show": seed_digest(SIGNER.seed("show"))}
    drafts = (show(), show(tier("pista", 9)))
    assert await office.publish(ask.Publish(drafts=drafts, seed_digests=digests)) == Taken("show")
    assert await office.look.search() == ()


async def test_an_effect_is_leased_to_one_worker_at_a_time(
    office: BoxOffice, clock: HandClock
) -> None:
    await called(office)
    mine = await office.take_effects("one", tuple(MESSAGE_KINDS), 10)
    assert [effect.kind for effect in mine] == ["your_turn"]
    assert await office.take_effects("two", tuple(MESSAGE_KINDS), 10) == ()
    clock.ms += limits.LEASE_MS
    theirs = await office.take_effects("two", tuple(MESSAGE_KINDS), 10)
    assert [effect.key for effect in theirs] == [effect.key for effect in mine]
    assert theirs[0].attempts == 2


async def test_an_effect_given_back_comes_due_again(office: BoxOffice, clock: HandClock) -> None:
    await called(office)
    (effect,) = await office.take_effects("one", tuple(MESSAGE_KINDS), 10)
    await office.put_back(effect, "two", clock.ms, "not mine to give back")
    assert await office.take_effects("one", tuple(MESSAGE_KINDS), 10) == ()
    await office.put_back(effect, "one", clock.ms + 5_000, "429")
    assert await office.take_effects("one", tuple(MESSAGE_KINDS), 10) == ()
    clock.ms += 5_000
    assert len(await office.take_effects("one", tuple(MESSAGE_KINDS), 10)) == 1


async def test_an_effect_that_is_done_is_never_taken_again(
    office: BoxOffice, clock: HandClock
) -> None:
    await called(office)
    (effect,) = await office.take_effects("one", tuple(MESSAGE_KINDS), 10)
    key: dict[str, Any] = {"show_id": 1, "ledger_seq": effect.ledger_seq, "item": effect.item}
    assert await office.finish(ask.EffectDone(**key)) == Done()
    assert await office.finish(ask.EffectDone(**key)) == Done()
    assert await office.finish(ask.EffectDead(**key, error="late")) == Done()
    clock.ms += 10 * limits.LEASE_MS
    assert await office.take_effects("two", tuple(MESSAGE_KINDS), 10) == ()


async def test_lanes_go_in_order_and_kinds_apart(office: BoxOffice) -> None:
    await called(office)
    fan = Fan(office, 1, "beto")
    await office.claim(ask.Claim(show_id=1, purchase_id="beto"))
    await fan.choose()
    await fan.check_out(outside=1)
    await fan.pay(110)
    await office.refund(ask.Refund(show_id=1, purchase_id="beto", refund_id="back", reason=""))
    money = await office.take_effects("bank", tuple(GATEWAY_KINDS), 10)
    told = await office.take_effects("post", tuple(MESSAGE_KINDS), 10)
    assert [effect.kind for effect in money] == ["payment.start", "payment.refund"]
    assert [effect.kind for effect in told] == ["your_turn", "receipt", "refund_started"]


async def test_the_refund_of_a_payment_with_the_longest_name_can_be_reported(
    office: BoxOffice,
) -> None:
    """The office names a refund of its own after its payment; the gateway must be able to too."""
    await called(office)
    await office.claim(ask.Claim(show_id=1, purchase_id="beto"))
    await Fan(office, 1, "beto").choose()
    name = "p" * limits.ID_LENGTH
    at: dict[str, Any] = {"show_id": 1, "purchase_id": "beto", "gateway": "bank", "method": "pix"}
    await office.check_out(ask.CheckOut(payment_id=name, **at))
    paid: dict[str, Any] = {"state": "captured", "amount_minor": 1, "currency": "BRL"}
    await office.report(ask.Report(show_id=1, payment_id=name, event_id="e", **paid))
    seen = await office.look.purchase(1, "beto")
    assert seen is not None
    (refund,) = seen.refunds
    report = ask.RefundReport(show_id=1, refund_id=refund.refund_id, state="done")
    assert isinstance(await office.refund_report(report), Refunded)


async def called(office: BoxOffice) -> None:
    """Beto has just been called."""
    await publish(office, show(tier("pista", 1)))
    await office.run(ask.OpenSale(show_id=1))
    await register(office, "ana", "beto")
    for name in ("ana", "beto"):
        await Fan(office, 1, name).join()
    await office.leave(ask.Leave(show_id=1, purchase_id="ana"))


async def test_two_shows_of_one_house_share_its_venue(office: BoxOffice) -> None:
    await publish(office, show(slug="first"), show(slug="second"))
    await publish(office, show(slug="third"))
    cards = await office.look.search(venue="voador", city="rio")
    assert [card.slug for card in cards] == ["first", "second", "third"]
