"""The migrations add up to schema.sql, and bring a database that is in use up to date."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core import requests as ask
from core.outcomes import Standing
from core.ports import StorageLost
from data import postgres_migrating
from data.database import Database, SqliteDatabase
from data.migrating import Waiting, migrate, pending, waiting
from data.moving import TABLES
from scripts.twin_schema import twin
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, open_office, publish
from tests.auxil.places import bare_database, new_database, url

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


def described(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Every column, constraint, index, trigger and function; the migration library's left out."""
    return connection.execute(
        """select 'column', table_name || '.' || column_name,
                concat_ws(' ', data_type, collation_name, is_nullable, column_default)
            from information_schema.columns where table_schema = 'public'
            union all
            select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
            from pg_constraint where connamespace = 'public'::regnamespace
            union all
            select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
            union all
            select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
            union all
            select 'function', proname, prosrc from pg_proc
            where pronamespace = 'public'::regnamespace
            union all
            select 'table', relname, concat_ws(' ', relkind, array_to_string(reloptions, ','))
            from pg_class where relnamespace = 'public'::regnamespace
            order by 1, 2, 3"""
    ).fetchall()


def test_on_postgresql_too_the_migrations_add_up_to_the_schema(tmp_path: Path) -> None:
    text = (ROOT / "data" / "schema_postgres.sql").read_text(encoding="utf-8")
    with (
        new_database("postgres", tmp_path) as migrated,
        bare_database("postgres", tmp_path) as bare,
        closing(psycopg.connect(url(migrated), autocommit=True)) as one,
        closing(psycopg.connect(url(bare), autocommit=True)) as other,
    ):
        other.execute(text.encode())
        found = [row for row in described(one) if "yoyo" not in row[1]]
        assert found == described(other)
        books = "select * from books"
        assert one.execute(books).fetchall() == other.execute(books).fetchall()


def test_every_text_compares_by_code_point_whatever_the_servers_language(tmp_path: Path) -> None:
    sql = """select table_name || '.' || column_name as name, collation_name as collation
        from information_schema.columns where table_schema = 'public' and data_type = 'text'"""
    with new_database("postgres", tmp_path) as made:
        found = {row["name"]: row["collation"] for row in books.rows(made, sql)}
    assert "purchases.purchase_id" in found
    assert set(found.values()) == {"C"}


def test_four_processes_at_once_apply_each_step_once(tmp_path: Path) -> None:
    with bare_database("postgres", tmp_path) as bare, ThreadPoolExecutor(4) as starting:
        done = list(starting.map(lambda _: bare.prepare(), range(4)))
        assert sorted(done, key=len) == [(), (), (), tuple(STEPS)]
        assert bare.condition().pending == Waiting(before=(), after=())


def steps(folder: Path, **texts: str) -> Path:
    """Write steps: those there are, and after them these."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name.replace('__', '.')}.sql").write_text(text, encoding="utf-8")
    return folder


STEPS_OF_TWO_PARTS = {
    "0002__more": "alter table customers add column desk text not null default '';",
    "0002__more__post": "drop index payments_shift;",
    "0003__next": "create table desks (name text not null primary key);",
}


def apply(database: Database, folder: Path, *, first_part: bool) -> tuple[str, ...]:
    if isinstance(database, SqliteDatabase):
        return migrate(database.path, first_part=first_part, folder=folder)
    return postgres_migrating.migrate(url(database), first_part=first_part, folder=folder)


async def test_sales_go_on_between_the_two_parts_of_an_upgrade(
    database: Database, tmp_path: Path
) -> None:
    """This version, the one before, sells before, during and after the first part."""
    folder = steps(tmp_path / "steps", **STEPS_OF_TWO_PARTS)
    async with open_office(database) as office:
        await publish(office, show(tier("pista", 3)))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto")
        await Fan(office, 1, "ana").buy()
        done = await asyncio.to_thread(apply, database, folder, first_part=True)
        assert done == ("0002.more", "0003.next")
        await Fan(office, 1, "beto").buy()
    assert apply(database, folder, first_part=False) == ("0002.more.post",)
    assert apply(database, folder, first_part=False) == ()
    books.check(database)


def test_a_step_that_fails_leaves_nothing_of_its_run(database: Database, tmp_path: Path) -> None:
    folder = steps(
        tmp_path / "steps",
        **{"0002__fine": "create table fine (no bigint);", "0003__wrong": "create tabel x;"},
    )
    with pytest.raises((StorageLost, sqlite3.Error)):
        apply(database, folder, first_part=False)
    with pytest.raises((psycopg.Error, sqlite3.Error), match="fine"):
        books.rows(database, "select * from fine")
    assert database.condition().pending == Waiting(before=(), after=())
    (folder / "0003.wrong.sql").unlink()
    assert apply(database, folder, first_part=False)[0].startswith("0002")


def test_what_is_to_come_after_the_old_version_keeps_no_office_shut() -> None:
    known = ["0001.opening", "0002.more", "0002.more.post"]
    assert waiting(known, ["0001.opening"]) == Waiting(
        before=("0002.more",), after=("0002.more.post",)
    )
    assert waiting(known, ["0001.opening", "0002.more"]) == Waiting(
        before=(), after=("0002.more.post",)
    )


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


def test_a_move_forgets_no_table(tmp_path: Path) -> None:
    migrate(tmp_path / "office.db")
    with closing(sqlite3.connect(tmp_path / "office.db")) as connection:
        made = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    ours = {name for (name,) in made if not name.startswith(("_yoyo", "yoyo", "sqlite_"))}
    assert ours - set(TABLES) == {"paces"}


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {table: books.rows(database, f"select * from {table} order by 1, 2") for table in TABLES}


async def test_a_database_in_use_is_upgraded_with_all_that_it_holds(
    database: Database, tmp_path: Path
) -> None:
    folder = steps(tmp_path / "steps", **STEPS_OF_TWO_PARTS)
    async with open_office(database) as office:
        await publish(office, show(tier("pista", 3)))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto")
        await Fan(office, 1, "ana").buy(2)
        await Fan(office, 1, "beto").join()
    before = contents(database)
    assert before["customers"]
    assert before["tickets"]
    assert len(apply(database, folder, first_part=False)) == len(STEPS_OF_TWO_PARTS)
    added = [row | {"desk": ""} for row in before["customers"]]
    assert contents(database) == before | {"customers": added}
    books.check(database)
    ids = CountedIds()
    ids.count = 1_000
    async with open_office(database, ids=ids) as office:
        assert isinstance(await Fan(office, 1, "beto").choose(), Standing)
