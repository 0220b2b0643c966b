"""What managers are told in the staff chat: figures each morning, alerts when something is amiss.

What was told is remembered in memory: after a restart an alert that still holds is told once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.room import DOMAIN, Room
from bot.screens import bold, cut, plain, screen
from core.messages import EffectState, Kind, Lane
from core.sale import Status
from core.terms import MINUTE_MS
from core.views import ShowView, Takings
from language import Speech, speech

_STUCK_MS = 5 * MINUTE_MS
_UNPAID_MS = 3 * MINUTE_MS
_LOOKED_AT = 100
_SHOWS_TOLD = 12
_TITLE = 40
_MS = 1_000


@dataclass(slots=True)
class _Still:
    """How something stood when it last moved."""

    moved_ms: int
    stood: tuple[int, int, int]


@dataclass(slots=True)
class Staff:
    """Tells one chat. `figures_at` is a time of day in the house's zone, 'HH:MM'."""

    room: Room
    chat_id: int
    figures_at: str
    _told: set[str] = field(default_factory=set[str])
    _lines: dict[int, _Still] = field(default_factory=dict[int, _Still])
    _payments: _Still = field(default_factory=lambda: _Still(0, (-1, 0, 0)))
    _figures_of: str = ""

    @property
    def _speech(self) -> Speech:
        return speech(self.room.language, DOMAIN)

    async def round(self) -> None:
        """Tell what there is to tell now."""
        now_ms = self.room.office.clock.now_ms()
        await self._figures(now_ms)
        holding: set[str] = set()
        for name, said in [*await self._of_shows(now_ms), *await self._of_payments(now_ms)]:
            holding.add(name)
            if name not in self._told:
                await self._tell([bold(said)])
        self._told = holding

    async def _tell(self, paragraphs: list[str]) -> None:
        await self.room.post.send(self.chat_id, screen(paragraphs), Lane.REMINDERS)

    async def _figures(self, now_ms: int) -> None:
        now = datetime.fromtimestamp(now_ms / _MS, ZoneInfo(self.room.time_zone))
        before = now - timedelta(days=1)
        yesterday = before.date().isoformat()
        if f"{now:%H:%M}" < self.figures_at or self._figures_of == yesterday:
            return
        first = not self._figures_of
        self._figures_of = yesterday
        if first and f"{now - timedelta(minutes=5):%H:%M}" >= self.figures_at:
            return  # Started later in the day: the figures were told, or were due before.
        lines = list(day_lines(self._speech, await self.room.office.look.takings(), yesterday))
        day = self._speech.short_day(int(before.timestamp()) * _MS, self.room.time_zone)
        head = self._speech.text("Sales of {day}", day=day)
        nothing = self._speech.text("Nothing was sold.")
        await self._tell([bold(head), plain("\n".join(lines) or nothing)])

    async def _of_shows(self, now_ms: int) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for card in await self.room.office.look.search(from_ms=now_ms, limit=_LOOKED_AT):
            if card.status != Status.OPEN:
                self._lines.pop(card.show_id, None)
                continue
            show = await self.room.office.look.show(card.show_id)
            assert show is not None, "a show that was found is there"
            title = cut(card.title, _TITLE)
            if show.valid >= card.capacity:
                said = self._speech.text("Sold out: {title}.", title=title)
                found.append((f"sold out {card.show_id}", said))
            elif await self._stuck(show, now_ms):
                said = self._speech.plural(
                    "The line of {title} does not move: {n} person waits, though tickets are free.",
                    "The line of {title} does not move: {n} people wait, though tickets are free.",
                    show.waiting,
                    title=title,
                )
                found.append((f"stuck {card.show_id}", said))
        return found

    async def _stuck(self, show: ShowView, now_ms: int) -> bool:
        """Whether people wait, tickets are free, and nothing has happened for a while."""
        show_id = show.card.show_id
        if not show.waiting or show.card.free <= show.promised:
            self._lines.pop(show_id, None)
            return False
        heads = await self.room.office.look.line(show_id, 1)
        stood = (heads[0].number or 0 if heads else 0, show.opened, show.valid)
        line = self._lines.get(show_id)
        if line is None or line.stood != stood:
            self._lines[show_id] = _Still(now_ms, stood)
            return False
        return now_ms - line.moved_ms >= _STUCK_MS

    async def _of_payments(self, now_ms: int) -> list[tuple[str, str]]:
        """Find out whether payments are asked for and none gets through."""
        asked = paid = 0
        for one in await self.room.office.look.outbox():
            if one.kind == Kind.PAYMENT_START and one.state == EffectState.WAITING:
                asked += one.count
            elif one.kind == Kind.RECEIPT:
                paid += one.count
        if not asked or paid != self._payments.stood[0]:
            self._payments = _Still(now_ms, (paid, 0, 0))
            return []
        if now_ms - self._payments.moved_ms < _UNPAID_MS:
            return []
        said = self._speech.plural(
            "Payments do not get through: {n} waits to begin.",
            "Payments do not get through: {n} wait to begin.",
            asked,
        )
        return [("payments", said)]


def day_lines(said: Speech, takings: tuple[Takings, ...], day: str) -> Iterator[str]:
    """Say what each show sold, gave back and made on a day."""
    shows = sorted({(one.show, one.currency) for one in takings if one.day == day})
    for show, currency in shows[:_SHOWS_TOLD]:
        mine = [
            one for one in takings if (one.show, one.currency, one.day) == (show, currency, day)
        ]
        yield said.text(
            "{show}: {sold} sold, {refunded} returned, {prices} + {fees} fees",
            show=show,
            sold=sum(one.sold for one in mine),
            refunded=sum(one.refunded for one in mine),
            prices=said.money(sum(one.price_minor for one in mine), currency),
            fees=said.money(sum(one.fee_minor for one in mine), currency),
        )
