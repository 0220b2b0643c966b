"""Whoever follows the changes hears of them, whichever process made them."""

import asyncio
from contextlib import aclosing

import pytest

from core import requests as ask
from data.database import Database
from tests.auxil.children import start
from tests.auxil.drafts import show, tier
from tests.auxil.fans import register
from tests.auxil.offices import open_office, publish
from tests.auxil.places import address

PATIENCE_S = 30
QUIET_S = 0.3


async def test_what_another_process_commits_is_told(database: Database) -> None:
    async with open_office(database) as office:
        await publish(office, show(tier("pista", 3)))
        await office.run(ask.OpenSale(show_id=1))
    async with database.store() as store, aclosing(store.changes()) as changes:
        assert await anext(changes) == frozenset(), "what is there when one begins to follow"
        with start("racer", address(database), "a", 1) as child:
            told = await asyncio.wait_for(anext(changes), PATIENCE_S)
            assert child.stdout is not None
            assert child.stdout.read() == "a0\n"
        assert told <= {0, 1}


async def test_what_this_process_commits_is_told(database: Database) -> None:
    async with (
        open_office(database) as office,
        database.store() as store,
        aclosing(store.changes()) as changes,
    ):
        await anext(changes)
        await register(office, "ana")
        assert await asyncio.wait_for(anext(changes), PATIENCE_S) <= {0}


async def test_nothing_is_told_when_nothing_was_committed(database: Database) -> None:
    async with database.store() as store, aclosing(store.changes()) as changes:
        await anext(changes)
        await store.views.show_id("hot")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(changes), QUIET_S)


async def test_who_follows_a_store_that_is_closed_has_heard_all(database: Database) -> None:
    async with database.store() as store:
        changes = store.changes()
        await anext(changes)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(changes), PATIENCE_S)
