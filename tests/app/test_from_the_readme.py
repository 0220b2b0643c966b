"""From the README to a ticket that was paid with Stripe's test keys, and its money back.

The README's commands, then the steps of `docs/payments.md`: every process is real, the window is
typed into in a real terminal, and Stripe is the stand-in.
"""

import asyncio
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from app.clock import SystemClock
from tests.auxil import books
from tests.auxil.terminals import PASSWORD, ROOT, Terminal
from tests.stripe.server import KEY, SECRET, stand_in

SAMPLE = ROOT / "data" / "sample" / "sample.toml"
TWO_TICKETS_MINOR = 12_000


class Operator:
    """Somebody who types commands in an office's folder."""

    def __init__(self, folder: Path, terminal: Terminal) -> None:
        self._folder, self._environment = folder, terminal.environment

    async def start(self, *words: str) -> Process:
        """Start a command."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", *words),
            cwd=self._folder,
            env=self._environment,
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
        )

    async def runs(self, *words: str, typed: str = "") -> str:
        """Run a command to its good end; return what it says."""
        process = await self.start(*words)
        said, _ = await process.communicate(typed.encode())
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def until(self, true: str, *words: str) -> str:
        """Ask again and again, as a person does, until the answer says something."""
        async with asyncio.timeout(60):
            while True:
                said = await self.runs(*words)
                if re.search(true, said):
                    return said

    @asynccontextmanager
    async def keeps(self, *words: str) -> AsyncGenerator[None]:
        """Keep a command running; it must end well when it is told to."""
        process = await self.start(*words)
        try:
            yield
        finally:
            assert process.returncode is None, f"{words} ended by itself"
            process.terminate()
            said, _ = await process.communicate()
        assert process.returncode in {0, -signal.SIGTERM}, said.decode()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def to_the_code(terminal: Terminal) -> None:
    """Sign in, and sell two tickets to somebody who pays by a card link."""
    terminal.open()
    terminal.sign_in("ana", "F7 ")
    terminal.type("trio", "Enter")
    terminal.wait("A digit says how many")
    terminal.type("2")
    terminal.wait("O Pix, link")
    terminal.type("o")
    terminal.wait("How does the person pay?")
    terminal.type("Down", "Enter")
    terminal.wait("Scan to pay R$120.00")


async def test_from_nothing_to_a_paid_ticket_and_back(tmp_path: Path) -> None:
    port = free_port()
    async with stand_in(SystemClock().now_ms) as stripe:
        terminal = Terminal(
            tmp_path,
            database="bilheteria.db",
            stripe_key=KEY,
            stripe_webhook_secret=SECRET,
            stripe_url=stripe.url,
            serve_port=str(port),
        )
        operator = Operator(tmp_path, terminal)
        await operator.runs("init")
        assert "12 imported" in await operator.runs("show", "import", str(SAMPLE))
        assert "test keys: no money moves" in await operator.runs("doctor")
        hire = ("clerk", "add", "ana", "--role", "manager", "--password-stdin")
        await operator.runs(*hire, typed=f"{PASSWORD}\n")
        stripe.hook = f"http://127.0.0.1:{port}/hooks/stripe"
        async with operator.keeps("work"), operator.keeps("serve"):
            try:
                await asyncio.to_thread(to_the_code, terminal)
                (session,) = stripe.world.sessions
                assert stripe.world.pay_card(session) == "authorised"
                shown = await asyncio.to_thread(terminal.wait, "SOLD: 2 tickets")
            finally:
                terminal.close()
            assert stripe.world.kept_minor() == TWO_TICKETS_MINOR
            (order,) = re.findall(r"order (\d+-\d+-\w+)", shown)
            first, _ = re.findall(r"B1\.[\w.]+", await operator.runs("ticket", "list", order))
            assert "genuine" in await operator.runs("ticket", "verify", first)
            await operator.runs("refund", order, "--reason", "trial")
            await operator.until("refund.*done", "order", "view", order)
            assert " 0 to see to" in await operator.runs("payments", "reconcile")
        assert stripe.world.kept_minor() == 0
    books.check(tmp_path / "bilheteria.db")
