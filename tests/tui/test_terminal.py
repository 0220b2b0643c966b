"""The whole sale through a real terminal: the command, its pseudo-terminal, typed keys."""

import os
import re
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
FORM: tuple[str, ...] = (
    *("Show Pequeno", "Enter", "pequeno", "Enter", "in 40 days at 21:00", "Enter"),
    *("Clube", "Enter", "Recife", "Enter", "Enter", "Enter", "Enter"),
    *("Pista", "Enter", "40", "Enter", "60.00", "Enter", "Enter", "Space"),
    *("Enter", "Enter", "Enter", "1 day before"),
)
"""A show with half price, field after field, in one burst."""


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
    for arguments, given in (
        (["init"], ""),
        (["clerk", "add", "eva", "--password-stdin"], "correct horse\n"),
        (["clerk", "add", "ida", "--role", "manager", "--password-stdin"], "correct horse\n"),
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


def sign_in(terminal: Terminal, name: str) -> None:
    terminal.wait("password")
    terminal.type(name, "Enter", "correct horse", "Enter")
    terminal.wait("F2 Sell")


def code_in(shown: str) -> str:
    found = re.search(r"order (\d+-\d+-\w+)", shown)
    assert found is not None, shown
    return found[1]


def publish(terminal: Terminal) -> None:
    """A manager writes a show, publishes it and opens its sale."""
    terminal.open()
    sign_in(terminal, "ida")
    terminal.type("F8")
    terminal.wait("No show yet")
    terminal.type("n")
    terminal.wait("As people know it")
    terminal.type(*FORM)
    terminal.wait("Ctrl+S publishes")
    terminal.type("C-s")
    terminal.wait("40 tickets")
    terminal.type("Enter")
    terminal.wait("1 show published")
    terminal.type("o", "Enter")
    terminal.wait("Show Pequeno: on sale")
    terminal.close()


def sell_killed_half_way(terminal: Terminal) -> str:
    """Sell two tickets in cash through a window that dies; return the order's code."""
    terminal.type("F2")
    terminal.wait("Show Pequeno")
    terminal.type("Enter", "2")  # In one burst, as they come over a slow line.
    terminal.wait("Held")
    terminal.kill()
    terminal.open()
    sign_in(terminal, "eva")
    terminal.wait("Taken up where it stood")
    terminal.type("Enter", "200", "Enter")
    shown = terminal.wait("SOLD: 2 tickets")
    assert "╰" in shown
    terminal.wait("written to")
    return code_in(shown)


def test_a_first_day_at_the_window(terminal: Terminal, tmp_path: Path) -> None:
    publish(terminal)
    terminal.open()
    sign_in(terminal, "eva")
    terminal.type("F7")
    terminal.wait("Your drawer is closed")
    terminal.type("o", "100", "Enter")  # A command and its answer in one burst.
    terminal.wait("drawer 1")
    first = sell_killed_half_way(terminal)

    terminal.type("Enter")
    terminal.wait("Nobody waits")
    terminal.type("Down", "1")
    terminal.wait("15 of 16 left")
    terminal.type("Enter")
    terminal.wait("TO PAY IN CASH")
    terminal.type("Enter")
    half = code_in(terminal.wait("SOLD: 1 ticket,"))
    terminal.wait("written to")

    terminal.type("F5")
    terminal.wait("code, name, e-mail")
    terminal.type(first, "Enter")
    terminal.wait("1 found")
    terminal.type("p")
    terminal.wait("written to")
    terminal.type("r", "Enter", "ill", "Enter")
    terminal.wait("It can't be undone")
    terminal.type("Enter")
    terminal.wait("HAND BACK R$120.00 IN CASH")

    (slip,) = tmp_path.rglob(f"{half}*.txt")
    ticket = re.search(r"B1\.[\w.]+", slip.read_text(encoding="utf-8"))
    assert ticket is not None
    terminal.type("F6")
    terminal.wait("Ready.")
    terminal.type(ticket[0], "Enter")
    terminal.wait("✓ YES")

    terminal.type("F7")
    terminal.wait("drawer 1")
    terminal.type("c", "Enter", "1", "Enter", "Enter", "1", "Enter", *["Enter"] * 8)
    terminal.wait("difference")
    terminal.type("C-q")

    database = tmp_path / "bilheteria.db"
    assert len(rows(database, "select * from purchases")) == 2
    payments = rows(database, "select captured_minor, reference from payments order by 1 desc")
    assert payments[0] == {"captured_minor": 12_000, "reference": "given 20000 change 8000"}
    (shift,) = rows(database, "select counted_minor, expected_minor from shifts")
    assert shift == {"counted_minor": 12_000, "expected_minor": 13_000}
    assert audit(database).ok
