"""The whole sale through a real terminal: the command, its pseudo-terminal, typed keys."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.auditing import audit
from tests.auxil.books import rows

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
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

[[show.tier]]
name = "Pista"
capacity = 40
price = "60.00"
"""


class Terminal:
    """A terminal of 80x24 in which the window runs, by tmux."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._opened = 0
        self._socket = ""

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", self._socket, *arguments]
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def open(self) -> None:
        """Start the window, by a server of its own: the one before may still be ending."""
        self._opened += 1
        self._socket = str(self._folder / f"tmux{self._opened}")
        # Textual draws on standard error.
        python = f"exec {sys.executable} -W error -m app window"
        self._tmux("new-session", "-d", "-s", "window", "-x", "80", "-y", "24", python)

    def type(self, *keys: str) -> None:
        """Type keys."""
        self._tmux("send-keys", "-t", "window", *keys)

    def wait(self, text: str) -> str:
        """Wait until the screen says it."""
        until = time.monotonic() + PATIENCE_S
        shown = ""
        while time.monotonic() < until:
            shown = self._tmux("capture-pane", "-p", "-t", "window")
            if text in shown:
                return shown
            time.sleep(0.05)
        raise AssertionError(f"never said {text!r}:\n{shown}")

    def kill(self) -> None:
        """Kill the window's process, as a crash would, with its terminal."""
        pid = int(self._tmux("display-message", "-p", "-t", "window", "#{pane_pid}"))
        os.kill(pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Take the terminal down."""
        command = ["tmux", "-S", self._socket, "kill-server"]
        subprocess.run(command, capture_output=True, check=False)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: it holds the pseudo-terminal")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("BILHETERIA_", "TMUX"))}
    environment |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    environment["BILHETERIA_LANGUAGE"] = "en"
    (tmp_path / "shows.toml").write_text(CATALOGUE, encoding="utf-8")
    for arguments, given in (
        (["init"], ""),
        (["show", "import", "shows.toml"], ""),
        (["clerk", "add", "eva", "--password-stdin"], "correct horse\n"),
    ):
        subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=tmp_path,
            env=environment,
            input=given,
            text=True,
            check=True,
            capture_output=True,
        )
    opened = Terminal(tmp_path, environment)
    yield opened
    opened.close()


def sign_in(terminal: Terminal) -> None:
    terminal.wait("password")
    terminal.type("eva", "Enter", "correct horse", "Enter")


def test_a_clerk_opens_sells_is_killed_and_sells_on(terminal: Terminal, tmp_path: Path) -> None:
    terminal.open()
    sign_in(terminal)
    terminal.wait("Show Pequeno")
    terminal.type("F7")
    terminal.wait("Your drawer is closed")
    terminal.type("o")
    terminal.wait("Float in the drawer")
    terminal.type("100", "Enter")
    terminal.wait("drawer 1")
    terminal.type("F2")
    terminal.wait("Show Pequeno")
    terminal.type("Enter", "2")  # In one burst, as they come over a slow line.
    terminal.wait("Held")
    terminal.kill()
    terminal.open()
    sign_in(terminal)
    terminal.wait("Taken up where it stood")
    terminal.type("Enter")
    terminal.wait("TO PAY IN CASH")
    terminal.type("200", "Enter")
    shown = terminal.wait("SOLD: 2 tickets")
    assert "╰" in shown
    terminal.wait("written to")
    terminal.type("C-q")
    database = tmp_path / "bilheteria.db"
    assert len(rows(database, "select * from tickets")) == 2
    assert len(rows(database, "select * from purchases")) == 1
    payments = rows(database, "select captured_minor, reference from payments")
    assert payments == [{"captured_minor": 12_000, "reference": "given 20000 change 8000"}]
    assert audit(database).ok
