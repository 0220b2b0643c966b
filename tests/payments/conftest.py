"""A shop of its own for each test that wants one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.auxil import books
from tests.auxil.shop import Shop, open_shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop; whatever happened in it, its books add up and it said nothing off schema."""
    async with open_shop(tmp_path) as opened:
        yield opened
        await opened.stripe.settle()
    books.check(tmp_path / "shop.db")
