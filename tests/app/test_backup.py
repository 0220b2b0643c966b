"""Backups: made while selling, proved whole, put back without losing what was there."""

import sqlite3
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.ports import StorageLost
from data import backup as backups
from data.sqlite import connect
from tests.app.conftest import CATALOGUE, Run

SALE = ("sell", "pequeno", "--take", "Inteira=1", "--cash", "60")


def sold(run: Run) -> int:
    return sum(one["sold"] for one in run("report", "--json").json)


def test_a_backup_is_one_whole_private_file(spawn: Run, run: Run, house: Path) -> None:
    run(*SALE)
    made = spawn("backup", "copy.db", "--json")
    assert (made.code, made.err) == (0, "")
    assert made.json["audit"]["ok"] is True
    assert [path.name for path in house.glob("copy.db*")] == ["copy.db"]
    assert stat.S_IMODE((house / "copy.db").stat().st_mode) == 0o600


def test_a_backup_never_overwrites(run: Run, house: Path) -> None:
    (house / "copy.db").write_text("precious")
    run("backup", "copy.db").refused(1, "there already")
    assert (house / "copy.db").read_text() == "precious"
    run("backup", "bilheteria.db").refused(1, "there already")


def test_a_backup_where_nothing_can_be_written(run: Run, house: Path) -> None:
    run("backup", "none/copy.db").refused(3, "can't be written")


def test_a_backup_while_others_sell_is_of_one_moment(
    start: Callable[..., subprocess.Popen[str]], run: Run, house: Path
) -> None:
    many = CATALOGUE.replace("pequeno", "grande").replace("capacity = 4", "capacity = 40000")
    many = many.partition('[[show]]\nslug = "sorteio"')[0]
    (house / "many.toml").write_text(many, encoding="utf-8")
    assert run("show", "import", "many.toml").code == 0
    stop = threading.Event()
    codes: list[int] = []

    def sell() -> None:
        while not stop.is_set():
            with start("sell", "grande", "--take", "Inteira=1", "--cash", "60") as one:
                one.communicate()
                codes.append(one.returncode)

    sellers = [threading.Thread(target=sell) for _ in range(2)]
    for seller in sellers:
        seller.start()
    copies = [house / f"copy-{number}.db" for number in range(4)]
    made = [run("backup", str(copy)).code for copy in copies]
    stop.set()
    for seller in sellers:
        seller.join()
    assert made == [0, 0, 0, 0]
    assert set(codes) == {0}
    assert sold(run) == len(codes)
    assert run("audit").code == 0


def test_a_writer_during_the_copy_does_not_begin_it_anew(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = house / "bilheteria.db"
    writer = connect(source)
    writer.execute("create table ballast (filling text)")
    writer.execute("insert into ballast values (zeroblob(40000000))")
    told: list[int] = []

    def progress(done: int, total: int) -> None:
        told.append(done)
        writer.execute("insert into ballast values (zeroblob(5000))")

    backups.back_up(source, house / "copy.db", progress)
    writer.close()
    assert told == sorted(told)
    assert len(told) > 3


def test_a_damaged_database_gives_no_backup(run: Run, house: Path) -> None:
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("pragma wal_checkpoint(truncate)")
        (page,) = office.execute("pragma page_size").fetchone()
        (root,) = office.execute(
            "select rootpage from sqlite_schema where name = 'tiers'"
        ).fetchone()
    office.close()
    content = bytearray((house / "bilheteria.db").read_bytes())
    content[(root - 1) * page : (root - 1) * page + 64] = b"\xee" * 64
    (house / "bilheteria.db").write_bytes(content)
    run("backup", "copy.db").refused(3)
    assert not list(house.glob("copy.db*"))


def test_a_backup_of_books_that_do_not_add_up_is_kept_but_told(run: Run, house: Path) -> None:
    run(*SALE)
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("update tickets set price_minor = 1")
    office.close()
    run("backup", "copy.db").refused(1, "faithful copy", "do not add up")
    assert (house / "copy.db").exists()


def test_restore_into_a_new_house(run: Run, house: Path) -> None:
    run(*SALE)
    run("backup", "copy.db")
    for path in house.glob("bilheteria.db*"):
        path.unlink()
    done = run("restore", "copy.db", "--json")
    assert (done.code, done.json["aside"]) == (0, None)
    assert sold(run) == 1
    assert run("doctor").code == 0
    assert run(*SALE).code == 0


def test_restored_on_another_machine_the_house_key_is_missed(run: Run, house: Path) -> None:
    """A new key there would not know the tickets that were sold."""
    run(*SALE)
    run("backup", "copy.db")
    key = house / "bilheteria.key"
    kept = key.read_bytes()
    for path in (*house.glob("bilheteria.db*"), key, house / "bilheteria.key.pub"):
        path.unlink()
    assert "put the house key back" in run("restore", "copy.db").out
    run("init").refused(4, "put it back", "tickets")
    key.write_bytes(kept)
    key.chmod(0o600)
    assert run("init").code == 0
    assert "house key" not in run("restore", "copy.db", "--force").out


def test_a_backup_of_changed_books_is_told_with_what_it_replaced(run: Run, house: Path) -> None:
    run(*SALE)
    run("backup", "copy.db")
    with sqlite3.connect(house / "copy.db") as copy:
        copy.execute("update tickets set price_minor = 1")
    copy.close()
    run("restore", "copy.db", "--force").refused(1, "do not add up", "bilheteria.db.before-")


def test_restore_over_a_fresh_init_needs_no_force(run: Run, house: Path) -> None:
    run(*SALE)
    run("backup", "copy.db")
    for path in house.glob("bilheteria.db*"):
        path.unlink()
    run("init")
    assert run("restore", "copy.db").code == 0
    assert sold(run) == 1


def test_restore_keeps_what_was_there_aside(run: Run, house: Path) -> None:
    run("backup", "copy.db")
    run(*SALE)
    run("restore", "copy.db").refused(1, "--force")
    assert sold(run) == 1
    done = run("restore", "copy.db", "--force", "--json").json
    assert sold(run) == 0
    (aside,) = house.glob("bilheteria.db.before-*")
    assert done["aside"].endswith(aside.name)
    with sqlite3.connect(aside) as kept:
        assert kept.execute("select count(*) from tickets").fetchone() == (1,)
    kept.close()


def test_restore_never_replaces_a_database_in_use(
    start: Callable[..., subprocess.Popen[str]], run: Run, house: Path
) -> None:
    run("backup", "copy.db")
    run(*SALE)
    with start("work") as working:
        assert working.stderr is not None
        assert "at work" in working.stderr.readline()
        run("restore", "copy.db", "--force").refused(1, "stop `bilheteria work`")
        working.terminate()
        working.communicate(timeout=90)
    assert sold(run) == 1
    assert not list(house.glob("*.before-*"))
    assert not list(house.glob("*.restoring*"))


@pytest.mark.parametrize("content", [None, b"", b"a letter" * 1_000, "other"])
def test_what_is_no_backup_is_not_restored(
    run: Run, house: Path, content: bytes | str | None
) -> None:
    path = house / "copy.db"
    if content == "other":
        with sqlite3.connect(path) as other:
            other.execute("create table recipes (cake text)")
        other.close()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    run(*SALE)
    run("restore", "copy.db", "--force").refused(1, "not restored")
    assert sold(run) == 1


def test_a_backup_cut_short_is_not_restored(run: Run, house: Path) -> None:
    run("backup", "copy.db")
    whole = (house / "copy.db").read_bytes()
    (house / "copy.db").write_bytes(whole[: len(whole) // 2])
    answer = run("restore", "copy.db", "--force")
    assert answer.code in {1, 3}
    assert len(run("show", "list", "--json").json) == 2


def test_nothing_is_copied_from_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageLost, match="no database"):
        backups.back_up(tmp_path / "none.db", tmp_path / "copy.db", lambda _done, _total: None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("links", [True, False])
def test_a_restore_that_fails_at_the_end_leaves_the_old_database_at_its_name(
    run: Run, house: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    run("backup", "copy.db")
    run(*SALE)
    target, aside = house / "bilheteria.db", house / "aside.db"
    replace, stood = Path.replace, list[bool]()

    def full(path: Path, to: Path) -> Path:
        stood.append(target.exists() and aside.exists())
        if path.name.endswith(".restoring"):
            raise OSError(28, "No space left on device")
        return replace(path, to)

    def no_links(_source: Path, _target: Path) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        if not links:
            patched.setattr(backups.os, "link", no_links)
        with pytest.raises(StorageLost, match="can't be written"):
            backups.restore(house / "copy.db", target, aside, lambda _done, _total: None)
    assert stood
    assert all(stood)
    assert not aside.exists()
    assert sold(run) == 1
    backups.restore(house / "copy.db", target, aside, lambda _done, _total: None)
    assert sold(run) == 0


def test_what_was_put_aside_before_is_never_overwritten(run: Run, house: Path) -> None:
    run("backup", "copy.db")
    (house / "aside.db").write_text("precious")
    target = house / "bilheteria.db"
    with pytest.raises(backups.NotRestored, match="already"):
        backups.restore(house / "copy.db", target, house / "aside.db", lambda _d, _t: None)
    assert (house / "aside.db").read_text() == "precious"
    assert not list(house.glob("*.restoring*"))
