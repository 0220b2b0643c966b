"""Codes drawn in the terminal, read back from the cells as a phone would see them."""

import pytest
import zxingcpp
from PIL import Image
from rich.color_triplet import ColorTriplet
from textual.widgets import Static

from tests.tui.conftest import Scene
from tui.app import Window
from tui.widgets.qr import drawn

PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000520400005303986"
    "540524.005802BR5913Circo Voador6014Rio de Janeiro62070503***63041D3D"
)
LINK = "https://checkout.stripe.com/c/pay/cs_test_" + "a1B2c3D4" * 7 + "#fidkdWxOYHwnPyd1blpxYHZxWj"
_DOTS = 4


def seen(app: Window) -> Image.Image:
    """What the screen shows, each cell two squares: the colours are those that are drawn."""
    size = app.screen.size
    shown = Image.new("RGB", (size.width, size.height * 2))
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        cells = [(c, segment.style) for segment in strip for c in segment.text]
        for x, (character, style) in enumerate(cells):
            assert style is not None
            paper, ink = (
                colour.get_truecolor() if colour else ColorTriplet(0, 0, 0)
                for colour in (style.bgcolor, style.color)
            )
            shown.putpixel((x, 2 * y), ink if character in "▀█" else paper)
            shown.putpixel((x, 2 * y + 1), ink if character in "▄█" else paper)
    return shown.resize((size.width * _DOTS, size.height * 2 * _DOTS), Image.Resampling.NEAREST)


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
@pytest.mark.parametrize("code", [PIX, LINK], ids=["pix", "link"])
async def test_a_code_on_the_screen_is_read_back(scene: Scene, code: str, theme: str) -> None:
    app = Window(scene.givens)
    async with app.run_test(size=(80, 45)) as pilot:
        app.theme = theme
        await app.screen.mount(Static(drawn(code)))
        await app.screen.query_one(".box").remove()
        await pilot.pause()
        (found,) = zxingcpp.read_barcodes(seen(app))
    assert found.text == code
