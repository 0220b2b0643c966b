"""The caretaker: what a sale's own clock asks, done through the one door like everything else.

`round` does all that is due and says when to come back. Every step is idempotent, so any process
may run it, two may run it at once, and one killed in the middle leaves nothing that the next round
does not finish.
"""

import asyncio
from collections.abc import AsyncIterator

from core import limits
from core.box_office import BoxOffice
from core.draw import ListDigest, Order, seed_digest
from core.outcomes import SaleNow
from core.ports import Signer
from core.requests import DrawStep, End, Expire, FixDraw, OpenSale, TellChange, Wake
from core.sale import OVER, Status
from core.views import ShowView

_PAGE = 10_000
"""Ids of a lobby read at a time."""


class Caretaker:
    """Looks after deadlines and sales of one office."""

    def __init__(self, office: BoxOffice, signer: Signer) -> None:
        self._office = office
        self._signer = signer

    async def round(self) -> int | None:
        """Do what is due; return when something next comes due, in epoch ms, or None.

        What fails for one purchase or show keeps nothing from the others: the first failure is
        raised when all the rest is done.
        """
        failed = await self._expire()
        now_ms = self._office.clock.now_ms()
        for show_id, status in await self._office.look.due_shows(now_ms, limits.SWEPT_PER_ROUND):
            try:
                await self._look_after(show_id, status)
            except Exception as trouble:  # noqa: BLE001 - raised below, after the others
                failed.append(trouble)
        if failed:
            raise failed[0]
        return await self._office.look.next_due_ms()

    async def _look_after(self, show_id: int, status: str) -> None:
        if status == Status.PUBLISHED:
            await self.open(show_id, due=1)
        elif status == Status.DRAWING:
            await self._draw(show_id)
        elif status in OVER:
            await self.end(show_id)
        await self._tell_change(show_id)
        await self._office.run(Wake(show_id=show_id))

    async def _tell_change(self, show_id: int) -> None:
        """Tell everyone whom a change of the show concerns, so many at a time."""
        while (found := await self._office.look.untold(show_id, limits.DRAWN_PER_STEP)) is not None:
            after, ids = found
            await self._office.tell_change(
                TellChange(show_id=show_id, after=after, purchase_ids=ids)
            )

    async def open(self, show_id: int, actor: str = "system", due: int = 0) -> None:
        """Open a sale: at once, or by the draw if people are in the lobby."""
        answer = await self._office.run(OpenSale(show_id=show_id, due=due, actor=actor))
        if getattr(answer, "status", "") == Status.DRAWING:
            await self._draw(show_id)

    async def end(self, show_id: int) -> None:
        """End and refund, one by one, everyone whom a closed or cancelled sale still holds."""
        last = ""
        while ids := await self._office.look.unsettled(show_id, limits.SWEPT_PER_ROUND, last):
            await asyncio.gather(
                *(self._office.end(End(show_id=show_id, purchase_id=one)) for one in ids),
            )
            last = ids[-1]

    async def _expire(self) -> list[Exception]:
        """Expire what is overdue; return what failed."""
        while True:
            now_ms = self._office.clock.now_ms()
            due = await self._office.look.due_purchases(now_ms, limits.SWEPT_PER_ROUND)
            answers = await asyncio.gather(
                *(self._office.expire(Expire(show_id=s, purchase_id=p)) for s, p in due),
                return_exceptions=True,
            )
            failed = [answer for answer in answers if isinstance(answer, Exception)]
            # A show whose time stands ahead of ours leaves its deadlines for later: no progress.
            moved = any(
                getattr(answer, "deadline_ms", None) is None
                or getattr(answer, "deadline_ms", 0) > now_ms
                for answer in answers
                if not isinstance(answer, Exception)
            )
            if len(due) < limits.SWEPT_PER_ROUND or not moved:
                return failed

    async def _draw(self, show_id: int) -> None:
        """Fix the draw and give its numbers; picks up wherever an earlier attempt stopped."""
        show = await self._office.look.show(show_id)
        if show is None:
            return
        seed, digest = show.seed, show.list_digest
        if not digest:
            listed = ListDigest()
            async for ids in self._lobby(show_id):
                await asyncio.to_thread(listed.feed, ids)
            seed, digest = self._signer.seed(show.card.slug), listed.hexdigest()
            fix = FixDraw(show_id=show_id, seed=seed, list_digest=digest)
            if not isinstance(await self._office.draw(fix), SaleNow):
                return  # Not the key that the show was published with: its holder must draw.
        order = Order(seed, digest)
        async for ids in self._lobby(show_id):
            await asyncio.to_thread(order.feed, ids)
        await self._number(show_id, order)

    async def _number(self, show_id: int, order: Order) -> None:
        step: list[str] = []
        first = 1
        for purchase_id in order:
            step.append(purchase_id)
            if len(step) == limits.DRAWN_PER_STEP:
                await self._step(show_id, first, step)
                first += len(step)
                step = []
        if step:
            await self._step(show_id, first, step)

    async def _step(self, show_id: int, first: int, step: list[str]) -> None:
        request = DrawStep(show_id=show_id, first_number=first, purchase_ids=tuple(step))
        await self._office.draw(request)

    async def _lobby(self, show_id: int) -> AsyncIterator[tuple[str, ...]]:
        last = ""
        while ids := await self._office.look.lobby_ids(show_id, last, _PAGE):
            yield ids
            last = ids[-1]


def verify_draw(show: ShowView, ids: list[str], numbered: list[str]) -> str | None:
    """Check a draw from what was published; return what is wrong, or None.

    `ids`: the frozen list, sorted. `numbered`: the same ids in the order of their numbers.
    """
    if seed_digest(show.seed) != show.seed_digest:
        return "the seed is not the one committed to when the show was published"
    listed = ListDigest()
    listed.feed(ids)
    if listed.hexdigest() != show.list_digest:
        return "the list's digest is not the published one"
    order = Order(show.seed, show.list_digest)
    order.feed(ids)
    for number, (drawn, given) in enumerate(zip(order, numbered, strict=True), 1):
        if drawn != given:
            return f"number {number} was given to {given}, the draw gave it to {drawn}"
    return None
