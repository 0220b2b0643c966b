"""What every measure stands on: an office on a file of its own, its shows and its customers."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.clock import SystemClock
from app.ids import TimeOrderedIds
from core.box_office import BoxOffice
from core.catalogue import Allotment, Fare, Quota, ShowDraft, Tier, Venue
from core.draw import seed_digest
from core.outcomes import Published, Registered
from core.requests import OpenSale, Publish, Register
from core.terms import DAY_MS, Terms
from data.database import Database, OpenStore
from data.migrating import migrate
from data.sqlite import SqliteStore

SEED = "0123456789abcdef" * 4
"""The draw seed of every show here: nobody's secret."""

_HALL = Venue(
    name="Teatro do Parque",
    address="Rua do Hospício, 81",
    city="Recife",
    region="PE",
    country="BR",
    time_zone="America/Recife",
)


class Seed:
    """The signer of the draws here."""

    def seed(self, name: str) -> str:
        """Return the seed that every show here committed to."""
        del name
        return SEED

    def sign(self, text: str) -> str:
        """Sign nothing: no ticket's code is made here."""
        raise NotImplementedError(text)


@dataclass(frozen=True, slots=True)
class Room:
    """Where a run keeps its files, all on one disk."""

    folder: Path

    def file(self, name: str) -> Path:
        """Return the path of a database that is not there yet."""
        path = self.folder / f"{name}.sqlite"
        drop(path)
        return path

    def copy(self, source: Path, name: str) -> Path:
        """Return a copy of a closed database."""
        path = self.file(name)
        shutil.copyfile(source, path)
        return path


@contextmanager
def room(folder: Path | None) -> Generator[Room]:
    """Make a room under `folder` (default: the current one) and clear it away afterwards."""
    with TemporaryDirectory(prefix=".benchmark-", dir=folder or Path.cwd()) as made:
        yield Room(Path(made))


def drop(path: Path) -> None:
    """Remove a database and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Ground:
    """An open office and the means to prepare it."""

    office: BoxOffice
    store: OpenStore
    ids: TimeOrderedIds

    async def open(self, *drafts: ShowDraft, opened: bool = True) -> list[int]:
        """Publish shows, open their sales, and return their ids."""
        digests = {draft.slug: seed_digest(SEED) for draft in drafts}
        answer = await self.office.publish(Publish(drafts=drafts, seed_digests=digests))
        assert isinstance(answer, Published), answer
        show_ids = [answer.show_ids[draft.slug] for draft in drafts]
        for show_id in show_ids if opened else ():
            await self.office.run(OpenSale(show_id=show_id))
        return show_ids

    async def register(self, count: int, first: int = 0) -> list[str]:
        """Make people known and return their customer ids."""
        people = range(first, first + count)
        known: list[str] = []
        for start in range(0, count, 10_000):
            some = people[start : start + 10_000]
            known.extend(await asyncio.gather(*(self._register(one) for one in some)))
        return known

    async def _register(self, number: int) -> str:
        contacts = (("telegram", str(100_000_000 + number)),)
        request = Register(customer_id=self.ids.new(), contacts=contacts)
        answer = await self.office.register(request)
        assert isinstance(answer, Registered), answer
        return answer.customer_id


def _prepared(where: Path | Database, make_store: Callable[[Path], OpenStore]) -> OpenStore:
    if isinstance(where, Path):
        migrate(where)
        return make_store(where)
    where.prepare()
    return where.store()


@asynccontextmanager
async def ground(
    where: Path | Database, make_store: Callable[[Path], OpenStore] = SqliteStore
) -> AsyncGenerator[Ground]:
    """Open an office on a database, made if it is not there; a path is a SQLite file's."""
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    async with _prepared(where, make_store) as opened:
        office = BoxOffice(opened, opened.views, clock, ids)
        yield Ground(office, opened, ids)
        await office.close()


def draft(slug: str, tiers: Sequence[Tier], terms: Terms) -> ShowDraft:
    """Return a show with these tiers and terms, half-price tickets under a quota."""
    half = sum(tier.capacity for tier in tiers) * 2 // 5
    return ShowDraft(
        slug=slug,
        title=f"Concerto {slug}",
        description="",
        language="pt-BR",
        series=None,
        venue=_HALL,
        starts_ms=terms.sale_closes_ms + DAY_MS,
        doors_ms=None,
        currency="BRL",
        tiers=tuple(tiers),
        quotas=(Quota(name="meia", capacity=max(1, half)),),
        terms=terms,
    )


def tier(name: str, capacity: int, allotments: tuple[Allotment, ...] = ()) -> Tier:
    """Return a tier at full and at half price."""
    full = Fare(
        name="Inteira", price_minor=18_000, fee_minor=1_800, quota=None, proof=False, document=False
    )
    half = Fare(
        name="Meia", price_minor=9_000, fee_minor=900, quota="meia", proof=True, document=False
    )
    return Tier(name=name, capacity=capacity, fares=(full, half), allotments=allotments)


def open_terms(**settings: Any) -> Terms:  # noqa: ANN401 - the fields of Terms
    """Return the terms of a sale that opened a second ago, these settings aside."""
    now_ms = SystemClock().now_ms()
    window: dict[str, Any] = {"sale_opens_ms": now_ms - 1_000, "sale_closes_ms": now_ms + DAY_MS}
    return Terms(**window | settings)
