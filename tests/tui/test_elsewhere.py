"""What happens elsewhere, in another process, is seen here without a key being pressed."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from core.catalogue import ShowDraft
from core.ports import Gateway
from data.database import Database
from tests.auxil.children import start
from tests.auxil.places import address
from tests.tui.conftest import Scene, press, scene_on, settled, text_of, until, window
from tui.places import SCREENS
from tui.widgets.lists import Walk


async def test_a_sale_in_another_process_is_seen_at_once(
    database: Database,
    tmp_path: Path,
    drafts: tuple[ShowDraft, ...],
    gateways: dict[str, Gateway],
) -> None:
    async with (
        scene_on(database, tmp_path, drafts, gateways) as scene,
        window(scene) as (app, pilot),
    ):
        await press(pilot, "enter")
        fares = app.screen.query_one("#fares", Walk)
        assert "100 left" in str(fares.get_option_at_index(0).prompt)
        with start("racer", address(database), "a", 1) as other:
            await until(lambda: "99 left" in str(fares.get_option_at_index(0).prompt))
            assert other.wait(30) == 0
        assert "Meia: 40 of 40 left" in text_of(app, "#quotas")


class Restless:
    """Tells of changes all the time."""

    async def changes(self) -> AsyncGenerator[frozenset[int]]:
        while True:
            yield frozenset()
            await asyncio.sleep(0)


async def test_a_change_may_come_while_a_screen_is_made(scene: Scene) -> None:
    async with window(scene, "ida", signal=Restless()) as (app, pilot):
        for where, made in SCREENS.items():
            await app.go(where)
            await settled(pilot)
            assert isinstance(app.screen, made)
