"""What most tests stand on: an office on its own SQLite file, whose clock is moved by hand."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.box_office import BoxOffice
from core.caretaker import Caretaker
from tests.auxil.offices import SIGNER, CountedIds, HandClock, HmacSigner, new_file, open_office

os.environ.setdefault("PTB_TIMEDELTA", "true")  # as app/__init__.py has it
_HEALTHY = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "house", deadline=None, print_blob=True, derandomize=True, suppress_health_check=_HEALTHY
)
# Looks for what nobody thought of, for as long as it takes: pytest --hypothesis-profile=wild
settings.register_profile("wild", settings.get_profile("house"), derandomize=False)
settings.load_profile("house")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ids() -> CountedIds:
    return CountedIds()


@pytest.fixture
def signer() -> HmacSigner:
    return SIGNER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with the newest schema and nothing in it."""
    return new_file(tmp_path / "office.db")


@pytest.fixture
async def office(path: Path, clock: HandClock, ids: CountedIds) -> AsyncIterator[BoxOffice]:
    async with open_office(path, clock, ids) as opened:
        yield opened


@pytest.fixture
def caretaker(office: BoxOffice, signer: HmacSigner) -> Caretaker:
    return Caretaker(office, signer)
