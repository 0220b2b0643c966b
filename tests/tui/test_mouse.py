"""The mouse can do what the keys do; it is never needed."""

from textual.pilot import Pilot
from textual.widget import Widget

from tests.auxil import books
from tests.tui.conftest import Scene, settled, text_of, window
from tui.app import Window
from tui.screens.orders import Orders
from tui.screens.sell import Sell
from tui.screens.steps import Step


async def click(app: Window, pilot: Pilot[None], selector: str, words: str) -> None:
    """Click on words that a part of the screen shows."""
    part = app.screen.query_one(selector, Widget)
    left, right = part.region.x, part.region.right
    strips = app.screen._compositor.render_strips()[part.region.y : part.region.bottom]
    lines = [strip.text[left:right] for strip in strips]
    y, x = next((y, line.index(words)) for y, line in enumerate(lines) if words in line)
    await pilot.click(part, offset=(x, y))
    await settled(pilot)


async def test_a_sale_by_clicks_alone(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        sell = app.screen
        assert isinstance(sell, Sell)
        await click(app, pilot, "#shows", "São João")
        assert sell.step is Step.CHOOSING
        await click(app, pilot, "#fares", "Meia")
        await click(app, pilot, "#fares", "Meia")
        assert sell.wanted == {2: 2}
        await click(app, pilot, "#keys", "Cash")
        await click(app, pilot, ".hint", "Esc: back")
        assert not app.screen.is_modal
        await click(app, pilot, "#keys", "Cash")
        await click(app, pilot, ".hint", "Enter: paid")
        assert "SOLD: 2 tickets" in text_of(app, "#done_told")
        await click(app, pilot, "#ways", "Orders")
        assert isinstance(app.screen, Orders)
        await click(app, pilot, "#keys", "Help")
        await click(app, pilot, ".hint", "Esc: back")
        assert isinstance(app.screen, Orders)
    books.check(scene.database)
