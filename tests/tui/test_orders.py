"""Orders: found by what people can say, printed again, refunded."""

from datetime import date
from typing import Any

import pytest
from textual.geometry import Region

from core import requests as ask
from core.messages import MESSAGE_KINDS, Kind
from core.outcomes import CheckedOut
from tests.auxil import books
from tests.auxil.fans import Fan
from tests.tui.conftest import Scene, press, text_of, until, window
from tui.finding import Meaning, meaning
from tui.widgets.lists import Walk
from tui.widgets.story import KINDS


async def joao(scene: Scene, *, reference: str = "", **paid: Any) -> None:  # noqa: ANN401 - how
    """João has bought two tickets; `paid` is what `CheckOut` says of how."""
    contacts = (("email", "joao@example.org"), ("phone", "+5581999990000"))
    await scene.office.register(
        ask.Register(customer_id="joao", name="João da Silva", contacts=contacts)
    )
    show_id, fan = scene.shows["circo"], Fan(scene.office, scene.shows["circo"], "joao")
    if not paid:
        await fan.buy(2)
        return
    await fan.join()
    await fan.choose(2)
    named: dict[str, Any] = {"show_id": show_id, "payment_id": "joao-pay"}
    order = await scene.office.check_out(ask.CheckOut(**named, **paid, purchase_id="joao"))
    assert isinstance(order, CheckedOut), order
    money: dict[str, Any] = {"amount_minor": order.total_minor, "currency": order.currency}
    await scene.office.report(
        ask.Report(**named, **money, event_id="e", state="captured", reference=reference)
    )


@pytest.mark.parametrize(
    "said",
    ["1-1-joao", "JOAO SILVA", "joao@example.org", "81 99999-0000", "16/04/2030", "17/03/2030"],
)
async def test_an_order_is_found_by_what_a_person_says(scene: Scene, said: str) -> None:
    await joao(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *[{" ": "space"}.get(key, key) for key in said], "enter")
        assert app.screen.query_one("#orders", Walk).option_count == 1
        told = text_of(app, "#story")
        assert "1-1-JOAO · has tickets" in told
        assert "paid: has tickets" in told
        assert "waits to be sent" in told


async def test_a_long_story_is_read_with_the_keyboard_alone(scene: Scene) -> None:
    await joao(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *"joao", "enter")
        assert "PgDn Read on" in text_of(app, "#keys")
        story = app.screen.query_one(".main")
        await press(pilot, "pagedown", "pagedown")
        await until(lambda: story.scroll_y == story.max_scroll_y > 0)
        await press(pilot, "pageup", "pageup")
        await until(lambda: story.scroll_y == 0)


def test_every_message_has_a_name_in_the_story() -> None:
    assert set(KINDS) >= set(MESSAGE_KINDS)


async def test_tickets_are_printed_again_as_a_second_copy(scene: Scene) -> None:
    await joao(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *"joao", "enter")
        await press(pilot, "p")
        assert "✓ printed" in text_of(app, "#notice")
        await press(pilot, "w")
        assert "written to 1-1-JOAO.txt" in text_of(app, "#notice")
    assert len(scene.printer.printed) == 3
    assert "SECOND COPY" in scene.printer.printed[-1]
    assert scene.printer.kicks == 0


async def test_one_ticket_is_refunded_in_cash_out_of_the_drawer(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        for key in ("enter", "2", "enter", "enter"):
            await press(pilot, key)
        await press(pilot, "f5", *"1-1-0001", "enter")
        await press(pilot, "r")
        await press(pilot, "down", "down", "enter")
        await press(pilot, *"ill", "enter")
        await press(pilot, "enter")
        assert "HAND BACK R$120.00 IN CASH" in text_of(app, "#notice")
        assert "refunded" in text_of(app, "#story")
    view = await scene.office.look.purchase_by_number(scene.shows["circo"], 1)
    assert view is not None
    assert [ticket.state for ticket in view.tickets] == ["valid", "refunded"]
    drawer = await scene.office.look.open_shift("eva")
    assert drawer is not None
    assert drawer.expected_minor == 10_000 + 12_000
    books.check(scene.database)


async def test_tickets_go_again_to_an_address_that_the_person_says(scene: Scene) -> None:
    await joao(scene)
    (receipt,) = await scene.office.take_effects("w", [Kind.RECEIPT], 10)
    key: dict[str, Any] = {"show_id": 1, "ledger_seq": receipt.ledger_seq, "item": receipt.item}
    said = ask.EffectTried(**key, try_no=1, channel="email", state="failed", said="451 later")
    await scene.office.note_attempt(said)
    await scene.office.finish(ask.EffectDone(**key))
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *"joao", "enter")
        assert "failed, tried again: 451 later" in text_of(app, "#story")
        await press(pilot, "e")
        assert "No channel is set up" in text_of(app, "#notice")
    async with window(scene, channels=frozenset({"email"})) as (app, pilot):
        await press(pilot, "f5", *"joao", "enter")
        await press(pilot, "e")
        await press(pilot, "down", "enter")
        await press(pilot, *"ana@home", "enter")
        assert "no e-mail address" in text_of(app, ".wrong")
        await press(pilot, *".org", "enter")
        assert "on its way" in text_of(app, "#notice")
    (again,) = await scene.office.take_effects("w", [Kind.RECEIPT], 10)
    reader = await scene.office.look.customer(again.customer_id or "")
    assert reader is not None
    assert reader.contacts == (("email", "ana@home.org"),)
    assert again.purchase_id == "joao"


@pytest.mark.parametrize(
    ("gateway", "outside", "named"),
    [("counter", 0, "NSU 004217"), ("stripe", 1, "Stripe 004217"), ("other", 1, "other 004217")],
)
async def test_a_reference_is_named_by_whose_it_is(
    scene: Scene, gateway: str, outside: int, named: str
) -> None:
    await joao(scene, gateway=gateway, method="card", outside=outside, reference="004217")
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *"1-1-joao", "enter")
        assert f"   {named}\n" in text_of(app, "#story")
        await press(pilot, "p")
    assert named in scene.printer.printed[-1].splitlines()


async def test_a_refund_can_be_taken_back_until_the_last_yes(scene: Scene) -> None:
    await joao(scene)
    async with window(scene) as (_, pilot):
        await press(pilot, "f5", *"joao", "enter")
        await press(pilot, "r")
        await press(pilot, "enter")
        await press(pilot, *"ill", "enter")
        await press(pilot, "escape")
    view = await scene.office.look.purchase(scene.shows["circo"], "joao")
    assert view is not None
    assert view.refunds == ()


async def test_a_hostile_name_tells_the_terminal_nothing(scene: Scene) -> None:
    evil = "Ana [bold]\x1b]0;mi\u202ene\x07\x1b[2J\x9b1m"
    await scene.office.register(
        ask.Register(customer_id="ana", name=evil, contacts=(("email", "ana@example.org"),))
    )
    await Fan(scene.office, scene.shows["circo"], "ana").buy(1)
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *"ana@example.org", "enter")
        drawn = app.screen.query_one("#orders", Walk).render_lines(Region(0, 0, 33, 3))
        told = "".join(segment.text for strip in drawn for segment in strip)
        assert "Ana [bold]·]0;mi·ne" in told
        assert "\x1b" not in told
        assert "\x9b" not in told


async def test_what_is_not_found_is_said(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f5", *"nobody", "enter")
        assert "0 found" in text_of(app, "#notice")


TODAY = date(2026, 1, 10)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("3-1204-7kqx", Meaning(code=(3, 1204, "7KQX"))),
        ("529.982.247-25", Meaning(document="52998224725")),
        (" ana@example.org", Meaning(address="ana@example.org")),
        ("+55 81 99999-0000", Meaning(address="+5581999990000")),
        ("(81) 99999-0000", Meaning(address="81999990000")),
        ("28/12", Meaning(day=date(2025, 12, 28))),
        ("28/01", Meaning(day=date(2026, 1, 28))),
        ("1/2/2027", Meaning(day=date(2027, 2, 1))),
        ("2026-11-28", Meaning(day=date(2026, 11, 28))),
        ("31/02", Meaning(name="31/02")),
        ("Ana Maria", Meaning(name="Ana Maria")),
        ("", Meaning()),
    ],
)
def test_what_was_typed_means_one_thing(text: str, means: Meaning) -> None:
    assert meaning(text, TODAY) == means
