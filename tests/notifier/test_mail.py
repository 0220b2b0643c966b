"""E-mail over real sockets: secrecy, signing in, and everything a mail server may answer."""

import asyncio
import dataclasses
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.messages import Kind
from notifier.channels import Failed, Refused
from notifier.channels.mail import Mail, Server
from notifier.letters import Letter
from tests.auxil.mailbox import Certificate, Mailbox, serving
from tests.auxil.offices import HandClock
from tests.auxil.post import SENDER, posting
from tests.notifier.test_letters import letter


@pytest.fixture
async def receipt(tmp_path: Path) -> AsyncGenerator[Letter]:
    async with posting(tmp_path) as post:
        await post.bought("ana", ("email", "ana@example.org"))
        yield await letter(post, Kind.RECEIPT, "pt-BR")


@pytest.fixture
async def news(tmp_path: Path) -> AsyncGenerator[Letter]:
    async with posting(tmp_path) as post:
        await post.bought("ana", ("email", "ana@example.org"))
        yield await letter(post, Kind.MILESTONE, "pt-BR")


@asynccontextmanager
async def mail(mailbox: Mailbox, **facts: object) -> AsyncGenerator[Mail]:
    known: dict[str, object] = {
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": "none",
        "sender": SENDER,
        "house": "Círco & Cia",
        "timeout_s": 5.0,
    }
    server = Server(**(known | facts))  # pyright: ignore[reportArgumentType]  # as each test needs
    channel = Mail(server, HandClock())
    try:
        yield channel
    finally:
        await channel.close()


async def send(channel: Mail, told: Letter, address: str = "ana@example.org") -> None:
    (part,) = channel.parts(told)
    await part(address)


def part(message: EmailMessage, kind: str) -> EmailMessage:
    return next(one for one in message.walk() if one.get_content_type() == kind)


async def test_a_receipt_has_all_its_parts(receipt: Letter):
    async with serving(Mailbox()) as box, mail(box) as channel:
        await send(channel, receipt)
    (message,) = box.visible
    assert message["From"] == f"Círco & Cia <{SENDER}>"
    assert message["Subject"] == "Seus 2 ingressos para Show s"
    assert message["Content-Language"] == "pt-BR"
    assert message["Message-ID"] == f"<1.99.0.ana@{SENDER.partition('@')[2]}>"
    assert "List-Unsubscribe" not in message
    text = part(message, "text/plain").get_content()
    html = part(message, "text/html").get_content()
    assert "2 × Pista · inteira" in text
    assert "Continue aqui: https://t.me/circo" in text
    assert '<a href="https://t.me/circo"' in html
    assert "<h1" in html
    assert "2 × Pista · inteira" in html
    pdf = part(message, "application/pdf")
    assert pdf.get_content().startswith(b"%PDF")
    assert pdf.get_filename() == f"{receipt.code}.pdf"
    entry = part(message, "text/calendar")
    assert entry.get_param("method") == "PUBLISH"
    assert "BEGIN:VEVENT" in entry.get_content()


async def test_what_people_wrote_is_text_in_the_page(receipt: Letter):
    odd = dataclasses.replace(receipt, title="<script>\nX: y", name="<b>Ana</b>")
    async with serving(Mailbox()) as box, mail(box) as channel:
        await send(channel, odd)
    (message,) = box.visible
    html = part(message, "text/html").get_content()
    assert "<script>" not in html
    assert "&lt;b&gt;Ana" in html
    assert message["Subject"] == "<script> X: y"
    assert "X" not in message


async def test_news_can_be_unsubscribed_from(news: Letter):
    async with serving(Mailbox()) as box, mail(box) as channel:
        await send(channel, news)
    (message,) = box.visible
    assert message["List-Unsubscribe"] == f"<mailto:{SENDER}?subject=unsubscribe>"
    told = f"Para não receber mais novidades como esta, escreva para {SENDER}."
    for kind in ("text/plain", "text/html"):
        assert told in re.sub("<[^>]+>", "", part(message, kind).get_content())


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_connection_is_secret_and_signed_in(
    receipt: Letter, tmp_path: Path, security: str
):
    certificate = Certificate(tmp_path)
    async with serving(Mailbox(), tls=security, certificate=certificate) as box:
        secret = {"user": "box", "password": "office", "ca_file": certificate.path}
        async with mail(box, security=security, **secret) as channel:
            await send(channel, receipt)
            await send(channel, receipt)
    assert len(box.received) == 2
    assert box.signed_in == ["box"]
    assert security == "tls" or all(box.secure)  # There the socket speaks nothing else.


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(
    receipt: Letter, tmp_path: Path, security: str
):
    certificate = Certificate(tmp_path)
    async with (
        serving(Mailbox(), tls=security, certificate=certificate) as box,
        mail(box, security=security, user="box", password="office") as channel,
    ):
        with pytest.raises(Failed, match="certificate"):
            await send(channel, receipt)
    assert not box.signed_in
    assert not box.received


async def test_a_wrong_password_is_the_operator_s_to_mend(receipt: Letter, tmp_path: Path):
    certificate = Certificate(tmp_path)
    async with serving(Mailbox(), tls="starttls", certificate=certificate) as box:
        secret = {"user": "box", "password": "nonsense", "ca_file": certificate.path}
        async with mail(box, security="starttls", **secret) as channel:
            with pytest.raises(Failed, match="user and password") as failed:
                await send(channel, receipt)
    assert "nonsense" not in str(failed.value)


async def test_a_server_without_starttls_gets_nothing(receipt: Letter):
    async with serving(Mailbox()) as box, mail(box, security="starttls") as channel:
        with pytest.raises(Failed, match="correct smtp_port, smtp_security"):
            await send(channel, receipt)
    assert not box.received


@pytest.mark.parametrize(
    ("answer", "how", "said"),
    [
        ("550 no such user", Refused, "refuses the address: ask the person for another (550)"),
        ("551 not here", Refused, "refuses the address: ask the person for another (551)"),
        ("450 mailbox busy", Failed, "does not take the address now, and may take it later (450)"),
        ("451 greylisted", Failed, "does not take the address now, and may take it later (451)"),
    ],
)
async def test_what_a_server_says_of_an_address(
    receipt: Letter, answer: str, how: type[Exception], said: str
):
    async with serving(Mailbox(says={"ana@example.org": [answer]})) as box, mail(box) as channel:
        with pytest.raises(how) as failed:
            await send(channel, receipt)
        assert said in str(failed.value)
        await send(channel, receipt)
    assert len(box.received) == 1


@pytest.mark.parametrize(
    ("answer", "how"), [("554 too much of it", Refused), ("452 disk full", Failed)]
)
async def test_what_a_server_says_of_a_message(receipt: Letter, answer: str, how: type[Exception]):
    async with serving(Mailbox(data_says=[answer])) as box, mail(box) as channel:
        with pytest.raises(how):
            await send(channel, receipt)


async def test_a_server_that_turns_us_away_is_no_fault_of_the_message(receipt: Letter):
    async def away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service for you\r\n")
        writer.close()

    server = await asyncio.start_server(away, "127.0.0.1", 0)
    async with server, mail(Mailbox(port=server.sockets[0].getsockname()[1])) as channel:
        with pytest.raises(Failed, match=r"turns us away: ask who runs it why \(554\)"):
            await send(channel, receipt)


async def test_a_slow_server_is_waited_for_no_longer_than_its_time(receipt: Letter):
    async with serving(Mailbox(pause_s=3.0)) as box, mail(box, timeout_s=0.2) as channel:
        with pytest.raises(Failed, match="does not answer in time"):
            await send(channel, receipt)


async def test_a_server_that_cuts_the_line_is_called_again(receipt: Letter):
    async with serving(Mailbox(data_says=["cut"])) as box, mail(box) as channel:
        with pytest.raises(Failed, match="cut the line"):
            await send(channel, receipt)
        await send(channel, receipt)
    assert len(box.received) == 2
    assert len(box.visible) == 1


async def test_a_server_that_is_not_there(receipt: Letter):
    async with serving(Mailbox()) as box:
        pass
    async with mail(box) as channel:
        with pytest.raises(Failed, match="can't be reached"):
            await send(channel, receipt)


async def test_a_server_that_was_restarted_is_found_again(receipt: Letter):
    box = Mailbox()
    async with serving(box), mail(box) as channel:
        await send(channel, receipt)
        async with serving(Mailbox()) as other:
            assert other.port != box.port
    async with serving(box), mail(box) as channel:
        await send(channel, receipt)
    assert len(box.received) == 2


async def test_a_domain_with_accents_is_written_as_servers_know_it(receipt: Letter):
    async with serving(Mailbox()) as box, mail(box) as channel:
        await send(channel, receipt, "ana@ação.example")
    assert [to for to, _ in box.received] == ["ana@xn--ao-siap.example"]


ODD = [
    *("", "ana", "@", "a b@c.d", "ana@example.org\nBcc: all@x.y", "ana@example.org,eve@x.y"),
    *("<ana@example.org>", "joão@example.org", "ana@x..org", "ana@x.org\u202e", "ana@x.org\0"),
]


@pytest.mark.parametrize("address", ODD)
async def test_what_is_no_address_is_refused_before_any_server_sees_it(
    receipt: Letter, address: str
):
    async with serving(Mailbox()) as box, mail(box) as channel:
        with pytest.raises(Refused):
            await send(channel, receipt, address)
    assert not box.received
