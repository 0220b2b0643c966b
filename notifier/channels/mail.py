"""E-mail: HTML and plain text, with the PDF and a calendar file where there are tickets.

A letter's Message-ID is made of its key: sent twice after a crash, it is one message to every
mailbox that folds what bears the same one.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

import aiosmtplib
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from core.ports import Clock
from language import msgid
from notifier.channels.channel import Failed, Part, Refused
from notifier.letters import Letter

_FRESH_MS: Final = 20_000
"""A connection idle for longer may have been closed by its server: another is opened."""
_GONE: Final = 500
"""From this reply code on an answer is final."""
_SIGN_IN: Final = {530, 534, 535, 538}
"""Reply codes by which a server asks for another way to sign in."""

_NOT_THERE = msgid("the mail server can't be reached: check smtp_host and smtp_port")
_NO_ANSWER = msgid("the mail server does not answer in time: check it, and smtp_port")
_NO_SERVICE = msgid("the mail server turns us away: ask who runs it why")
_NOT_TRUSTED = msgid(
    "the mail server's certificate can't be trusted: correct smtp_host, or set smtp_ca_file"
)
_NOT_SECRET = msgid(
    "the mail server does not offer what is set: correct smtp_port, smtp_security and smtp_user"
)
_NOT_SIGNED_IN = msgid(
    "the mail server does not take the user and password: correct smtp_user and smtp_password"
)
_BAD_SENDER = msgid("the mail server does not take our sender: correct smtp_from")
_NO_ADDRESS = msgid("the address is no e-mail address: ask the person for another")
_BAD_ADDRESS = msgid("the mail server refuses the address: ask the person for another")
_ODD_ADDRESS = msgid("the mail server can't write to such an address: ask the person for another")
_LATER_ADDRESS = msgid("the mail server does not take the address now, and may take it later")
_BAD_MESSAGE = msgid("the mail server refuses the message: ask who runs it why")
_LATER_MESSAGE = msgid("the mail server does not take the message now, and may take it later")
_CUT_OFF = msgid("the mail server cut the line: check that it is well")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server, and who sends by it."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    house: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """Who signed its certificate, if not one of the machine's own authorities."""
    timeout_s: float = 20.0
    connections: int = 8


class Mail:
    """The channel of one mail server, over a few connections kept open."""

    name = "email"
    contact = "email"

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._idle: list[tuple[aiosmtplib.SMTP, int]] = []
        self._room = asyncio.Semaphore(server.connections)
        self._pages = Environment(
            loader=PackageLoader("notifier"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
        )

    def parts(self, letter: Letter) -> Sequence[Part]:
        """Return the one message."""
        return [partial(self._send, letter)]

    async def close(self) -> None:
        """Take leave of the server."""
        while self._idle:
            client, _ = self._idle.pop()
            await _leave(client)

    def written(self, letter: Letter, address: str) -> EmailMessage:
        """Return the message as it is sent."""
        server, said = self._server, letter.speech
        message = EmailMessage(policy=WIRE)
        message["To"] = _addressed(address)
        message["From"] = Address(display_name=server.house, addr_spec=server.sender)
        message["Subject"] = " ".join(letter.title.split())
        now = datetime.fromtimestamp(self._clock.now_ms() / 1_000, UTC)
        message["Date"] = format_datetime(now)
        domain = server.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{letter.key}.{letter.purchase_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        text = _plain(letter)
        if letter.news:
            message["List-Unsubscribe"] = f"<mailto:{server.sender}?subject=unsubscribe>"
            text += "\n\n" + said.text(
                "To get no more news like this, write to {address}.", address=server.sender
            )
        message.set_content(text + "\n")
        page = self._pages.get_template("letter.html")
        paragraphs = [part.splitlines() for part in text.split("\n\n")]
        html = page.render(letter=letter, house=server.house, paragraphs=paragraphs)
        message.add_alternative(html, subtype="html")
        if letter.bundle is not None:
            message.add_attachment(
                letter.bundle.pdf, "application", "pdf", filename=f"{letter.code}.pdf"
            )
            message.add_attachment(
                letter.bundle.calendar.decode(),
                subtype="calendar",
                filename=f"{letter.code}.ics",
                params={"method": "PUBLISH"},
            )
        message["Content-Language"] = said.language
        return message

    async def _send(self, letter: Letter, address: str) -> None:
        content, to = self.written(letter, address).as_bytes(), _addressed(address).addr_spec
        async with self._room:
            try:
                client = await self._client()
            except (aiosmtplib.SMTPException, OSError) as failed:
                raise _not_reached(failed) from None
            try:
                await client.sendmail(self._server.sender, [to], content)
            except BaseException as failed:
                client.close()
                if isinstance(failed, (aiosmtplib.SMTPException, OSError)):
                    raise _not_taken(failed) from None
                raise
            self._idle.append((client, self._clock.now_ms()))

    async def _client(self) -> aiosmtplib.SMTP:
        """Return a connection that greets us: a kept one, or a new one."""
        while self._idle:
            client, since_ms = self._idle.pop()
            if client.is_connected and self._clock.now_ms() - since_ms < _FRESH_MS:
                return client
            client.close()
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            timeout=server.timeout_s,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._trust() if server.security != "none" else None,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca_file)


async def _leave(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit()
    client.close()


def _addressed(address: str) -> Address:
    """Return an address as servers know it; the domain of 'ana@ação.example' has another form."""
    name, at, domain = address.rpartition("@")
    try:
        return Address(addr_spec=name + at + domain.encode("idna").decode())
    except (ValueError, IndexError, MessageError) as odd:
        raise Refused(_NO_ADDRESS) from odd


def _plain(letter: Letter) -> str:
    """Return the plain text: all of it, and where to go on."""
    said = letter.speech
    on = said.text("Go on here: {link}", link=letter.link) if letter.link else ""
    return "\n\n".join(part for part in (letter.text, on) if part)


def _not_reached(failed: Exception) -> Failed:
    """Say why there is no connection: whatever it is, no message is to blame."""
    if isinstance(failed.__cause__, ssl.SSLError):  # aiosmtplib wraps it, or does not.
        failed = failed.__cause__
    match failed:
        case ssl.SSLCertVerificationError():
            return Failed(_NOT_TRUSTED)
        case ssl.SSLError():
            return Failed(_NOT_SECRET)
        case aiosmtplib.SMTPAuthenticationError(code=code):
            return Failed(_NOT_SIGNED_IN, code)
        case aiosmtplib.SMTPTimeoutError():
            return Failed(_NO_ANSWER)
        case aiosmtplib.SMTPResponseException(code=code):
            return Failed(_NO_SERVICE, code)
        case aiosmtplib.SMTPConnectError() | aiosmtplib.SMTPServerDisconnected():
            return Failed(_NOT_THERE)
        case aiosmtplib.SMTPException():  # STARTTLS, or a way to sign in, that it does not offer.
            return Failed(_NOT_SECRET)
        case _:
            return Failed(_NOT_THERE)


def _not_taken(failed: Exception) -> Failed | Refused:
    """Say why the server did not take a message."""
    match failed:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            code = max(one.code for one in refused)
            return Refused(_BAD_ADDRESS, code) if code >= _GONE else Failed(_LATER_ADDRESS, code)
        case aiosmtplib.SMTPSenderRefused(code=code) if code in _SIGN_IN:
            return Failed(_NOT_SIGNED_IN, code)
        case aiosmtplib.SMTPSenderRefused(code=code):
            return Failed(_BAD_SENDER, code)
        case aiosmtplib.SMTPResponseException(code=code):
            return Refused(_BAD_MESSAGE, code) if code >= _GONE else Failed(_LATER_MESSAGE, code)
        case aiosmtplib.SMTPNotSupported():
            return Refused(_ODD_ADDRESS)
        case aiosmtplib.SMTPTimeoutError():
            return Failed(_NO_ANSWER)
        case _:
            return Failed(_CUT_OFF)
