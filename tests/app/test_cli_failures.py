"""Whatever keeps a message from arriving: an operator sees it in plain words, and mends it.

The real commands over real servers. Each trouble below is a row: it breaks something, says how the
message then stands and what must be read of it, and mends what it broke.
"""

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.clock import SystemClock
from app.settings import load_settings
from app.wiring import open_office
from bot.local_api.people import Person
from bot.local_api.server import LocalApi
from core.requests import OpenSale, Register
from tests.app.conftest import Run
from tests.auxil.fans import Fan
from tests.auxil.mailbox import Certificate, Mailbox, serving
from tests.auxil.recorder import Recorder, recording

ANA = "ana@example.org"
CHAT = 7001
CONTACTS = (
    ("telegram", str(CHAT)),
    ("email", ANA),
    ("phone", "5581999990001"),
    ("push", "ana-topic"),
)


@dataclass
class Servers:
    """A mail server, one that insists on TLS and a password, and a Bot API server."""

    mailbox: Mailbox
    secure: Mailbox
    certificate: Certificate
    api: LocalApi


@dataclass
class Street:
    """Everything that messages go by, and the settings that lead there."""

    servers: Servers
    recorder: Recorder
    silent: int
    """A port that takes connections and never says a word."""
    closed: int
    """A port that nobody listens at."""
    set: Callable[..., None]
    """Set settings: `set(smtp_port=25)`."""

    @property
    def mailbox(self) -> Mailbox:
        return self.servers.mailbox

    @property
    def api(self) -> LocalApi:
        return self.servers.api

    def lead_to(self, box: Mailbox) -> None:
        self.set(smtp_host="127.0.0.1", smtp_port=box.port, smtp_timeout_s=20)

    @property
    def arrived(self) -> int:
        """Count what reached somebody: mails, files in chats, SMS and pushes."""
        sent = [one.file_id for person in self.api.people for one in person.messages]
        files = [one for one in sent if one and self.api.download(one).startswith(b"%PDF")]
        mails = self.mailbox.visible + self.servers.secure.visible
        return len(mails) + len(files) + len(self.recorder.posted)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """In a thread of their own, as the commands run their own loops."""
    certificate = Certificate(tmp_path_factory.mktemp("mail"))
    found = Servers(Mailbox(), Mailbox(), certificate, LocalApi(SystemClock()))
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        secret = serving(found.secure, tls="starttls", certificate=certificate)
        async with serving(found.mailbox), secret, found.api:
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(30)
    yield found
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def sold(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house where somebody with every kind of contact bought a ticket, to be copied."""
    folder = tmp_path_factory.mktemp("sold")
    shutil.copytree(founded, folder, dirs_exist_ok=True)

    async def sell() -> None:
        async with open_office(load_settings()) as an_office:
            office = an_office.office
            show_id = await office.look.show_id("pequeno")
            assert show_id is not None
            await office.run(OpenSale(show_id=show_id))
            await office.register(Register(customer_id="ana", contacts=CONTACTS))
            await Fan(office, show_id, "ana").buy(1)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        asyncio.run(sell())
    return folder


@pytest.fixture
def street(
    servers: Servers, sold: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Street]:
    def set_(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"BILHETERIA_{name.upper()}", str(value))

    shutil.copytree(sold, folder, dirs_exist_ok=True)
    for box in (servers.mailbox, servers.secure):
        box.received.clear()
    servers.api.people.clear()
    servers.api.world.chats.clear()
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with recording() as recorder:
            yield Street(servers, recorder, silent.getsockname()[1], closed.getsockname()[1], set_)


def by_mail(street: Street) -> None:
    street.set(smtp_security="none", smtp_from="caixa@clube.example")
    street.lead_to(street.mailbox)


def by_telegram(street: Street) -> None:
    street.set(telegram_token=street.api.token, telegram_api_url=street.api.root)


def by_sms(street: Street) -> None:
    street.set(sms_url=f"json://127.0.0.1:{street.recorder.port}/{{address}}")


def by_push(street: Street) -> None:
    street.set(push_url=f"json://127.0.0.1:{street.recorder.port}/{{address}}")


Trouble = Generator[tuple[str, str]]
"""Breaks something, yields (state of the message, what is read of it), mends it."""


def smtp_hangs(street: Street) -> Trouble:
    street.set(smtp_port=street.silent, smtp_timeout_s=0.2)
    yield "waiting", "the mail server does not answer in time"
    street.lead_to(street.mailbox)


def smtp_is_not_there(street: Street) -> Trouble:
    street.set(smtp_port=street.closed)
    yield "waiting", "the mail server can't be reached: check smtp_host and smtp_port"
    street.lead_to(street.mailbox)


def smtp_is_busy(street: Street) -> Trouble:
    street.mailbox.says[ANA] = ["450 mailbox busy"]
    yield "waiting", "does not take the address now, and may take it later (450)"


def smtp_knows_no_such_address(street: Street) -> Trouble:
    street.mailbox.says[ANA] = ["550 no such user"]
    yield "dead", "refuses the address: ask the person for another (550)"


def smtp_refuses_the_message(street: Street) -> Trouble:
    street.mailbox.data_says = ["554 smells of spam"]
    yield "dead", "refuses the message: ask who runs it why (554)"


def smtp_takes_no_password(street: Street) -> Trouble:
    street.lead_to(street.servers.secure)
    street.set(smtp_security="starttls", smtp_ca_file=street.servers.certificate.path)
    street.set(smtp_user="box", smtp_password="wrong")
    yield "waiting", "does not take the user and password: correct smtp_user and smtp_password"
    street.set(smtp_password="office")


def smtp_shows_a_bad_certificate(street: Street) -> Trouble:
    street.lead_to(street.servers.secure)
    street.set(smtp_security="starttls", smtp_user="box", smtp_password="office")
    yield "waiting", "certificate can't be trusted: correct smtp_host, or set smtp_ca_file"
    street.set(smtp_ca_file=street.servers.certificate.path)


def smtp_has_no_tls(street: Street) -> Trouble:
    street.set(smtp_security="starttls")
    yield "waiting", "does not offer what is set: correct smtp_port, smtp_security and smtp_user"
    street.set(smtp_security="none")


def ana(street: Street) -> Person:
    return street.api.person("Ana", user_id=CHAT)


def telegram_is_blocked(street: Street) -> Trouble:
    person = ana(street)
    person.block()
    yield "dead", "the person blocked the bot, or never wrote to it: send it another way"
    person.unblock()


def telegram_account_is_closed(street: Street) -> Trouble:
    person = ana(street)
    person.delete_account()
    yield "dead", "the Telegram account is closed: send it another way"
    person.chat.refusal = None


def telegram_has_no_such_chat(street: Street) -> Trouble:
    yield "dead", "there is no such Telegram chat: send it another way"
    ana(street)


def telegram_asks_for_a_pause(street: Street) -> Trouble:
    ana(street)
    street.api.trouble.flood("sendDocument", retry_after_s=60)
    yield "waiting", "the channel asks for a pause, which is kept"


def telegram_is_down(street: Street) -> Trouble:
    ana(street)
    street.api.trouble.fail("sendDocument", code=502)
    yield "waiting", "Telegram can't be reached, or has trouble of its own"


def telegram_knows_no_such_token(street: Street) -> Trouble:
    ana(street)
    street.set(telegram_token="123456:" + "x" * 35)
    yield "waiting", "Telegram does not know the bot's token: correct telegram_token"
    street.set(telegram_token=street.api.token)


def sms_is_refused(street: Street) -> Trouble:
    street.recorder.answers = [401]
    yield "waiting", "the SMS service did not take the message: check sms_url"


def push_is_down(street: Street) -> Trouble:
    street.recorder.answers = [503]
    yield "waiting", "the push service did not take the message: check push_url"


def push_is_refused(street: Street) -> Trouble:
    street.recorder.answers = [403]
    yield "waiting", "the push service did not take the message: check push_url"


TROUBLES: list[Callable[[Street], Trouble]] = [
    smtp_hangs,
    smtp_is_not_there,
    smtp_is_busy,
    smtp_knows_no_such_address,
    smtp_refuses_the_message,
    smtp_takes_no_password,
    smtp_shows_a_bad_certificate,
    smtp_has_no_tls,
    telegram_is_blocked,
    telegram_account_is_closed,
    telegram_has_no_such_chat,
    telegram_asks_for_a_pause,
    telegram_is_down,
    telegram_knows_no_such_token,
    sms_is_refused,
    push_is_down,
    push_is_refused,
]


WAYS: dict[str, Callable[[Street], None]] = {
    "smtp": by_mail,
    "telegram": by_telegram,
    "sms": by_sms,
    "push": by_push,
}


@pytest.mark.parametrize("trouble", TROUBLES, ids=[one.__name__ for one in TROUBLES])
def test_each_failure_is_seen_in_plain_words_and_mended(
    run: Run, street: Street, trouble: Callable[[Street], Trouble]
) -> None:
    WAYS[trouble.__name__.partition("_")[0]](street)
    broken = trouble(street)
    state, said = next(broken)
    assert run("work", "--once").code == 0
    assert street.arrived == 0
    listed = run("messages", "list", "--kind", "receipt").out.splitlines()[1]
    key = listed.split()[0]
    assert f"receipt  {state}" in listed
    assert said in listed or "waits for its turn" in listed
    shown = run("messages", "show", key).out
    assert said in shown
    assert f"bilheteria messages resend {key}" in shown

    assert next(broken, None) is None
    assert run("messages", "resend", key).code == 0
    assert run("work", "--once").code == 0
    assert street.arrived == 1
    whole = run("messages", "show", key, "--json").json
    assert (whole["state"], whole["error"], whole["next"]) == ("done", "", "")
    tried = {one["state"] for one in whole["attempts"]}
    assert tried == {"refused" if state == "dead" else "failed", "sent"}
