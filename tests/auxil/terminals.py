"""The window in a real terminal of 80x24: the command, its pseudo-terminal, typed keys, by tmux."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.clock import SystemClock
from app.keys import make_key
from app.passwords import hash_password
from core.box_office import BoxOffice
from core.requests import SetClerk
from data.sqlite import SqliteStore
from tests.auxil.offices import CountedIds, new_file

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30
PASSWORD = "correct horse"
_LEFT_OUT = ("BILHETERIA_", "TMUX", "PYTHONDONTWRITEBYTECODE")


class Terminal:
    """A terminal in which the window runs, on the office in a folder."""

    def __init__(self, folder: Path, name: str = "window", **settings: str) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("tmux is not installed: it holds the pseudo-terminal")
        self._folder, self._name = folder, name
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(_LEFT_OUT)}
        self.environment |= {
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "BILHETERIA_DATABASE": "office.db",
            "BILHETERIA_LANGUAGE": "en",
        }
        self.environment |= {f"BILHETERIA_{key.upper()}": value for key, value in settings.items()}
        self._opened = 0
        self._socket = ""

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", self._socket, *arguments]
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def open(self) -> None:
        """Start the window, by a server of its own: the one before may still be ending."""
        self._opened += 1
        self._socket = str(self._folder / f"{self._name}{self._opened}")
        # Textual draws on standard error.
        python = f"exec {sys.executable} -W error -m app window"
        here = ("new-session", "-d", "-s", "window", "-x", "80", "-y", "24", python)
        # What a window that falls says last stays to be read.
        self._tmux(*here, ";", "set-option", "-g", "remain-on-exit", "on")

    def sign_in(self, name: str, seen: str = "F2 ") -> None:
        """Sign in, as soon as it is asked who sits there."""
        self.wait("F1")
        self.type(name, "Enter", PASSWORD, "Enter")
        self.wait(seen)

    def type(self, *keys: str) -> None:
        """Type keys."""
        self._tmux("send-keys", "-t", "window", *keys)

    def shown(self) -> str:
        """What stands on the screen."""
        shown = self._tmux("capture-pane", "-p", "-t", "window")
        return shown.replace("\N{NO-BREAK SPACE}", " ")

    def wait(self, *texts: str) -> str:
        """Wait until the screen says one of these; return all of it."""
        until = time.monotonic() + PATIENCE_S
        shown = ""
        while time.monotonic() < until:
            shown = self.shown()
            if any(text in shown for text in texts):
                return shown
            assert "Pane is dead" not in shown, shown
            time.sleep(0.05)
        raise AssertionError(f"never said {' or '.join(texts)!r}:\n{shown}")

    def wait_until_gone(self, text: str) -> None:
        """Wait until the screen says it no more."""
        until = time.monotonic() + PATIENCE_S
        while text in self.shown():
            assert time.monotonic() < until, f"still says {text!r}"
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the window's process, as a crash would, with its terminal."""
        os.kill(self._pid(), signal.SIGKILL)
        self.close()

    def hang_up(self) -> None:
        """Close the terminal, as a lost SSH line does; the window's process must end of it."""
        pid = self._pid()
        self.close()
        until = time.monotonic() + PATIENCE_S
        while not _ended(pid):
            assert time.monotonic() < until, "the window outlives its terminal"
            time.sleep(0.02)

    def _pid(self) -> int:
        return int(self._tmux("display-message", "-p", "-t", "window", "#{pane_pid}"))

    def close(self) -> None:
        """Take the terminal down."""
        command = ["tmux", "-S", self._socket, "kill-server"]
        subprocess.run(command, capture_output=True, check=False)


def _ended(pid: int) -> bool:
    """Whether a process has ended, though nobody may have asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@asynccontextmanager
async def founded(folder: Path, **roles: str) -> AsyncGenerator[BoxOffice]:
    """Found an office in a folder, with a key and clerks by name; its clock is the machine's."""
    make_key(folder / "bilheteria.key")
    hashed = hash_password(PASSWORD)
    async with SqliteStore(new_file(folder / "office.db")) as store:
        office = BoxOffice(store, store.views, SystemClock(), CountedIds())
        for name, role in roles.items():
            hired = SetClerk(name=name, add=True, role=role, password_hash=hashed)
            await office.set_clerk(hired)
        yield office
        await office.close()
