"""Carries messages out: finds how a person can be reached, tries, falls back, keeps a record.

A person's contacts are tried in their order. What a channel refuses for good goes to the next
contact at once. What fails in passing is tried again where it failed, and goes to the next contact
after a few tries; a call, for which a clock runs, goes on at once. Each attempt is recorded as soon
as the channel has answered, part by part, so that whoever takes over from a dead worker sends
nothing that was already accepted.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from core.box_office import BoxOffice
from core.messages import Attempt, AttemptState, Effect
from core.requests import EffectTried
from core.views import CustomerView
from language import msgid
from notifier.channels import PAUSE, Channel, Failed, Refused
from notifier.letters import Letter, Letters

WALK_IN: Final = "walk_in"
"""The contact of who gave none."""
_NO_WAY: Final = msgid(
    "no channel is set up for this person's contacts: set one up and send it again"
)
_STAYS: Final = 3
"""After so many tries of a message a failing channel no longer holds it."""


class Unreachable(Exception):
    """Every way to a person is closed: `safe` says why the last was, and what can be done."""

    final = True
    """Trying again changes nothing."""

    def __init__(self, safe: str) -> None:
        super().__init__(safe)
        self.safe = safe


class Pace(Protocol):
    """Gives the turns to send."""

    async def turn(self, lane: int, address: str) -> int:
        """Wait for a turn to send to somebody; 0: now. Else: come back in so many ms."""
        ...

    def hold(self, pause_ms: int, address: str = "") -> None:
        """Let somebody be for a while, or everybody, as the provider asked."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """A channel with its pace."""

    channel: Channel
    pace: Pace


@dataclass(frozen=True, slots=True)
class _Route:
    name: str
    """The channel's, with a number for a second contact on it."""
    line: Line
    address: str


class _Later(Exception):
    """The channel takes nothing for this person just now; that is no failure."""

    def __init__(self, pause_ms: int) -> None:
        super().__init__(pause_ms)
        self.pause_ms = pause_ms


class Courier:
    """A deed (`app.effects.Deed`) for `core.messages.MESSAGE_KINDS`."""

    def __init__(self, office: BoxOffice, letters: Letters, lines: Iterable[Line]) -> None:
        self._office = office
        self._letters = letters
        self._lines: Mapping[str, Line] = {line.channel.contact: line for line in lines}

    async def __call__(self, effect: Effect) -> int | None:
        """Carry one message out. None: it was accepted, or there is nothing to say any more."""
        person = await self._office.look.customer(effect.customer_id or "")
        if person is None or not _reachable(person):
            return None
        letter = await self._letters.write(effect, person, self._office.clock.now_ms())
        if letter is None or isinstance(letter, int):
            return letter
        key = (effect.show_id, effect.ledger_seq, effect.item)
        kept = await self._office.look.attempts(*key) if effect.attempts > 1 else ()
        before = [one for one in kept if one.try_no > 0]
        routes = self._routes(person, before, json.loads(effect.data).get("by", ""))
        try:
            return await self._try(effect, letter, routes, before)
        except _Later as later:
            return later.pause_ms

    async def close(self) -> None:
        """Close every channel."""
        await asyncio.gather(*(line.channel.close() for line in self._lines.values()))

    def _routes(self, person: CustomerView, before: Iterable[Attempt], chosen: str) -> list[_Route]:
        """Return how to reach a person, less what was refused, first what was begun or chosen."""
        refused = {one.channel for one in before if one.state == AttemptState.REFUSED}
        begun = {one.channel for one in before if one.state == AttemptState.SENT}
        ways: list[_Route] = []
        # What somebody at the office chose goes before what the reader prefers.
        listed = [one for one in person.contacts if one[0] == chosen]
        listed += [one for one in person.ways if one[0] != chosen]
        for contact, address in listed:
            if contact in self._lines:
                line = self._lines[contact]
                same = sum(way.line is line for way in ways)
                name = f"{line.channel.name}.{same + 1}" if same else line.channel.name
                ways.append(_Route(name, line, address))
        if not ways:
            kinds = ", ".join(contact for contact, _ in person.contacts if contact != WALK_IN)
            raise Unreachable(f"{_NO_WAY} ({kinds})")
        left = [way for way in ways if way.name not in refused]
        if not left:
            raise Unreachable(next(one.said for one in before if one.channel in refused))
        return sorted(left, key=lambda way: way.name not in begun)

    async def _try(
        self, effect: Effect, letter: Letter, routes: list[_Route], before: Iterable[Attempt]
    ) -> None:
        tries = 1 + len({one.try_no for one in before if _failed(one)})
        failed: Failed | None = None
        later: _Later | None = None
        refused = ""
        for route in routes:
            sent = {
                one.part
                for one in before
                if one.channel == route.name and one.state == AttemptState.SENT
            }
            try:
                await self._send(effect, letter, route, sent)
            except Refused as final:
                refused = final.safe
                continue
            except _Later as asked:
                later = asked
            except Failed as passing:
                failed = passing
            else:
                return
            if not letter.urgent and tries < _STAYS:
                break
        if failed is not None:
            failed.tries = tries
            raise failed
        if later is not None:
            raise later
        raise Unreachable(refused)

    async def _send(self, effect: Effect, letter: Letter, route: _Route, sent: set[int]) -> None:
        """Send the parts that are left, each in its turn."""
        channel, pace = route.line.channel, route.line.pace
        for number, part in enumerate(channel.parts(letter)):
            if number in sent:
                continue
            pause_ms = await pace.turn(effect.lane, route.address)
            if pause_ms:
                raise _Later(pause_ms)
            try:
                await part(route.address)
            except Refused as refused:
                await self._note(effect, route, number, AttemptState.REFUSED, refused.safe)
                raise
            except Failed as failed:
                await self._note(effect, route, number, AttemptState.FAILED, failed.safe)
                if failed.retry_after_ms:
                    pace.hold(failed.retry_after_ms, route.address)
                    raise _Later(failed.retry_after_ms) from None
                raise
            await self._note(effect, route, number, AttemptState.SENT, "")

    async def _note(
        self, effect: Effect, route: _Route, part: int, state: AttemptState, said: str
    ) -> None:
        await self._office.note_attempt(
            EffectTried(
                show_id=effect.show_id,
                ledger_seq=effect.ledger_seq,
                item=effect.item,
                try_no=effect.attempts,
                channel=route.name,
                part=part,
                state=state,
                said=said,
            )
        )


def _failed(attempt: Attempt) -> bool:
    return attempt.state == AttemptState.FAILED and attempt.said != PAUSE


def _reachable(person: CustomerView) -> bool:
    return any(contact != WALK_IN for contact, _ in person.contacts)
