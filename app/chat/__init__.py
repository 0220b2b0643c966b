"""`bilheteria chat`: the real bot in a terminal, over HTTP, without a token or a phone."""

import logging
import tempfile
from pathlib import Path

from app.chat.stage import set_stage
from app.chat.window import ChatWindow
from app.clock import SystemClock
from app.demo.chance import Chance
from app.loop import run as run_loop
from bot.local_api.people import Link

_NAMES = ("Ana", "Bruno", "Carla", "Davi")


def run(*, fans: int, language: str, slow_s: float, loss: float) -> None:
    """Open the window until it is left; everything is forgotten with it."""
    # What is logged would be drawn over the window.
    logging.basicConfig(level=logging.CRITICAL)
    run_loop(_run(fans, language, Link(slow_s, loss, Chance(1, "chat").part)))


async def _run(fans: int, language: str, link: Link) -> None:
    with tempfile.TemporaryDirectory(prefix="bilheteria-chat-") as folder:
        async with set_stage(Path(folder), SystemClock()) as stage:
            people = [stage.api.person(name, language=language) for name in _NAMES[:fans]]
            for person in people:
                person.link = link
            await ChatWindow(stage, people).run_async()
