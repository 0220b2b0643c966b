"""The ways to pay that faces show, and how a payment says what its payer must do."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import requests as ask
from core.box_office import BoxOffice
from core.messages import Kind
from core.offers import Offer, Offers
from core.outcomes import Malformed, Noted
from core.payments import Action, ActionKind, read_action
from core.ports import Gateway
from core.views import ShowView
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import new_file, open_office, publish


def gateway(name: str, outside: int, *methods: str, real: bool = True) -> Gateway:
    """A gateway that offers these methods: at the window only, if it is the clerk's own."""

    def offers(channel: str, currency: str) -> Sequence[Offer]:
        ways = methods if outside or channel == "window" else ()
        return [
            Offer(gateway=name, method=way, outside=outside, moves_money=real)
            for way in ways
            if way != "pix" or currency == "BRL"
        ]

    made = SimpleNamespace(name=name, outside=outside, moves_money=real, offers=offers)
    return cast("Gateway", made)


STRIPE = ["stripe:card", "stripe:pix"]
ALL = {
    "counter": gateway("counter", 0, "cash", "card"),
    "stripe": gateway("stripe", 1, "card", "pix"),
    "sandbox": gateway("sandbox", 1, "card", real=False),
}


def named(offers: Sequence[Offer]) -> list[str]:
    return [f"{offer.gateway}:{offer.method}" for offer in offers]


@pytest.mark.parametrize(
    ("terms", "default", "channel", "currency", "expected"),
    [
        (None, "", "telegram", "BRL", ["stripe:card", "stripe:pix", "sandbox:card"]),
        (None, "stripe", "telegram", "BRL", ["stripe:card", "stripe:pix"]),
        (None, "stripe", "telegram", "USD", ["stripe:card"]),
        ("sandbox", "stripe", "telegram", "BRL", ["sandbox:card"]),
        ("stripe", "", "window", "BRL", ["counter:cash", "counter:card", *STRIPE]),
        ("gone", "stripe", "telegram", "BRL", []),
        ("counter", "stripe", "telegram", "BRL", []),
    ],
)
def test_the_show_or_the_house_says_which_gateway(
    terms: str | None, default: str, channel: str, currency: str, expected: list[str]
) -> None:
    assert named(Offers(ALL, default).of(terms, channel, currency)) == expected


def test_an_offer_says_that_no_money_moves() -> None:
    offers = Offers(ALL, "sandbox")
    assert [offer.moves_money for offer in offers.of(None, "telegram", "BRL")] == [False]
    assert not offers.moves_money("sandbox")
    assert offers.moves_money("stripe")
    assert offers.moves_money("one of another process")


@given(
    st.builds(
        Action,
        kind=st.sampled_from(ActionKind),
        url=st.text(min_size=1),
        code=st.text(min_size=1),
        expires_ms=st.integers(0, 2**53),
    )
)
def test_an_action_is_read_as_it_was_written(action: Action) -> None:
    assert read_action(action.text) == action


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "[]", "{}", '{"kind":"barter","url":"x"}', '{"kind":"link"}'),
        *('{"kind":"pix","url":"x"}', '{"kind":"link","url":"x","expires_ms":"soon"}'),
    ],
)
def test_what_is_no_action_is_none(text: str) -> None:
    assert read_action(text) is None


LINK = Action(kind=ActionKind.LINK, url="https://pay.example/1", expires_ms=5).text


async def report(office: BoxOffice, event: str, state: str, action: str) -> object:
    return await office.report(
        ask.Report(
            show_id=1,
            payment_id="ana-pay",
            event_id=event,
            state=state,
            amount_minor=110,
            currency="BRL",
            action=action,
        )
    )


async def told(office: BoxOffice) -> list[str]:
    return [
        json.loads(effect.data)["payment"]
        for effect in await office.look.effects_of(1, "ana")
        if effect.kind == Kind.PAYMENT_READY
    ]


async def paying(office: BoxOffice) -> Fan:
    await publish(office, show(tier("pista", 1), slug="s"))
    await office.run(ask.OpenSale(show_id=1))
    await register(office, "ana")
    fan = Fan(office, 1, "ana")
    await fan.join()
    await fan.choose()
    await fan.check_out(outside=1)
    return fan


async def test_who_pays_is_told_how_once(tmp_path: Path) -> None:
    async with open_office(new_file(tmp_path / "a.db")) as office:
        await paying(office)
        seen = await office.look.purchase(1, "ana")
        assert seen is not None
        assert seen.payments[0].until_ms == seen.purchase.deadline_ms
        assert seen.payments[0].how is None
        assert await report(office, "e1", "pending", LINK) == Noted("ana-pay", "pending")
        assert await report(office, "e1", "pending", LINK) == Noted("ana-pay", "pending")
        assert await report(office, "e2", "pending", LINK) == Noted("ana-pay", "pending")
        assert await told(office) == ["ana-pay"]
        seen = await office.look.purchase(1, "ana")
        assert seen is not None
        assert seen.payments[0].how == read_action(LINK)


async def test_an_action_after_a_bare_pending_is_told_too(tmp_path: Path) -> None:
    async with open_office(new_file(tmp_path / "a.db")) as office:
        await paying(office)
        await report(office, "e1", "pending", "")
        assert await told(office) == []
        await report(office, "e2", "pending", LINK)
        assert await told(office) == ["ana-pay"]


async def test_who_is_leaving_is_not_told_how_to_pay(tmp_path: Path) -> None:
    async with open_office(new_file(tmp_path / "a.db")) as office:
        await paying(office)
        await office.leave(ask.Leave(show_id=1, purchase_id="ana"))
        await report(office, "e1", "pending", LINK)
        assert await told(office) == []


async def test_what_is_no_action_is_refused(tmp_path: Path) -> None:
    async with open_office(new_file(tmp_path / "a.db")) as office:
        await paying(office)
        for text in ("nonsense", "x" * 5_000):
            answer = await report(office, "e1", "pending", text)
            assert isinstance(answer, Malformed)
            assert answer.field == "action"


async def test_the_offers_of_a_show_follow_its_terms(tmp_path: Path) -> None:
    async with open_office(new_file(tmp_path / "a.db")) as office:
        await publish(office, show(slug="s", gateway="sandbox"), show(slug="t"))
        first, second = await office.look.show(1), await office.look.show(2)
        assert isinstance(first, ShowView)
        assert isinstance(second, ShowView)
        offers = Offers(ALL, "stripe")
        assert named(offers.of_show(first, "telegram")) == ["sandbox:card"]
        assert named(offers.of_show(second, "telegram")) == ["stripe:card", "stripe:pix"]
