"""The door: yes or no, why, and what it does while the office can't be reached."""

from typing import Any

from textual.widgets import Input, Static

from core import requests as ask
from core.outcomes import Admitted, AlreadyUsed
from core.ports import StorageLost
from core.receipts import TicketName, ticket_code
from core.terms import DAY_MS
from tests.auxil import books
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER
from tests.tui.conftest import Scene, press, settled, text_of, window
from tui.app import Window
from tui.door import DoorMemory, LetIn, NotListed


async def codes(scene: Scene, fare_no: int = 1) -> list[str]:
    """Two tickets, sold to Ana; the show is tonight."""
    await register(scene.office, "ana")
    await Fan(scene.office, scene.shows["circo"], "ana").buy(2, fare_no)
    scene.clock.ms += 29 * DAY_MS + DAY_MS // 2
    view = await scene.office.look.purchase(scene.shows["circo"], "ana")
    assert view is not None
    return [ticket_code(ticket, SIGNER) for ticket in view.tickets]


async def scan(app: Window, pilot: object, code: str) -> str:
    """Scan as a USB scanner does: it types, and presses Enter."""
    app.screen.query_one("#ticket", Input).value = code
    await press(pilot, "enter")  # pyright: ignore[reportArgumentType]
    return text_of(app, "#answer")


async def test_a_ticket_lets_one_in_once(scene: Scene) -> None:
    first, second = await codes(scene)
    async with window(scene, "rui", drawer=False) as (app, pilot):
        assert "YES" in await scan(app, pilot, first)
        assert app.screen.query_one("#answer", Static).has_class("yes")
        told = await scan(app, pilot, first)
        assert "NO" in told
        assert "USED ALREADY" in told
        assert "window" in told
        assert "YES" in await scan(app, pilot, second.lower())
        assert "2 let in here" in text_of(app, "#notice")
    books.check(scene.database)


async def test_half_price_asks_for_the_document(scene: Scene) -> None:
    first, _ = await codes(scene, fare_no=2)
    async with window(scene, "rui", drawer=False) as (app, pilot):
        assert "ASK FOR THE DOCUMENT" in await scan(app, pilot, first)


async def test_what_is_forged_never_sold_or_refunded_is_refused(scene: Scene) -> None:
    first, _ = await codes(scene)
    name = TicketName(scene.shows["circo"], 99, 1, 1)
    await scene.office.refund(
        ask.Refund(show_id=scene.shows["circo"], purchase_id="ana", refund_id="r", reason="ill")
    )
    async with window(scene, "rui", drawer=False) as (app, pilot):
        assert "NOT A TICKET" in await scan(app, pilot, first[:-1] + "Z")
        assert "NEVER SOLD" in await scan(app, pilot, f"{name.text}.{SIGNER.sign(name.text)}")
        assert "REFUNDED" in await scan(app, pilot, first)
        assert app.screen.query_one("#answer", Static).has_class("no")


async def test_cut_off_the_list_decides_and_the_office_hears_of_it_later(scene: Scene) -> None:
    first, second = await codes(scene)
    check_in, cut = scene.office.check_in, True

    def shaky(request: ask.CheckIn) -> Any:  # noqa: ANN401 - as the office's own
        if cut:
            raise StorageLost("the line is cut")
        return check_in(request)

    async with window(scene, "rui", drawer=False) as (app, pilot):
        await settled(pilot)
        scene.office.check_in = shaky
        assert "YES" in await scan(app, pilot, first)
        assert "USED ALREADY" in await scan(app, pilot, first)
        assert "YES" in await scan(app, pilot, second)
        assert "2 to be told" in text_of(app, "#notice")
        # Meanwhile the other door, which is not cut off, lets the second ticket in.
        elsewhere = ask.CheckIn(
            show_id=scene.shows["circo"], order_no=1, ticket_no=2, where="north", actor="clerk:rui"
        )
        await check_in(elsewhere)
        cut = False
        app.screen._settle()  # pyright: ignore[reportAttributeAccessIssue]
        await settled(pilot)
        assert f"USED TWICE: {scene.shows['circo']}-1/2" in text_of(app, "#notice")
    view = await scene.office.look.purchase(scene.shows["circo"], "ana")
    assert view is not None
    assert [ticket.used_where for ticket in view.tickets] == ["window", "north"]
    books.check(scene.database)


async def test_the_journal_outlives_the_door(scene: Scene) -> None:
    await codes(scene)
    show = await scene.office.look.show(scene.shows["circo"])
    assert show is not None
    folder = scene.givens.folder
    memory = DoorMemory(folder)
    name = TicketName(scene.shows["circo"], 1, 1, 1)
    assert memory.decide(name) == NotListed(None)
    memory.keep(show, await scene.office.look.door_list(scene.shows["circo"]), 7)
    assert isinstance(memory.decide(name), Admitted)
    one = LetIn(
        show_id=scene.shows["circo"],
        order_no=1,
        ticket_no=1,
        at_ms=9,
        where="gate",
        actor="clerk:rui",
    )
    memory.note(one)
    with (folder / "door-journal.jsonl").open("a") as file:
        file.write('{"show_id": 1, "ord')
    again = DoorMemory(folder)
    assert again.journal == [one]
    assert again.decide(name) == AlreadyUsed(9, "gate")
    assert again.decide(TicketName(scene.shows["circo"], 5, 1, 1)) == NotListed(7)
    again.told(one)
    assert DoorMemory(folder).journal == []


async def test_where_a_ticket_was_used_is_told_in_portuguese(scene: Scene) -> None:
    first, _ = await codes(scene)
    async with window(scene, "rui", drawer=False, language="pt-BR") as (app, pilot):
        await scan(app, pilot, first)
        told = await scan(app, pilot, first)
        assert "bilheteria" in told
        assert "window" not in told
