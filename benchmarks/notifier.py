"""How fast receipts leave, what a ticket's papers cost, and what a killed worker loses.

Two tickets are sold to each person, half of the people with an e-mail address, half with a Telegram
chat. `bilheteria work`, a process of its own as in earnest, sends the receipts through an SMTP
server and a Bot API server on this machine. The first half is timed; on the rest the worker is
killed (-9) again and again, and started again. What a dead worker had in hand comes due when its
lease ends.

    lost                     people who did not get all of their receipt
    doubled                  mails too many, as mailboxes show them: of one Message-ID they are one
    repeated_where_unnamed   messages too many in Telegram, which has no name to know a copy by

Then everyone is drawn from a lobby, which is news for all of them and a call for one: how long
after the call was written did its channel accept it, at the default pace.
"""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from aiosmtpd.smtp import SMTP, Envelope, Session

from app.clock import SystemClock
from app.keys import make_key, read_key
from benchmarks.buyers import buy
from benchmarks.ground import Ground, Room, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result
from benchmarks.running import Options, say
from bot.local_api.server import LocalApi
from core.caretaker import Caretaker
from core.draw import seed_digest
from core.messages import Kind
from core.outcomes import Published
from core.requests import Join, OpenSale, Publish, Register
from core.terms import HOUR_MS
from notifier.papers import Papers

SIZE = 10_000
KILLS = 20
_FIRST_CHAT = 100_000_000
_TICKETS = 2
"""That each person buys."""
_WARM = 20
_PAPERS = 200
"""Purchases whose papers are timed."""
_TOGETHER = 500
_LOOK_S = 0.02
_BEFORE_KILL_S = 0.5
_PATIENCE_S = 1_800.0


@dataclass
class _Mail:
    """Takes all mail. How often each person's message was handed in, by Message-ID."""

    copies: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Count a message."""
        del server, session
        assert isinstance(envelope.content, bytes), "mail is bytes"
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.copies.update((str(to), name) for to in envelope.rcpt_tos)
        return "250 OK"


@dataclass
class _Post:
    """The two servers, and the settings that lead a worker to them."""

    mail: _Mail
    api: LocalApi
    environment: dict[str, str]

    def mails(self) -> Counter[str]:
        """Count the mails that each address shows."""
        return Counter(to for to, _ in self.mail.copies)

    def files(self, what: str) -> Counter[str]:
        """Count the messages in each chat that have a file of this kind."""
        return Counter(
            str(chat.chat_id)
            for chat in self.api.world.chats.values()
            for message in chat.messages.values()
            if what in message
        )

    def received(self) -> int:
        """Count the people who have a receipt, or its first part."""
        return len(self.mails()) + len(self.files("document"))

    def tally(self, people: Sequence[str]) -> tuple[int, int, int]:
        """Return how many people lack something, and how many mails and messages are too many."""
        mails, pdfs, photos = self.mails(), self.files("document"), self.files("photo")
        lost = sum(
            not mails[one] if "@" in one else not pdfs[one] or photos[one] < _TICKETS
            for one in people
        )
        unnamed = _beyond(pdfs, 1) + _beyond(photos, _TICKETS)
        return lost, _beyond(mails, 1), unnamed


def _beyond(seen: Counter[str], right: int) -> int:
    return sum(max(0, count - right) for count in seen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    rate: float
    cpu_ms: float
    lost: int
    doubled: int
    unnamed: int
    call_ms: float
    kills: int


def measure(place: Room, options: Options) -> Result:
    """Measure once."""
    size = options.size or SIZE
    found = run(_measure(place.folder, size))
    return Result(
        name="notifier",
        work=f"{size:,} receipts of two tickets, the worker killed {found.kills} times",
        figures=(
            Figure(field="messages_per_s", what="receipts a second", value=found.rate),
            Figure(
                field="cpu_ms_per_ticket",
                what="PDF and QR, processor",
                value=found.cpu_ms,
                unit=" ms",
                most=8,
            ),
            Figure(field="lost", what="people without all of it", value=found.lost, most=0),
            Figure(field="doubled", what="mails seen twice", value=found.doubled, most=0),
            Figure(
                field="repeated_where_unnamed",
                what="repeated in Telegram",
                value=found.unnamed,
            ),
            Figure(
                field="call_ms",
                what=f"a call past {size:,} news",
                value=found.call_ms,
                unit=" ms",
                most=500,
            ),
        ),
    )


async def _measure(folder: Path, size: int) -> _Found:
    database, key = folder / "notifier.sqlite", folder / "notifier.key"
    make_key(key)
    async with _posting(database, key) as post, ground(database) as place:
        people = await _sell(place, post, size)
        cpu_ms = await _papers(place, key)
        say(f"papers: {cpu_ms:.1f} ms of a processor a ticket")
        rate, kills = await _send(place, post, size)
        lost, doubled, unnamed = post.tally(people)
        say(f"{rate:.0f} receipts a second; lost {lost}, doubled {doubled}; killed {kills} times")
        say(f"in Telegram, which can't know a copy: {unnamed} messages too many")
        call_ms = await _call(place, post, key, people)
        return _Found(
            rate=rate,
            cpu_ms=cpu_ms,
            lost=lost,
            doubled=doubled,
            unnamed=unnamed,
            call_ms=call_ms,
            kills=kills,
        )


@asynccontextmanager
async def _posting(database: Path, key: Path) -> AsyncGenerator[_Post]:
    loop, mail = asyncio.get_running_loop(), _Mail()
    server = await loop.create_server(
        lambda: SMTP(mail, hostname="localhost", loop=loop), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    async with LocalApi(SystemClock()) as api:
        environment = {
            "BILHETERIA_DATABASE": str(database),
            "BILHETERIA_KEY_FILE": str(key),
            "BILHETERIA_TELEGRAM_TOKEN": api.token,
            "BILHETERIA_TELEGRAM_API_URL": api.root,
            "BILHETERIA_SMTP_HOST": "127.0.0.1",
            "BILHETERIA_SMTP_PORT": str(port),
            "BILHETERIA_SMTP_SECURITY": "none",
            "BILHETERIA_SMTP_FROM": "bench@example.org",
            "BILHETERIA_LOG_LEVEL": "error",
        }
        yield _Post(mail, api, environment)
        server.close()
        await server.wait_closed()


async def _sell(place: Ground, post: _Post, size: int) -> list[str]:
    """Sell two tickets to each; return the addresses of those who bought."""
    (show_id,) = await place.open(draft("notifier", (tier("Pista", size * 3),), open_terms()))
    people: list[str] = []

    async def one(number: int) -> None:
        chat = number % 2
        address = str(_FIRST_CHAT + number) if chat else f"p{number}@example.org"
        if chat:
            post.api.person(f"P{number}", user_id=_FIRST_CHAT + number)
        customer_id = place.ids.new()
        contacts = (("telegram" if chat else "email", address),)
        await place.office.register(Register(customer_id=customer_id, contacts=contacts))
        await buy(place, show_id, customer_id)
        people.append(address)

    for start in range(0, size, _TOGETHER):
        some = range(start, min(start + _TOGETHER, size))
        await asyncio.gather(*(one(number) for number in some))
    return people


async def _papers(place: Ground, key: Path) -> float:
    """Return the processor time of a ticket's papers, warm, in ms."""
    papers = Papers("Teatro do Parque", read_key(key), lambda _gateway: True)
    show = await place.office.look.show(1)
    assert show is not None, "the show is there"
    sold = await place.office.look.messages(kind=Kind.RECEIPT, limit=_PAPERS)
    views = [await place.office.look.purchase(1, m.effect.purchase_id or "") for m in sold]
    bought = [view for view in views if view is not None]
    for view in bought[:_WARM]:
        papers.bundle(show, view, "pt-BR")
    began = process_time()
    for view in bought:
        papers.bundle(show, view, "pt-BR")
    took_s = process_time() - began
    return 1_000 * took_s / sum(len(view.tickets) for view in bought)


def _worker(post: _Post, *, paced: bool) -> subprocess.Popen[bytes]:
    rates = {} if paced else {"BILHETERIA_TELEGRAM_PER_S": "0", "BILHETERIA_SMTP_PER_S": "0"}
    environment = {**os.environ, **post.environment, **rates}
    return subprocess.Popen([sys.executable, "-m", "app", "work"], env=environment)


async def _ended(worker: subprocess.Popen[bytes]) -> None:
    """Wait for a worker's end; it may have to take leave of our servers."""
    await asyncio.to_thread(worker.wait)


async def _send(place: Ground, post: _Post, size: int) -> tuple[float, int]:
    """Have all receipts sent; return the pace of the first half, and how often was killed."""
    kills = min(KILLS, size // 10)
    marks = [size // 2 + (size - size // 2) * n // (kills + 1) for n in range(1, kills + 1)]
    chance = Random(size)
    worker = _worker(post, paced=False)
    try:
        await _until(post, 1)
        began = perf_counter()
        await _until(post, size // 2)
        rate = (size // 2 - 1) / (perf_counter() - began)
        for mark in marks:
            await _until(post, mark)
            await asyncio.sleep(chance.uniform(0, _BEFORE_KILL_S))  # At no moment in particular.
            worker.kill()
            await _ended(worker)
            worker = _worker(post, paced=False)
        async with asyncio.timeout(_PATIENCE_S):
            while await place.office.look.messages(  # noqa: ASYNC110 - another process works
                kind=Kind.RECEIPT, state="waiting", limit=1
            ):
                await asyncio.sleep(_LOOK_S * 10)
    finally:
        worker.terminate()
        await _ended(worker)
    return rate, kills


async def _until(post: _Post, count: int) -> None:
    """Wait until so many people have their receipt."""
    async with asyncio.timeout(_PATIENCE_S):
        while post.received() < count:  # noqa: ASYNC110 - another process works
            await asyncio.sleep(_LOOK_S)


async def _call(place: Ground, post: _Post, key: Path, people: Sequence[str]) -> float:
    """Draw everyone from a lobby; return how long the call of the first took to be accepted."""
    signer = read_key(key)
    now_ms = SystemClock().now_ms()
    terms = open_terms(sale_opens_ms=now_ms + HOUR_MS, lobby_opens_ms=now_ms - HOUR_MS)
    lobby = draft("lobby", (tier("Pista", 1),), terms)
    digests = {"lobby": seed_digest(signer.seed("lobby"))}
    answer = await place.office.publish(Publish(drafts=(lobby,), seed_digests=digests))
    assert isinstance(answer, Published), answer
    show_id = answer.show_ids["lobby"]

    async def join(address: str) -> None:
        channel = "email" if "@" in address else "telegram"
        customer_id = await place.office.look.customer_of(channel, address)
        purchase_id = place.ids.new()
        request = Join(show_id=show_id, purchase_id=purchase_id, customer_id=customer_id or "")
        await place.office.join(request)

    for start in range(0, len(people), _TOGETHER):
        await asyncio.gather(*(join(one) for one in people[start : start + _TOGETHER]))
    worker = _worker(post, paced=True)
    try:
        caretaker = Caretaker(place.office, signer)
        await asyncio.sleep(5)  # The worker is at work: its start is not what is measured.
        await place.office.run(OpenSale(show_id=show_id))
        await caretaker.round()
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                called = await place.office.look.messages(kind=Kind.YOUR_TURN, show_id=show_id)
                if called and called[0].effect.state == "done":
                    break
                await asyncio.sleep(_LOOK_S)
    finally:
        worker.terminate()
        await _ended(worker)
    effect = called[0].effect
    tried = await place.office.look.attempts(show_id, effect.ledger_seq, effect.item)
    entry = await place.office.look.purchase(show_id, effect.purchase_id or "")
    assert entry is not None, "who was called is there"
    assert entry.purchase.called_ms is not None, "and called"
    return float(tried[-1].at_ms - entry.purchase.called_ms)
