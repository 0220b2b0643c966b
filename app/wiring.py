"""Puts an office together: settings in, an open office out."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.clock import SystemClock
from app.ids import TimeOrderedIds
from app.keys import HouseKey, read_key
from app.payment_gateways import close, gateways
from app.settings import Settings
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.offers import Offers
from core.ports import Clock, Gateway, Ids
from core.views import Views
from data.database import Database, OpenStore, database_at, opened

if TYPE_CHECKING:
    from notifier.papers import Papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An office that is open, with what it was made of."""

    settings: Settings
    clock: Clock
    ids: Ids
    signer: HouseKey
    database: Database
    store: OpenStore
    office: BoxOffice
    caretaker: Caretaker
    gateways: Mapping[str, Gateway]
    offers: Offers
    """The ways to pay, for faces to show."""

    @property
    def look(self) -> Views:
        """What can be looked at."""
        return self.office.look

    def papers(self) -> "Papers":
        """Return what makes this house's papers: tickets, codes, calendar entries."""
        from notifier.papers import Papers  # noqa: PLC0415 - few commands make papers

        return Papers(self.settings.house, self.signer, self.offers.moves_money)

    def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Yield soon after anyone committed something, as `core.ports.Signal` says."""
        return self.store.changes()


@asynccontextmanager
async def open_office(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Open]:
    """Open the office that the settings describe; on leaving, answer what was asked and close.

    Raises `KeyTrouble`, `SettingsWrong` or `StorageLost`, whose messages say what to do. `clock` is
    the machine's, unless another is given.
    """
    clock = clock or SystemClock()
    ids = TimeOrderedIds(clock)
    signer = read_key(settings.key_file)
    database = database_at(settings.database)
    its_gateways = gateways(settings, clock, signer.name)
    async with opened(database) as store:
        office = BoxOffice(store, store.views, clock, ids)
        try:
            yield Open(
                settings=settings,
                clock=clock,
                ids=ids,
                signer=signer,
                database=database,
                store=store,
                office=office,
                caretaker=Caretaker(office, signer),
                gateways=its_gateways,
                offers=Offers(its_gateways, settings.gateway),
            )
        finally:
            await office.close()
            await close(its_gateways.values())
