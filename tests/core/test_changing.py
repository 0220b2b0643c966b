"""Changing a published show: what may change, how far, and who hears of it."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.catalogue import Series, ShowDraft, Tier
from core.changing import differences
from core.messages import MESSAGE_KINDS
from core.outcomes import (
    Changed,
    CheckedOut,
    Malformed,
    NotEnough,
    Unchangeable,
    UnknownFare,
    UnknownShow,
)
from core.terms import DAY_MS, HOUR_MS, MINUTE_MS
from core.verdict import Verdict
from data.auditing import audit
from tests.auxil.drafts import T0_MS, VENUE, fare, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER, HandClock, new_file, open_office, publish


def hall(*tiers: Tier, **more: Any) -> ShowDraft:  # noqa: ANN401 - any part of a show
    """A show with this stock, and other parts as given."""
    return replace(show(*tiers), **more)


def terms(draft: ShowDraft, **more: Any) -> ShowDraft:  # noqa: ANN401 - whatever `Terms` takes
    return replace(draft, terms=replace(draft.terms, **more))


PISTA = tier("pista", 4, fare("inteira"), fare("meia", 50, quota="meia"))
BALCAO = tier("balcao", 2)
FIRST = show(PISTA, BALCAO, quotas={"meia": 3})


@pytest.fixture
async def sold(office: BoxOffice) -> BoxOffice:
    """Ana has two tickets of the floor and Bia holds one; Caio is on the balcony; Dora waits."""
    await publish(office, FIRST)
    await office.run(ask.OpenSale(show_id=1))
    await register(office, "ana", "bia", "caio", "dora", "edu")
    await Fan(office, 1, "ana").buy(2)
    await Fan(office, 1, "bia").join()
    await choose(office, "bia", (2, 1))
    await Fan(office, 1, "caio").join()
    await choose(office, "caio", (3, 2))
    return office


async def choose(office: BoxOffice, name: str, *wanted: tuple[int, int]) -> object:
    return await office.choose(ask.Choose(show_id=1, purchase_id=name, wanted=wanted))


async def change(office: BoxOffice, draft: ShowDraft) -> object:
    return await office.change(ask.Change(show_id=1, draft=draft))


async def state(office: BoxOffice, name: str) -> str:
    seen = await office.look.purchase(1, name)
    assert seen is not None
    return seen.purchase.state


def with_tiers(*tiers: Tier, **quotas: int) -> ShowDraft:
    made = show(*tiers, quotas=quotas or {"meia": 3})
    return replace(made, terms=FIRST.terms)


CAN_CHANGE: dict[str, ShowDraft] = {
    "title": hall(PISTA, BALCAO, title="Outro nome", quotas=FIRST.quotas),
    "texts": replace(FIRST, description="Com convidados", language="en"),
    "series": replace(FIRST, series=Series(slug="tour", title="The tour")),
    "place": replace(FIRST, venue=replace(VENUE, name="Fundição", address="Rua dos Arcos, 24")),
    "start": replace(FIRST, starts_ms=FIRST.starts_ms + DAY_MS),
    "doors": replace(FIRST, doors_ms=FIRST.starts_ms - HOUR_MS),
    "closing": terms(FIRST, sale_closes_ms=T0_MS + DAY_MS),
    "limits and clocks": terms(FIRST, limit_per_customer=1, claim_ms=MINUTE_MS, calls_max=7),
    "prices": with_tiers(
        tier("pista", 4, fare("inteira", 900, 90), fare("meia", 450, quota="meia")), BALCAO
    ),
    "stock up": with_tiers(replace(PISTA, capacity=400), BALCAO, meia=300),
    "stock down to what is taken": with_tiers(replace(PISTA, capacity=3), BALCAO, meia=1),
    "a new tier": with_tiers(PISTA, BALCAO, tier("camarote", 9)),
    "a new fare and its quota": with_tiers(
        replace(PISTA, fares=(*PISTA.fares, fare("idoso", 50, quota="idoso"))),
        BALCAO,
        meia=3,
        idoso=2,
    ),
    "a fare closed": with_tiers(replace(PISTA, fares=PISTA.fares[1:]), BALCAO),
    "a tier closed": with_tiers(PISTA),
    "an allotment set aside": with_tiers(tier("pista", 5, *PISTA.fares, window=2), BALCAO),
}


@pytest.mark.parametrize("draft", CAN_CHANGE.values(), ids=CAN_CHANGE)
async def test_what_may_change(sold: BoxOffice, draft: ShowDraft) -> None:
    done = await change(sold, draft)
    assert isinstance(done, Changed), done
    assert done.fields == tuple(one.field for one in differences(FIRST, draft))
    assert await change(sold, draft) == Changed(1, (), told=False)
    seen = await sold.look.show(1)
    assert seen is not None
    assert {t.name: t.capacity for t in seen.tiers if not t.closed} == {
        t.name: t.capacity for t in draft.tiers
    }
    assert {(f.name, f.price_minor) for f in seen.offered} == {
        (f.name, f.price_minor) for t in draft.tiers for f in t.fares
    }


CANNOT_CHANGE: dict[str, tuple[ShowDraft, str]] = {
    "currency": (replace(FIRST, currency="EUR"), "currency"),
    "time zone": (replace(FIRST, venue=replace(VENUE, time_zone="America/Manaus")), "time_zone"),
    "another slug": (replace(FIRST, slug="other"), "slug"),
    "a start that has passed": (
        terms(
            replace(FIRST, starts_ms=T0_MS), sale_opens_ms=T0_MS - DAY_MS, sale_closes_ms=T0_MS - 1
        ),
        "starts_ms",
    ),
    "the opening of an open sale": (terms(FIRST, sale_opens_ms=T0_MS + 1), "sale_opens_ms"),
    "a lobby for an open sale": (terms(FIRST, lobby_opens_ms=T0_MS - 1), "lobby_opens_ms"),
    "less than is sold and held": (with_tiers(replace(PISTA, capacity=2), BALCAO), "pista"),
    "less than is set aside": (
        with_tiers(tier("pista", 4, *PISTA.fares, window=2), BALCAO),
        "pista.capacity",
    ),
    "a quota below its use": (
        with_tiers(replace(PISTA, fares=(PISTA.fares[0], PISTA.fares[1])), BALCAO, meia=0),
        "quotas",
    ),
    "what a fare asks for": (
        with_tiers(
            tier("pista", 4, fare("inteira"), fare("meia", 50, quota="meia", proof=True)), BALCAO
        ),
        "fares.meia",
    ),
    "no tier at all": (replace(FIRST, tiers=()), "tiers"),
}


@pytest.mark.parametrize(("draft", "field"), CANNOT_CHANGE.values(), ids=CANNOT_CHANGE)
async def test_what_may_not_change(sold: BoxOffice, draft: ShowDraft, field: str) -> None:
    before = await sold.look.show(1)
    refused = await change(sold, draft)
    assert isinstance(refused, Unchangeable | Malformed), refused
    assert field in refused.field
    assert refused.advice
    assert await sold.look.show(1) == before


async def test_a_cancelled_show_and_an_unknown_one_do_not_change(sold: BoxOffice) -> None:
    await sold.run(ask.CancelShow(show_id=1))
    refused = await change(sold, replace(FIRST, title="x"))
    assert isinstance(refused, Unchangeable)
    assert refused.field == "status"
    unknown = await sold.change(ask.Change(show_id=9, draft=FIRST))
    assert unknown == UnknownShow(9)


async def test_a_sale_that_is_over_keeps_its_stock_and_may_move(sold: BoxOffice) -> None:
    await sold.run(ask.CloseSale(show_id=1))
    refused = await change(sold, with_tiers(replace(PISTA, capacity=9), BALCAO))
    assert isinstance(refused, Unchangeable)
    moved = replace(FIRST, starts_ms=FIRST.starts_ms + DAY_MS)
    assert isinstance(await change(sold, moved), Changed)


async def test_the_right_to_give_tickets_back_that_was_sold_may_only_grow(sold: BoxOffice) -> None:
    longer, shorter = (terms(FIRST, refunds_until_ms=T0_MS + n * DAY_MS) for n in (9, 3))
    assert isinstance(await change(sold, longer), Changed)
    refused = await change(sold, shorter)
    assert isinstance(refused, Unchangeable)
    assert refused.field == "terms.refunds_until_ms"
    sooner = replace(shorter, starts_ms=FIRST.starts_ms - DAY_MS)
    assert isinstance(await change(sold, terms(sooner, sale_closes_ms=T0_MS + DAY_MS)), Changed)


async def test_more_stock_calls_the_next_in_the_same_transaction(sold: BoxOffice) -> None:
    await choose(sold, "bia", (1, 1), (2, 1))
    await Fan(sold, 1, "dora").join()
    await Fan(sold, 1, "edu").join()
    assert await state(sold, "dora") == await state(sold, "edu") == "in_line"
    await change(sold, with_tiers(replace(PISTA, capacity=5), BALCAO))
    assert await state(sold, "dora") == "called"
    assert await state(sold, "edu") == "in_line"


async def test_who_was_called_keeps_the_ticket(sold: BoxOffice) -> None:
    await Fan(sold, 1, "dora").join()
    assert await state(sold, "dora") == "choosing"  # The last of the floor is promised.
    refused = await change(sold, with_tiers(replace(PISTA, capacity=3), BALCAO))
    assert isinstance(refused, Unchangeable)
    assert "1 more must stay" in refused.advice
    await sold.leave(ask.Leave(show_id=1, purchase_id="dora"))
    done = await change(sold, with_tiers(replace(PISTA, capacity=3), BALCAO))
    assert isinstance(done, Changed)


async def test_a_price_is_for_new_orders(sold: BoxOffice) -> None:
    frozen = await Fan(sold, 1, "bia").check_out(outside=1)
    dear = with_tiers(
        tier("pista", 4, fare("inteira", 900), fare("meia", 450, 5, quota="meia")), BALCAO
    )
    await change(sold, dear)
    again = await Fan(sold, 1, "bia").check_out(outside=1)
    assert isinstance(frozen, CheckedOut)
    assert isinstance(again, CheckedOut)
    assert again.total_minor == frozen.total_minor == 60
    await Fan(sold, 1, "dora").join()
    await choose(sold, "dora", (1, 1))
    order = await Fan(sold, 1, "dora").check_out(outside=1)
    assert isinstance(order, CheckedOut)
    assert order.total_minor == 910


async def test_a_closed_fare_is_kept_by_who_has_it_and_chosen_by_nobody(sold: BoxOffice) -> None:
    closed = replace(with_tiers(replace(PISTA, fares=PISTA.fares[:1]), BALCAO), quotas=())
    assert isinstance(await change(sold, closed), Changed)
    await choose(sold, "bia", (1, 1), (2, 1))
    assert await choose(sold, "bia", (2, 2)) == UnknownFare(2)
    order = await Fan(sold, 1, "bia").check_out(outside=1)
    assert isinstance(order, CheckedOut)
    assert len(order.lines) == 2
    await sold.leave(ask.Leave(show_id=1, purchase_id="caio"))
    await Fan(sold, 1, "dora").join()
    assert await choose(sold, "dora", (2, 1)) == UnknownFare(2)


async def test_what_a_closed_tier_gives_back_is_nobodys(sold: BoxOffice) -> None:
    await choose(sold, "bia", (1, 1), (2, 1))
    await Fan(sold, 1, "dora").join()
    await change(sold, with_tiers(PISTA))
    assert await choose(sold, "caio") == NotEnough(0, None, None)
    await sold.leave(ask.Leave(show_id=1, purchase_id="caio"))
    assert await state(sold, "dora") == "in_line"
    await change(sold, FIRST)
    assert await state(sold, "dora") == "called"


async def told(office: BoxOffice) -> list[str]:
    await Caretaker(office, SIGNER).round()
    kinds = tuple(MESSAGE_KINDS)
    effects = await office.take_effects("tests", kinds, 100)
    return sorted(e.customer_id or "" for e in effects if e.kind == "show_changed")


MATTERS: dict[str, Callable[[ShowDraft], ShowDraft]] = {
    "start": lambda draft: replace(draft, starts_ms=draft.starts_ms + DAY_MS),
    "doors": lambda draft: replace(draft, doors_ms=draft.starts_ms - HOUR_MS),
    "place": lambda draft: replace(draft, venue=replace(VENUE, address="Rua nova, 1")),
}


@pytest.mark.parametrize("moved", MATTERS.values(), ids=MATTERS)
async def test_all_whom_it_concerns_are_told_once(
    sold: BoxOffice, moved: Callable[[ShowDraft], ShowDraft]
) -> None:
    await Fan(sold, 1, "dora").join()
    await sold.leave(ask.Leave(show_id=1, purchase_id="dora"))
    done = await change(sold, moved(FIRST))
    assert isinstance(done, Changed)
    assert done.told
    assert await told(sold) == ["ana", "bia", "caio"]
    assert await told(sold) == []


async def test_nobody_is_told_of_what_is_no_matter_to_them(sold: BoxOffice) -> None:
    done = await change(sold, terms(replace(FIRST, title="x"), limit_per_customer=2))
    assert isinstance(done, Changed)
    assert not done.told
    assert await told(sold) == []


async def test_telling_goes_on_where_it_stopped(sold: BoxOffice) -> None:
    await change(sold, replace(FIRST, starts_ms=FIRST.starts_ms + DAY_MS))
    step = ask.TellChange(show_id=1, after="", purchase_ids=("ana",))
    await asyncio.gather(sold.tell_change(step), sold.tell_change(step))
    assert await sold.look.untold(1, 1) == ("ana", ("bia",))
    assert await told(sold) == ["ana", "bia", "caio"]
    assert await sold.look.untold(1, 1) is None


async def test_an_opening_that_was_put_off_comes_at_its_new_time(
    office: BoxOffice, clock: HandClock
) -> None:
    early = terms(FIRST, sale_opens_ms=T0_MS + HOUR_MS, lobby_opens_ms=T0_MS)
    await publish(office, early)
    await register(office, "ana")
    await Fan(office, 1, "ana").join()
    late = terms(early, sale_opens_ms=T0_MS + 2 * HOUR_MS)
    moved = replace(late, starts_ms=late.starts_ms + DAY_MS)
    assert isinstance(await change(office, moved), Changed)
    assert await told(office) == ["ana"]
    clock.ms += HOUR_MS
    await Caretaker(office, SIGNER).round()
    assert await state(office, "ana") == "in_lobby"
    clock.ms += HOUR_MS
    await Caretaker(office, SIGNER).round()
    assert await state(office, "ana") == "called"


ACTS = st.lists(
    st.tuples(st.sampled_from(("join", "choose", "buy", "leave", "change")), st.integers(0, 5)),
    max_size=14,
)
"""(what, who or how much)."""


@settings(max_examples=30)
@given(acts=ACTS)
def test_whatever_changes_between_purchases_the_books_add_up(acts: list[tuple[str, int]]) -> None:
    """Nobody's ticket goes, whatever the house is made in between."""

    async def live(path: Path) -> Verdict:
        async with open_office(new_file(path), HandClock()) as office:
            await publish(office, FIRST)
            await office.run(ask.OpenSale(show_id=1))
            names = [f"fan{n}" for n in range(6)]
            await register(office, *names)
            for act, n in acts:
                await step(office, act, n, names[n])
        return audit(path)

    with tempfile.TemporaryDirectory() as folder:
        verdict = asyncio.run(live(Path(folder) / "office.db"))
    assert verdict.ok, verdict.problems


async def step(office: BoxOffice, act: str, n: int, name: str) -> None:
    fan = Fan(office, 1, name)
    doing: dict[str, Callable[[], Awaitable[object]]] = {
        "join": fan.join,
        "choose": lambda: choose(office, name, (1 + n % 3, 1 + n % 2)),
        "buy": lambda: fan.check_out(outside=0),
        "leave": lambda: office.leave(ask.Leave(show_id=1, purchase_id=name)),
        "change": lambda: change(office, shapes()[n]),
    }
    await doing[act]()


def shapes() -> list[ShowDraft]:
    """The house in six shapes."""
    return [
        with_tiers(replace(PISTA, capacity=1), BALCAO, meia=1),
        with_tiers(replace(PISTA, capacity=2)),
        with_tiers(tier("pista", 6, *PISTA.fares, window=2), BALCAO),
        with_tiers(PISTA, replace(BALCAO, capacity=1), tier("camarote", 3)),
        with_tiers(replace(PISTA, fares=PISTA.fares[1:]), BALCAO),
        replace(FIRST, starts_ms=FIRST.starts_ms + DAY_MS),
    ]
