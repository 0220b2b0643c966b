"""The migrations add up to schema.sql, and bring a database that is in use up to date."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from core import requests as ask
from core.outcomes import Standing
from data.migrating import Waiting, migrate, pending
from scripts.twin_schema import twin
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, open_office, publish

ROOT = Path(__file__).resolve().parents[2]
STEPS = sorted(file.stem for file in (ROOT / "data" / "migrations" / "sqlite").glob("*.sql"))


def schema(connection: sqlite3.Connection) -> dict[str, str]:
    """Every table, index and trigger by name; the migration library's own left out."""
    found = connection.execute("select name, sql from sqlite_master where sql is not null")
    return {
        name: " ".join(sql.split())
        for name, sql in found
        if not name.startswith(("_yoyo", "yoyo", "sqlite_"))
    }


def test_the_migrations_add_up_to_the_schema(tmp_path: Path) -> None:
    migrate(tmp_path / "office.db")
    with (
        closing(sqlite3.connect(tmp_path / "office.db")) as migrated,
        closing(sqlite3.connect(":memory:")) as described,
    ):
        described.executescript((ROOT / "data" / "schema.sql").read_text(encoding="utf-8"))
        assert schema(migrated) == schema(described)
        assert list(migrated.execute("select * from books")) == list(
            described.execute("select * from books"),
        )


def test_both_engines_have_one_schema() -> None:
    """Mend it with `python -m scripts.twin_schema`."""
    opening = "0001.opening.sql"
    text = (ROOT / "data" / "schema.sql").read_text(encoding="utf-8")
    for engine, wanted in (("sqlite", text), ("postgres", twin(text))):
        made = ROOT / "data" / "migrations" / engine / opening
        assert made.read_text(encoding="utf-8") == wanted
    described = ROOT / "data" / "schema_postgres.sql"
    assert described.read_text(encoding="utf-8") == twin(text)


def test_a_new_file_gets_every_step_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    assert migrate(path) == tuple(STEPS)
    assert migrate(path) == ()
    assert pending(path) == Waiting(before=(), after=())


def test_an_empty_file_lacks_every_step(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    sqlite3.connect(path).close()
    assert pending(path) == Waiting(before=tuple(STEPS), after=())


def test_the_file_is_made_to_be_written_ahead(tmp_path: Path) -> None:
    migrate(tmp_path / "office.db")
    with closing(sqlite3.connect(tmp_path / "office.db")) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_two_operators_at_once_apply_each_step_once(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    sqlite3.connect(path).close()
    with ThreadPoolExecutor(2) as operators:
        done = list(operators.map(migrate, [path, path]))
    assert sorted(done, key=len) == [(), tuple(STEPS)]


async def test_a_database_in_use_is_upgraded_with_all_that_it_holds(path: Path) -> None:
    async with open_office(path) as office:
        await publish(office, show(tier("pista", 3)))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto")
        await Fan(office, 1, "ana").buy(2)
        await Fan(office, 1, "beto").join()
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        held = [line for line in connection.iterdump() if "yoyo" not in line]
        assert held == [line for line in before if "yoyo" not in line]
    books.check(path)
    ids = CountedIds()
    ids.count = 1_000
    async with open_office(path, ids=ids) as office:
        assert isinstance(await Fan(office, 1, "beto").choose(), Standing)
