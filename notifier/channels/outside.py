"""SMS and push by any of the services that Apprise knows: one URL in the settings for each.

Apprise says that it worked or that it did not, and no more: a failure is taken to be passing. It
sends from threads, with time limits of its own. Loading it takes a second: it is done late.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol, cast
from urllib.parse import quote

from core.messages import Kind
from language import msgid
from notifier.channels.channel import Failed, Part
from notifier.letters import Letter

PLACE: Final = "{address}"
"""Stands in a service's URL where the person's address goes."""
_CONNECT_S: Final = 5
_READ_S: Final = 10
_TEXT_MAX: Final = 1_000
_WHOLE: Final = {
    Kind.YOUR_TURN,
    Kind.PAYMENT_READY,
    Kind.REMINDER,
    Kind.SHOW_CHANGED,
    Kind.SHOW_CANCELLED,
}
"""Of these an SMS says all: how long, how to pay, when and where. Of the rest the title tells."""
_NOT_TAKEN: Final = {
    "sms": msgid("the SMS service did not take the message: check sms_url and the account there"),
    "push": msgid(
        "the push service did not take the message: check push_url and the account there"
    ),
}
_NO_SERVICE = msgid("the service's URL is not understood: see `bilheteria doctor`")


class Outside:
    """A channel of short messages."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.contact = "phone" if name == "sms" else "push"
        self._url = url

    def parts(self, letter: Letter) -> Sequence[Part]:
        """Return the one message: an SMS is a line or two, a push has a title."""
        if self.name == "sms":
            return [partial(self._send, "", short(letter))]
        return [partial(self._send, letter.title, longer(letter))]

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _send(self, title: str, body: str, address: str) -> None:
        url = self._url.replace(PLACE, quote(address, safe=""))
        if not await asyncio.to_thread(_notify, url, title, body):
            raise Failed(_NOT_TAKEN[self.name])


class _Service(Protocol):
    """What we use of `apprise.Apprise`, whose own types are half told."""

    def add(self, servers: str) -> bool: ...
    def notify(self, body: str, title: str, *, body_format: str) -> bool: ...


def understood(url: str) -> bool:
    """Whether Apprise knows what to do with a service's URL."""
    return _service().add(url.replace(PLACE, "5511999990000"))


def _service() -> _Service:
    import apprise  # noqa: PLC0415 - takes a second to load

    # What it logs of a failure may hold addresses; attempts are recorded in our own words.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return cast("_Service", apprise.Apprise())


def _notify(url: str, title: str, body: str) -> bool:
    sign = "&" if "?" in url else "?"
    service = _service()
    if not service.add(f"{url}{sign}cto={_CONNECT_S}&rto={_READ_S}"):
        raise Failed(_NO_SERVICE)
    return bool(service.notify(body=body, title=title, body_format="text"))


def short(letter: Letter) -> str:
    """Return a letter in as few words as it can be told, and what to do next."""
    told = [letter.title]
    if letter.kind in _WHOLE:
        told += letter.body.splitlines()
    elif letter.code:
        told.append(letter.speech.text("Order {code}", code=letter.code))
    told += [letter.bare or letter.next, letter.link]
    return "\n".join(part for part in told if part)


def longer(letter: Letter) -> str:
    """Return a letter for a small screen: what it says, what to do, where."""
    body, further = letter.body, letter.bare or letter.next
    room = _TEXT_MAX - len(further)
    body = body if len(body) <= room else body[: room - 1] + "…"
    return "\n\n".join(part for part in (body, further, letter.link) if part)
