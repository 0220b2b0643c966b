"""A window on a real office, with a printer of paper that can be read and a clock moved by hand."""

import asyncio
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from app.window import _Catalogue, _Till
from core import requests as ask
from core.box_office import BoxOffice
from core.catalogue import ShowDraft
from core.offers import Offers
from core.ports import Gateway
from data.database import Database, OpenStore, SqliteDatabase
from payments.counter import Counter
from tests.auxil.drafts import fare, show, tier
from tests.auxil.offices import SIGNER, CountedIds, HandClock, new_file, publish
from tui.app import Window
from tui.ports import Givens, PrinterTrouble
from tui.printing.plain import plain
from tui.printing.slips import Slip

SIZE = (80, 24)
WIDE = (140, 40)
_PATIENCE_S = 30
_CALM = 2
"""So many looks in a row must find nothing under way."""


class OpenBook:
    """Passwords that are their own hashes: hashing is tested where it is done."""

    def fits(self, password_hash: str, password: str) -> bool:
        return password_hash == password

    def hashed(self, password: str) -> str:
        return password

    def bad(self, password: str) -> str | None:
        return None if len(password) >= 4 else "too short"


@dataclass
class PaperPrinter:
    """Keeps what was printed; `trouble` is what it has instead of paper."""

    printed: list[str] = field(default_factory=list[str])
    kicks: int = 0
    trouble: str = ""

    def print(self, slips: tuple[Slip, ...], *, kick: bool) -> None:
        if self.trouble:
            raise PrinterTrouble(self.trouble)
        self.kicks += kick
        self.printed += [plain(slip) for slip in slips]


class Signal:
    """The store's signal, behind the port's name."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def changes(self) -> AsyncGenerator[frozenset[int]]:
        return self._store.changes()


@dataclass
class Scene:
    """An office with a show on sale, clerks, and what a window on it is made of."""

    database: Database
    office: BoxOffice
    clock: HandClock
    givens: Givens
    printer: PaperPrinter
    shows: dict[str, int]


CIRCO = show(
    tier(
        "Pista",
        100,
        fare("Inteira", 12_000, 1_200),
        fare("Meia", 6_000, 600, quota="Meia", proof=True),
    ),
    tier("Camarote", 10, fare("Mesa", 30_000, 0), fare("Social", 5_000, 0, document=True)),
    slug="circo",
    quotas={"Meia": 40},
)
FESTA = show(tier("Salão", 3, fare("Única", 5_000, 0)), slug="festa")
TITLED = {"circo": "São João no Circo", "festa": "Festa de Debutantes"}


def titled(draft: ShowDraft) -> ShowDraft:
    return replace(draft, title=TITLED.get(draft.slug, draft.title))


@pytest.fixture
def drafts() -> tuple[ShowDraft, ...]:
    return titled(CIRCO), titled(FESTA)


@pytest.fixture
def gateways() -> dict[str, Gateway]:
    return {"counter": Counter()}


@pytest.fixture
async def scene(
    tmp_path: Path, drafts: tuple[ShowDraft, ...], gateways: dict[str, Gateway]
) -> AsyncIterator[Scene]:
    database = SqliteDatabase(new_file(tmp_path / "office.db"))
    async with scene_on(database, tmp_path, drafts, gateways) as made:
        yield made


@asynccontextmanager
async def scene_on(
    database: Database,
    folder: Path,
    drafts: tuple[ShowDraft, ...],
    gateways: dict[str, Gateway],
) -> AsyncGenerator[Scene]:
    clock, ids = HandClock(), CountedIds()
    async with database.store() as store:
        office = BoxOffice(store, store.views, clock, ids)
        shows = await publish(office, *drafts)
        for show_id in shows.values():
            await office.run(ask.OpenSale(show_id=show_id))
        for name, role in (("eva", "clerk"), ("ida", "manager"), ("rui", "door")):
            hired = ask.SetClerk(name=name, add=True, role=role, password_hash=f"{name}-password")
            await office.set_clerk(hired)
        printer = PaperPrinter()
        givens = Givens(
            office=office,
            offers=Offers(gateways),
            signal=Signal(store),
            signer=SIGNER,
            verifier=SIGNER,
            passwords=OpenBook(),
            till=_Till(),
            printer=printer,
            papers=None,
            catalogue=_Catalogue("America/Sao_Paulo", "BRL"),
            folder=folder / "slips",
            house="Circo Voador",
            language="en",
            time_zone="America/Sao_Paulo",
            lock_ms=0,
        )
        yield Scene(database, office, clock, givens, printer, shows)
        await office.close()


@asynccontextmanager
async def window(
    scene: Scene,
    clerk: str = "eva",
    *,
    size: tuple[int, int] = SIZE,
    drawer: bool = True,
    **given: Any,  # noqa: ANN401 - whatever `Givens` takes
) -> AsyncGenerator[tuple[Window, Pilot[None]]]:
    """A window with somebody signed in; `drawer`: with an open drawer of R$ 100,00."""
    if drawer and await scene.office.look.open_shift(clerk) is None:
        opened = ask.OpenShift(
            shift_id=f"{clerk}-shift", currency="BRL", float_minor=10_000, actor=f"clerk:{clerk}"
        )
        await scene.office.open_shift(opened)
    app = Window(replace(scene.givens, **given))
    async with app.run_test(size=size) as pilot:
        if clerk:
            await press(pilot, *clerk, "enter", *f"{clerk}-password", "enter")
        yield app, pilot


def key_of(name: str) -> Key:
    """Return a key as Textual's own pilot makes it."""
    key = _character_to_key(name) if len(name) == 1 and not name.isalnum() else name
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = name if len(name) == 1 else None
    return Key(key, character)


async def _handled(app: App[Any]) -> None:
    """Wait until all on the screen have done what they were told: what bubbles up goes with it."""
    nodes: list[MessagePump] = [*app.screen.walk_children(with_self=True)]
    depth = {id(node): len(node.ancestors) for node in app.screen.walk_children(with_self=True)}
    levels = groupby(sorted(nodes, key=lambda n: -depth[id(n)]), key=lambda n: depth[id(n)])
    for level in (*([*same] for _, same in levels), [app]):
        done = [asyncio.Event() for _ in level]
        asked = [one.wait() for one, node in zip(done, level, strict=True) if _told(node, one)]
        if asked:  # Who is taken down meanwhile may never answer.
            _, left = await asyncio.wait([asyncio.ensure_future(one) for one in asked], timeout=1)
            for one in left:
                one.cancel()


def _told(node: MessagePump, done: asyncio.Event) -> bool:
    return node.is_running and node.call_later(done.set)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing that was begun is under way, but for what follows the office.

    The pilot's own `pause` waits for an idle processor: on a busy machine, a second for each key.
    """
    app, calm = pilot.app, 0
    async with asyncio.timeout(_PATIENCE_S):
        while calm < _CALM:
            await _handled(app)
            busy = [w for w in app.workers if w.group != "signal" and not w.is_finished]
            waits = any(screen.is_modal for screen in app.screen_stack)
            calm = calm + 1 if waits or not busy else 0
            if not calm:
                await asyncio.sleep(0.002)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each after the one before had its effect."""
    for key in keys:
        pilot.app.post_message(key_of(key))
        await settled(pilot)


async def until(true: Callable[[], object]) -> None:
    """Wait for what comes from outside, not from a key."""
    async with asyncio.timeout(_PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)


def text_of(app: Window, selector: str) -> str:
    """What a part of the screen says."""
    return str(app.screen.query_one(selector).render())
