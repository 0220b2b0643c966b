"""A mail server on a real socket: STARTTLS, TLS, AUTH, and what goes wrong with mail servers."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Mailbox:
    """What arrived, and how the server behaves: it answers `says` to who is named there."""

    received: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    says: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By address: answers to RCPT, one an attempt; then '250 OK'."""
    data_says: list[str] = field(default_factory=list[str])
    """Answers to the next messages' content; then '250 OK'. 'cut': accepted, but no answer."""
    pause_s: float = 0.0
    port: int = 0
    signed_in: list[str] = field(default_factory=list[str])
    secure: list[bool] = field(default_factory=list[bool])
    tried: int = 0

    @property
    def visible(self) -> list[EmailMessage]:
        """What a reader sees: copies of one Message-ID are one message."""
        found: dict[str, EmailMessage] = {}
        for _, content in self.received:
            message = message_from_bytes(content, policy=default)
            found.setdefault(str(message["Message-ID"]), message)
        return list(found.values())

    # aiosmtpd calls these by name.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried += 1
        if self.pause_s:
            await asyncio.sleep(self.pause_s)
        waiting = self.says.get(address, [])
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        said = self.data_says.pop(0) if self.data_says else "250 OK"
        if said.startswith(("250", "cut")):
            self.secure.append(session.ssl is not None)
            content = envelope.content
            assert isinstance(content, bytes)
            self.received += [(str(to), content) for to in envelope.rcpt_tos]
        if said == "cut":
            cast("asyncio.Transport", server.transport).abort()
        return said

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: object
    ) -> AuthResult:
        assert isinstance(auth, LoginPassword)
        right = (auth.login, auth.password) == (b"box", b"office")
        if right:
            self.signed_in.append(auth.login.decode())
        return AuthResult(success=right, handled=right)


class Certificate:
    """A certificate for 127.0.0.1, signed by itself."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(7)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        self.path = folder / "mail.crt"
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        key_path = folder / "mail.key"
        key_path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.path, key_path)


@asynccontextmanager
async def serving(
    mailbox: Mailbox, *, tls: str = "none", certificate: Certificate | None = None
) -> AsyncGenerator[Mailbox]:
    """Serve mail on a loopback port. `tls`: 'none', 'starttls' or 'tls'."""
    loop = asyncio.get_running_loop()
    context = certificate.context if certificate else None
    connections: set[asyncio.BaseTransport] = set()

    class Kept(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connections.add(transport)
            super().connection_made(transport)

    def protocol() -> SMTP:
        return Kept(
            mailbox,
            hostname="localhost",
            enable_SMTPUTF8=True,
            loop=loop,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=mailbox.authenticate,
            auth_required=tls == "starttls",
            auth_require_tls=tls == "starttls",
        )

    server = await loop.create_server(
        protocol, "127.0.0.1", mailbox.port, ssl=context if tls == "tls" else None
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        for one in connections:
            with suppress(Exception):
                cast("asyncio.Transport", one).abort()
        await server.wait_closed()
        await asyncio.sleep(0)
