"""What most tests stand on: an office on its own SQLite file, whose clock is moved by hand.

Tests of storage ask for `database` and run on both engines.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.box_office import BoxOffice
from core.caretaker import Caretaker
from data.database import Database
from tests.auxil import postgres
from tests.auxil.offices import SIGNER, CountedIds, HandClock, HmacSigner, new_file, open_office
from tests.auxil.places import ENGINES, new_database

os.environ.setdefault("PTB_TIMEDELTA", "true")  # as app/__init__.py has it
_HEALTHY = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "house", deadline=None, print_blob=True, derandomize=True, suppress_health_check=_HEALTHY
)
# Looks for what nobody thought of, for as long as it takes: pytest --hypothesis-profile=wild
settings.register_profile("wild", settings.get_profile("house"), derandomize=False)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.end_run()


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


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[Database]:
    """A database of either engine, with the newest schema and nothing in it."""
    with new_database(engine, tmp_path) as made:
        yield made


@pytest.fixture
async def office(path: Path, clock: HandClock, ids: CountedIds) -> AsyncIterator[BoxOffice]:
    async with open_office(path, clock, ids) as opened:
        yield opened


@pytest.fixture
def caretaker(office: BoxOffice, signer: HmacSigner) -> Caretaker:
    return Caretaker(office, signer)
