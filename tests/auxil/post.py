"""A whole post: an office, its channels over real sockets, the workers, and people who read."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.effects import EffectWorker
from app.pace import Pace, Rate
from bot.local_api.server import LocalApi
from core import limits
from core.box_office import BoxOffice
from core.catalogue import ShowDraft
from core.messages import LANES, MESSAGE_KINDS, Attempt, Kind, Lane
from core.requests import OpenSale, Register
from core.views import MessageView
from notifier.channels import Channel
from notifier.channels.mail import Mail, Server
from notifier.channels.outside import Outside
from notifier.channels.telegram import Keyboards, Telegram, no_buttons
from notifier.courier import Courier, Line
from notifier.letters import Letters
from notifier.papers import Papers
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan
from tests.auxil.mailbox import Mailbox
from tests.auxil.offices import SIGNER, HandClock, new_file, open_office, publish
from tests.auxil.recorder import Recorder

SHOW = 1
SENDER = "caixa@circo.example"


def letters_of(office: BoxOffice, link: str = "") -> Letters:
    """Letters of a house in which no money is play money."""
    papers = Papers("Circo", SIGNER, lambda _gateway: True)
    return Letters(office.look, papers, lambda _s, _p: link, lambda _gateway: True, "pt-BR")


def telegram_of(api: LocalApi, keyboards: Keyboards = no_buttons) -> Telegram:
    return Telegram(api.token, api.root, keyboards)


def mail_of(mailbox: Mailbox, clock: HandClock, timeout_s: float = 5.0) -> Mail:
    server = Server(
        host="127.0.0.1",
        port=mailbox.port,
        security="none",
        sender=SENDER,
        house="Circo",
        timeout_s=timeout_s,
    )
    return Mail(server, clock)


def sms_of(recorder: Recorder) -> Outside:
    return Outside("sms", f"json://127.0.0.1:{recorder.port}/{{address}}")


def push_of(recorder: Recorder) -> Outside:
    return Outside("push", f"json://127.0.0.1:{recorder.port}/{{address}}")


@dataclass
class Post:
    """Delivers what an office has to say."""

    office: BoxOffice
    clock: HandClock
    channels: Sequence[Channel] = ()
    link: str = ""
    names: int = 0
    paces: dict[str, Pace] = field(default_factory=dict[str, Pace])

    def courier(self) -> Courier:
        unpaced = Pace(self.clock, Rate(per_s=0))
        lines = [Line(one, self.paces.get(one.name, unpaced)) for one in self.channels]
        return Courier(self.office, letters_of(self.office, self.link), lines)

    def workers(self) -> list[EffectWorker]:
        self.names += 1
        courier = self.courier()
        return [
            EffectWorker(
                self.office,
                f"w{self.names}.{lane}",
                [kind for kind in MESSAGE_KINDS if LANES[kind] is lane],
                courier,
            )
            for lane in Lane
            if any(LANES[kind] is lane for kind in MESSAGE_KINDS)
        ]

    async def deliver(self) -> None:
        """Carry out what is due, lane by lane, until nothing is."""
        workers = self.workers()
        while any([await worker.round() for worker in workers]):
            pass

    async def deliver_all(self, rounds: int = 20) -> None:
        """The same, with time passing for what is to be tried again."""
        for _ in range(rounds):
            await self.deliver()
            self.clock.ms += limits.BACKOFF_MAX_MS

    async def registered(self, name: str, *contacts: tuple[str, str], language: str = "pt-BR"):
        request = Register(customer_id=name, contacts=contacts, name=name, language=language)
        return await self.office.register(request)

    async def bought(self, name: str, *contacts: tuple[str, str], language: str = "pt-BR") -> None:
        """Somebody with these contacts, or known already, buys two tickets."""
        if contacts:
            await self.registered(name, *contacts, language=language)
        await Fan(self.office, SHOW, name).buy(2)

    async def message(self, kind: Kind, name: str) -> MessageView:
        """Return the newest message of a kind to somebody."""
        found = await self.office.look.messages(kind=kind, customer_id=name)
        return found[0]

    async def attempts(self, kind: Kind, name: str) -> list[tuple[str, int, str, str]]:
        """Return (channel, part, state, said) of the attempts at it."""
        effect = (await self.message(kind, name)).effect
        kept: Iterable[Attempt] = await self.office.look.attempts(
            effect.show_id, effect.ledger_seq, effect.item
        )
        return [(a.channel, a.part, a.state, a.said) for a in kept]


@asynccontextmanager
async def posting(
    folder: Path, *channels: Channel, draft: ShowDraft | None = None, clock: HandClock | None = None
) -> AsyncGenerator[Post]:
    """Open an office with one show on sale, and the channels."""
    clock = clock or HandClock()
    async with open_office(new_file(folder / "post.db"), clock) as office:
        await publish(office, draft or show(tier("Pista", 100), slug="s"))
        await office.run(OpenSale(show_id=SHOW))
        post = Post(office, clock, channels)
        try:
            yield post
        finally:
            for channel in channels:
                await channel.close()
