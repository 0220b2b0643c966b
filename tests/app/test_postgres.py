"""An office on PostgreSQL as its operator runs it: nothing but the setting differs."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.ports import StorageLost
from data.database import SqliteDatabase
from data.postgres_database import PostgresDatabase
from tests.app.conftest import ROOT, Run
from tests.auxil import books, postgres
from tests.auxil.places import bare_database, url

SALE = ("sell", "pequeno", "--take", "Inteira=1", "--cash", "60")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[PostgresDatabase]:
    """A database that has nothing in it yet."""
    with bare_database("postgres", tmp_path) as made:
        yield PostgresDatabase(url(made))


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs of the server's own version, where they are found first."""
    path = f"{postgres.shared_server().programs}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)


@pytest.fixture
def named(there: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> PostgresDatabase:
    """The same, named in the settings."""
    monkeypatch.setenv("BILHETERIA_DATABASE", there.url)
    return there


@pytest.fixture
def office(named: PostgresDatabase, founded: Path, folder: Path, run: Run) -> PostgresDatabase:
    """An office with its key and two shows, 'pequeno' on sale."""
    for name in ("bilheteria.key", "bilheteria.key.pub", "shows.toml"):
        shutil.copy(founded / name, folder)
    assert run("init", "--json").json["made"][named.name] is True
    assert run("show", "import", "shows.toml").code == 0
    return named


def sold(run: Run) -> int:
    return sum(one["sold"] for one in run("report", "--json").json)


def test_the_setting_is_all_that_a_user_changes(office: PostgresDatabase, run: Run) -> None:
    assert run("init", "--json").json["made"][office.name] is False
    assert run(*SALE).code == 0
    assert sold(run) == 1
    assert run("audit", "--json").json["ok"] is True
    assert run("migrate").out.startswith("nothing to do")
    assert run("work", "--once").code == 0
    books.check(office)


def test_the_doctor_looks_at_the_server_too(
    office: PostgresDatabase, run: Run, spawn: Run, programs: None
) -> None:
    run("work", "--once")
    said = {one["what"]: one for one in spawn("doctor", "--json").json["found"]}
    assert "PostgreSQL" in said["database"]["said"]
    assert said["connections"]["state"] == said["backup"]["state"] == "ok"
    assert said["durability"]["state"] == "wrong", "the tests' server is faster than it is safe"
    assert "fsync" in said["durability"]["said"]


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ("echo 'pg_dump (PostgreSQL) 9.6.24'", "wrong", "pg_dump 9 can't back up a server"),
        ("echo 'pg_dump (PostgreSQL) 99beta1'", "ok", "pg_dump 99"),
        ("exit 1", "note", "does not say its version"),
    ],
)
def test_the_doctor_looks_how_old_the_programs_are(
    office: PostgresDatabase,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    state: str,
    said: str,
) -> None:
    for name in ("pg_dump", "pg_restore"):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    told = {one.what: one for one in office.condition().told}["backup"]
    assert told.state == state
    assert said in told.said


def test_an_office_that_is_not_there_is_said(named: PostgresDatabase, run: Run) -> None:
    for command in ("migrate", "audit", "backup x"):
        run(*command.split()).refused(3, "run `bilheteria init`")
    assert run("doctor").code == 1


def test_a_server_that_is_not_there_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILHETERIA_DATABASE", "postgresql://me:hunter2@127.0.0.1:1/office")
    said = run("audit")
    said.refused(3, "see that the server runs")
    assert "hunter2" not in said.err


@pytest.mark.usefixtures("programs")
def test_a_backup_is_proved_private_and_put_back(
    office: PostgresDatabase, run: Run, folder: Path
) -> None:
    run(*SALE)
    made = run("backup", "copy.dump", "--json")
    assert made.json["audit"]["ok"] is True
    assert [path.name for path in folder.glob("copy.dump*")] == ["copy.dump"]
    assert stat.S_IMODE((folder / "copy.dump").stat().st_mode) == 0o600
    run(*SALE)
    run("restore", "copy.dump").refused(1, "is not empty", "--force")
    said = run("restore", "copy.dump", "--force", "--json")
    assert said.code == 0, said
    assert sold(run) == 1
    schema = said.json["aside"].removeprefix("schema ")
    aside = books.rows(office, f'select count(*) as n from "{schema}".tickets')
    assert aside == [{"n": 2}]
    assert run(*SALE).code == 0
    books.check(office)


@pytest.mark.usefixtures("programs")
def test_a_backup_goes_into_a_new_database(
    office: PostgresDatabase, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*SALE)
    assert run("backup", "copy.dump").code == 0
    with bare_database("postgres", tmp_path) as new:
        monkeypatch.setenv("BILHETERIA_DATABASE", url(new))
        said = run("restore", "copy.dump", "--json")
        assert (said.code, said.json["aside"]) == (0, None)
        assert sold(run) == 1
        books.check(new)


@pytest.mark.usefixtures("programs")
def test_what_is_no_dump_is_not_restored(office: PostgresDatabase, run: Run, folder: Path) -> None:
    run(*SALE)
    (folder / "other").write_text("no dump")
    run("restore", "other", "--force").refused(1, "is no backup of an office on PostgreSQL")
    run("restore", "none", "--force").refused(1, "there is no file")
    run("backup", "copy.dump")
    whole = (folder / "copy.dump").read_bytes()
    (folder / "cut").write_bytes(whole[: len(whole) // 2])
    assert run("restore", "cut", "--force").code in {1, 3}
    assert sold(run) == 1
    books.check(office)


@pytest.mark.usefixtures("programs")
def test_nothing_is_restored_under_a_program_that_sells(office: PostgresDatabase, run: Run) -> None:
    run(*SALE)
    run("backup", "copy.dump")
    with office.reading():
        run("restore", "copy.dump", "--force").refused(1, "a program has the database open")
    assert sold(run) == 1


def test_without_the_programs_a_backup_says_what_it_needs(
    office: PostgresDatabase, run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    run("backup", "copy.dump").refused(3, "pg_dump is not installed here: install")
    assert not list(folder.glob("copy.dump*"))


# Moving.


def moved(run: Run, there: PostgresDatabase) -> dict[str, int]:
    said = run("move", "sqlite:bilheteria.db", there.url, "--json")
    assert said.code == 0, said
    return said.json["rows"]


def test_a_whole_office_moves_and_goes_on_selling(
    house: Path, run: Run, there: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*SALE)
    before = {
        table: books.rows(house / "bilheteria.db", f"select * from {table} order by 1, 2")
        for table in ("purchases", "ledger", "customers", "books")
    }
    counted = moved(run, there)
    assert counted["tickets"] == 1
    assert not (house / "bilheteria.db").exists()
    assert (house / "bilheteria.db.moved").exists()
    for table, rows in before.items():
        assert books.rows(there, f"select * from {table} order by 1, 2") == rows
    monkeypatch.setenv("BILHETERIA_DATABASE", there.url)
    assert run(*SALE).code == 0
    assert sold(run) == 2
    assert run("audit", "--json").json["ok"] is True
    books.check(there)


def test_a_place_that_is_not_empty_is_refused(
    house: Path, run: Run, office: PostgresDatabase
) -> None:
    said = run("move", "sqlite:bilheteria.db", office.url)
    said.refused(1, "is not empty: name an empty database")
    assert SqliteDatabase(house / "bilheteria.db").condition().last_ms


def test_nothing_moves_while_a_program_sells(
    house: Path, run: Run, there: PostgresDatabase
) -> None:
    with closing(sqlite3.connect(house / "bilheteria.db")) as selling:
        selling.execute("begin immediate")
        run("move", "sqlite:bilheteria.db", there.url).refused(1, "stop `bilheteria work`")
    assert moved(run, there)["shows"] == 2


def test_books_that_do_not_add_up_do_not_move(
    house: Path, run: Run, there: PostgresDatabase
) -> None:
    run(*SALE)
    with closing(sqlite3.connect(house / "bilheteria.db")) as vandal, vandal:
        vandal.execute("update tickets set price_minor = 1")
    run("move", "sqlite:bilheteria.db", there.url).refused(1, "do not add up", "tickets")
    assert (house / "bilheteria.db").exists()
    assert books.rows(there, "select count(*) as n from ledger") == [{"n": 0}]


@pytest.mark.parametrize(
    "words",
    [("postgresql://h/a", "sqlite:b.db"), ("sqlite:a.db", "b.db"), ("postgresql://h/a",) * 2],
)
def test_an_office_moves_one_way(run: Run, words: tuple[str, str]) -> None:
    run("move", *words).refused(1, "from sqlite:FILE to postgresql://")


@pytest.mark.parametrize("share", [0.0, 1.0], ids=["early", "before the commit"])
def test_killed_in_the_midst_it_is_moved_by_the_next_run(
    house: Path, run: Run, there: PostgresDatabase, share: float
) -> None:
    run(*SALE)
    total = sum(
        books.rows(house / "bilheteria.db", f"select count(*) as n from {table}")[0]["n"]
        for table in _tables(house / "bilheteria.db")
    )
    words = [house / "bilheteria.db", there.url, max(1, int(total * share))]
    child = subprocess.run(
        [sys.executable, "-m", "tests.app.mover", *map(str, words)], cwd=ROOT, check=False
    )
    assert child.returncode == -9
    assert books.rows(there, "select count(*) as n from customers") == [{"n": 0}]
    assert moved(run, there)["tickets"] == 1
    books.check(there)


def _tables(path: Path) -> list[str]:
    sql = "select name from sqlite_master where type = 'table'"
    names = [row["name"] for row in books.rows(path, sql)]
    return [name for name in names if "yoyo" not in name]


def test_killed_between_the_copy_and_the_files_new_name_it_is_found_moved(
    house: Path, run: Run, there: PostgresDatabase
) -> None:
    run(*SALE)
    first = moved(run, there)
    (house / "bilheteria.db.moved").rename(house / "bilheteria.db")
    assert moved(run, there) == first
    books.check(there)


def test_what_was_never_an_office_does_not_move(run: Run, there: PostgresDatabase) -> None:
    run("move", "sqlite:none.db", there.url).refused(3, "there is no database none.db")


def test_a_database_of_another_encoding_is_refused(tmp_path: Path) -> None:
    server = postgres.shared_server()
    made = server.database("template0", "encoding 'LATIN1'")
    with made as other, pytest.raises(StorageLost, match="createdb -E UTF8"):
        other.prepare()
