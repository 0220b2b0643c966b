"""Setting an office up and looking it over, as its operator would."""

import json
import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.conftest import Run


def states(run: Run) -> dict[str, str]:
    """What the doctor finds, the worst of each thing."""
    found: dict[str, str] = {}
    for one in run("doctor", "--json").json["found"]:
        if found.get(one["what"]) != "wrong":
            found[one["what"]] = one["state"]
    return found


def test_the_first_steps_of_a_new_house(spawn: Run, folder: Path) -> None:
    made = spawn("init")
    assert (made.code, made.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == [
        "bilheteria.db",
        "bilheteria.key",
        "bilheteria.key.pub",
        "bilheteria.toml",
    ]
    for secret in ("bilheteria.db", "bilheteria.key"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600
    well = spawn("doctor")
    assert (well.code, well.err) == (0, ""), well
    assert "wrong" not in well.out


def test_init_is_safe_to_repeat(run: Run, house: Path) -> None:
    before = {path: path.read_bytes() for path in house.glob("bilheteria.*")}
    assert run("show", "list", "--json").json
    again = run("init", "--json").json
    assert set(again["made"].values()) == {False}
    assert {path: path.read_bytes() for path in before} == before
    assert len(run("show", "list", "--json").json) == 2


def test_init_writes_settings_that_say_the_defaults(run: Run, folder: Path) -> None:
    run("init")
    text = (folder / "bilheteria.toml").read_text(encoding="utf-8")
    uncommented = text.replace("\n#", "\n").split("\n\n", 1)[1]
    lines = [line for line in uncommented.splitlines() if " = " in line]
    (folder / "bilheteria.toml").write_text("\n".join(lines), encoding="utf-8")
    assert run("doctor").code == 0
    assert len(lines) == 7


def test_init_where_nothing_can_be_made(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILHETERIA_SETTINGS", "none/office.toml")
    run("init").refused(4, "can't be written")
    monkeypatch.delenv("BILHETERIA_SETTINGS")
    monkeypatch.setenv("BILHETERIA_DATABASE", "none/office.db")
    run("init").refused(3, "none/office.db can't be made")


def test_without_a_house_commands_say_to_make_one(run: Run) -> None:
    run("show", "list").refused(4, "bilheteria init")
    run("audit").refused(3, "bilheteria init")
    run("migrate").refused(3, "bilheteria init")
    run("backup", "copy.db").refused(3, "bilheteria init")
    assert states(run)["database"] == "wrong"


def test_wrong_settings_are_told_by_every_command(
    spawn: Run, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILHETERIA_LANGUAGE", "fr")
    monkeypatch.setenv("BILHETERIA_SWEEP_SECONDS", "0")
    answer = spawn("show", "list")
    answer.refused(4)
    assert "BILHETERIA_LANGUAGE" in answer.err
    assert "BILHETERIA_SWEEP_SECONDS" in answer.err
    looked = spawn("doctor")
    assert looked.code == 1
    assert looked.out.count("wrong") == 2


def test_a_key_that_is_not_right(run: Run, house: Path) -> None:
    key = house / "bilheteria.key"
    key.chmod(0o644)
    run("show", "list").refused(4, "chmod 600")
    assert states(run)["key"] == "wrong"
    key.chmod(0o600)
    key.write_text("no key")
    run("show", "list").refused(4, "no Ed25519 key")
    key.unlink()
    run("show", "list").refused(4, "no key file")
    run("init").refused(4, "put it back", "--new-key")
    assert not key.exists()
    assert run("init", "--new-key").code == 0
    found = states(run)
    assert (found["key"], found["draws"]) == ("wrong", "wrong")


def test_a_database_that_is_none(run: Run, house: Path) -> None:
    for path in house.glob("bilheteria.db*"):
        path.unlink()
    (house / "bilheteria.db").write_text("this is a letter, not a database" * 100)
    run("show", "list").refused(3, "bilheteria doctor")
    assert states(run)["database"] == "wrong"


def test_an_older_database_is_migrated_before_use(run: Run, house: Path) -> None:
    (house / "bilheteria.db").unlink()
    with sqlite3.connect(house / "bilheteria.db") as older:
        older.execute("create table notes (note text)")
    older.close()
    run("show", "list").refused(3, "bilheteria migrate")
    run("audit").refused(3, "bilheteria migrate")
    assert states(run)["database"] == "wrong"
    assert run("migrate").out.startswith("applied")
    assert "nothing to do" in run("migrate").out
    assert run("show", "list").code == 0


def test_the_doctor_sees_a_clock_that_is_behind(run: Run, house: Path) -> None:
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("update books set last_ms = last_ms + 3600000 where show_id = 1")
    office.close()
    assert states(run)["clock"] == "wrong"


def test_the_doctor_sees_deadlines_that_nobody_looks_after(run: Run, house: Path) -> None:
    assert run("join", "pequeno", "--key", "a").code == 0
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("update purchases set deadline_ms = deadline_ms - 3600000")
    office.close()
    looked = run("doctor")
    assert looked.code == 1
    assert "bilheteria work" in looked.out


def test_the_doctor_sees_messages_that_were_given_up(run: Run, house: Path) -> None:
    for key in "abcde":
        run("join", "pequeno", "--key", key)
    assert run("show", "cancel", "pequeno", "--reason", "rain", "--yes").code == 0
    assert states(run)["outbox"] == "note"
    assert run("doctor").code == 0
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("pragma foreign_keys = on")
        office.execute("update effects set state = 'dead', ended_ms = 1 where item = 0")
    office.close()
    assert states(run)["outbox"] == "wrong"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["show"],
        ["show", "view"],
        ["show", "cancel", "pequeno"],
        ["sell", "pequeno", "--cash", "10"],
        ["sell", "pequeno", "--take", "Pista/Full=1"],
        ["sell", "pequeno", "--take", "Pista/Full=1", "--cash", "1", "--card", "1"],
        ["refund", "1-1-AAAA"],
        ["ticket", "check-in", "B1"],
        ["clerk", "add", "ana", "--role", "king"],
        ["report", "--csv", "--json"],
        ["demo", "--seconds", "-1"],
        ["backup"],
        ["show", "list", "--limit", "0"],
    ],
)
def test_bad_arguments_are_refused_with_2(run: Run, house: Path, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.code == 2, answer
    assert answer.err or answer.out
    assert "Traceback" not in answer.err


def test_help_starts_fast_and_names_every_command(spawn: Run) -> None:
    told = spawn("--help")
    assert told.code == 0
    for name in ("init", "sell", "audit", "backup", "work", "demo"):
        assert f"  {name} " in told.out


def test_version(run: Run) -> None:
    assert run("--version").out == run("version").out
    assert run("version").out.startswith("bilheteria ")
    assert run("version", "--json").json["version"]


def test_refusals_are_json_for_programs(run: Run, house: Path) -> None:
    answer = run("show", "view", "none", "--json")
    assert answer.code == 1
    assert answer.json["ok"] is False
    assert "no show 'none'" in answer.json["error"]


def test_a_secret_that_everyone_may_read_is_told(run: Run, house: Path) -> None:
    settings, secret = house / "bilheteria.toml", house / "smtp.password"
    secret.write_text("hushed", encoding="utf-8")
    secret.chmod(0o600)
    settings.write_text('smtp_password_file = "smtp.password"', encoding="utf-8")
    assert "secrets" not in states(run)
    secret.chmod(0o604)
    assert states(run)["secrets"] == "wrong"
    settings.write_text('smtp_password = "hushed"', encoding="utf-8")
    settings.chmod(0o644)
    told = run("doctor")
    assert "chmod 600 bilheteria.toml" in told.out
    assert "hushed" not in told.out + told.err
    settings.chmod(0o600)
    assert "secrets" not in states(run)


def test_what_comes_from_outside_commands_no_terminal(run: Run, house: Path) -> None:
    for name in ("\x1b[2Jx", "\x9b31mx", "\u202ex", "\udcffx"):
        answer = run("show", "view", name)
        answer.refused(1, "there is no show", "\ufffd")
        assert name not in answer.err
        assert run("show", "view", name, "--json").json["error"].startswith("there is no show")


def test_an_edited_row_is_named_by_the_audit(run: Run, house: Path) -> None:
    assert run("sell", "pequeno", "--take", "Pista/Inteira=1", "--cash", "60").code == 0
    assert run("audit").code == 0
    assert run("audit", "--show", "pequeno", "--json").json["ok"] is True
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("update tickets set price_minor = 1")
    office.close()
    answer = run("audit")
    answer.refused(1, "do not add up", "tickets")
    told = run("audit", "--json")
    assert told.code == 1
    assert told.json["problems"][0]["where"]
    assert run("audit", "--show", "sorteio").code == 0
    run("audit", "--show", "none").refused(1, "no show 'none'")


def test_work_stops_in_good_order_when_told(
    start: Callable[..., subprocess.Popen[str]], house: Path
) -> None:
    with start("work") as working:
        assert working.stderr is not None
        assert "at work" in working.stderr.readline()
        working.terminate()
        assert working.wait(timeout=90) == 0
        assert "stopped" in working.stderr.read()


def test_work_once_does_what_is_due(run: Run, spawn: Run, house: Path) -> None:
    assert run("join", "pequeno", "--key", "a").code == 0
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("update purchases set deadline_ms = 1, joined_ms = 1")
    office.close()
    done = spawn("work", "--once")
    assert done.code == 0, done
    assert run("join", "pequeno", "--key", "a", "--json").json["state"] == "lapsed"


def test_a_locked_database_is_a_clear_refusal(run: Run, house: Path) -> None:
    with sqlite3.connect(house / "bilheteria.db", isolation_level=None) as other:
        other.execute("begin immediate")
        run("join", "pequeno").refused(3, "another program holds the database")
        assert run("show", "list").code == 0
        other.execute("rollback")
    other.close()
    assert run("join", "pequeno").code == 0


def test_the_environment_is_all_a_container_needs(
    spawn: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "var").mkdir()
    monkeypatch.setenv("BILHETERIA_DATABASE", f"sqlite:{folder / 'var' / 'office.db'}")
    monkeypatch.setenv("BILHETERIA_KEY_FILE", str(folder / "var" / "house.key"))
    made = spawn("init", "--json").json["made"]
    assert [os.path.basename(path) for path in made] == [  # noqa: PTH119 - names, not files
        "bilheteria.toml",
        "office.db",
        "house.key",
    ]
    assert json.loads(spawn("doctor", "--json").out)["ok"] is True
