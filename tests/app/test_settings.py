"""Settings: from the environment and a file, all that is wrong told at once."""

from pathlib import Path

import pytest

from app.settings import SettingsWrong, load_settings
from data.database import database_at


def wrong() -> list[str]:
    with pytest.raises(SettingsWrong) as caught:
        load_settings()
    return caught.value.problems


def test_nothing_has_to_be_set() -> None:
    settings = load_settings()
    assert settings.database == "bilheteria.db"
    assert (settings.language, settings.sweep_seconds) == ("pt-BR", 5)


def test_the_environment_goes_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bilheteria.toml").write_text('language = "en"\nhouse = "Casa"\n')
    monkeypatch.setenv("BILHETERIA_HOUSE", "Teatro")
    settings = load_settings()
    assert (settings.language, settings.house) == ("en", "Teatro")


def test_paths_in_the_file_start_where_the_file_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "etc").mkdir()
    (folder / "etc" / "office.toml").write_text('database = "sqlite:var/a.db"\nkey_file = "k"\n')
    monkeypatch.setenv("BILHETERIA_SETTINGS", str(folder / "etc" / "office.toml"))
    settings = load_settings()
    assert settings.database == f"sqlite:{folder}/etc/var/a.db"
    assert settings.key_file == folder / "etc" / "k"


def test_all_that_is_wrong_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bilheteria.toml").write_text(
        'databse = "x"\nlanguage = "fr"\nsweep_seconds = 0\ntime_zone = "Mars/Base"\n'
    )
    monkeypatch.setenv("BILHETERIA_LOG_LEVEL", "loud")
    monkeypatch.setenv("BILHETERIA_KEYFILE", "k")
    problems = "\n".join(wrong())
    for said in (
        "databse is not a setting: write database",
        "language (BILHETERIA_LANGUAGE)",
        "sweep_seconds (BILHETERIA_SWEEP_SECONDS)",
        "IANA name",
        "log_level (BILHETERIA_LOG_LEVEL)",
        "BILHETERIA_KEYFILE in the environment is not a setting: write BILHETERIA_KEY_FILE",
    ):
        assert said in problems
    assert len(wrong()) == 6


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("postgresql://me:hunter2@host", "no database is named"),
        ("postgres://me:hunter2@host/", "no database is named"),
        ("postgresql://me:hunter2@[host/db", "no URL"),
        ("mysql://me:hunter2@host/db", "unknown"),
        ("sqlite:", "no file"),
        ("", "no file"),
    ],
)
def test_another_engine_is_refused_without_telling_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    monkeypatch.setenv("BILHETERIA_DATABASE", value)
    (problem,) = wrong()
    assert said in problem
    assert "hunter2" not in problem


def test_a_database_on_postgresql_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "postgresql://me:hunter2@one,two:5433/office?target_session_attrs=primary"
    monkeypatch.setenv("BILHETERIA_DATABASE", url)
    settings = load_settings()
    assert settings.database == url
    assert "hunter2" not in repr(settings)
    database = database_at(settings.database)
    assert database.name == "postgresql://me@one,two:5433/office"
    assert "hunter2" not in repr(database)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"language = ", "not TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[database]\nfile = 'x'", "database"),
        (b"sweep_seconds = 'often'", "sweep_seconds"),
        (b'house = "a\\nb"', "one line"),
        (b"window_printer = 'usb:4b8:e15'", "window_printer"),
    ],
)
def test_a_broken_file_is_told(folder: Path, content: bytes, said: str) -> None:
    (folder / "bilheteria.toml").write_bytes(content)
    assert said in "\n".join(wrong())


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILHETERIA_SETTINGS", "none.toml")
    assert "can't be read" in wrong()[0]
