"""A house of its own for each test, and the command line as its operator calls it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = """
[venues.clube]
name = "Clube Sanhaço"
city = "Recife"
region = "PE"
time_zone = "America/Recife"

[[show]]
slug = "pequeno"
title = "Show Pequeno"
venue = "clube"
starts = "in 40 days at 21:00"
limit_per_customer = 6

[[show.tier]]
name = "Pista"
capacity = 4
price = "60.00"
fee = "6.00"

[[show.tier.fare]]
name = "Social"
price = "40.03"
proof = true

[[show.tier.fare]]
name = "Moradores"
price = "10.00"
document = true

[[show]]
slug = "sorteio"
title = "Show com Sorteio"
venue = "clube"
starts = "in 50 days at 21:00"
sale_opens = "in 30 min"
lobby_opens = "1 h before"

[[show.tier]]
name = "Plateia"
capacity = 2
price = "100.00"

[[show.tier]]
name = "Balcão"
capacity = 1
price = "50.00"
"""


@dataclass(slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command answers
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> None:
        """Hold it to a refusal in one line that says these words."""
        assert self.code == code, self
        assert "Traceback" not in self.err
        last = self.err.strip().splitlines()[-1]
        assert not words or last.startswith("bilheteria: "), self.err
        for word in words:
            assert word in self.err, self.err


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and an environment without settings."""
    _unset(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _unset(patch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("BILHETERIA_"):
            patch.delenv(name)


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command in this process."""

    def command(*arguments: str, given: str | None = None) -> Said:
        result = CliRunner().invoke(app, arguments, input=given, catch_exceptions=False)
        return Said(result.exit_code, result.stdout, result.stderr)

    return command


@pytest.fixture
def start(folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start a command in a process of its own."""

    def command(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "app", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return command


@pytest.fixture
def spawn(start: Callable[..., subprocess.Popen[str]]) -> Run:
    """Run a command in a process of its own, as a shell would."""

    def command(*arguments: str) -> Said:
        with start(*arguments) as process:
            out, err = process.communicate(timeout=60)
            return Said(process.returncode, out, err)

    return command


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house that was set up once, to be copied."""
    folder = tmp_path_factory.mktemp("founded")
    (folder / "shows.toml").write_text(CATALOGUE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        _unset(patch)
        patch.chdir(folder)
        for arguments in (["init"], ["show", "import", "shows.toml"]):
            result = CliRunner().invoke(app, arguments, catch_exceptions=False)
            assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def house(founded: Path, folder: Path) -> Path:
    """An office with its database, key and two shows: 'pequeno' on sale, 'sorteio' to be drawn."""
    shutil.copytree(founded, folder, dirs_exist_ok=True)
    return folder
