"""The store on either engine."""

from core import requests as ask
from core.outcomes import Paid
from data.database import Database
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import open_office, publish


async def test_a_sale(database: Database) -> None:
    async with open_office(database) as office:
        await publish(office, show(tier("pista", 3)))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto")
        assert isinstance(await Fan(office, 1, "ana").buy(2), Paid)
        await Fan(office, 1, "beto").join()
    books.check(database)
