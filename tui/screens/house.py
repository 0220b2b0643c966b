"""House: every show with what is sold, held, called and free, its line, and what it took."""

from collections import deque
from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Sparkline, Static

from core.shifts import Total
from core.views import ShowCard, ShowView
from language import Speech, msgid
from tui import commands as can
from tui.context import Context, Lost
from tui.printing.slips import method_name
from tui.screens.place import Place
from tui.widgets.lists import Walk
from tui.widgets.panes import quotas_text
from tui.words import STATUSES

_BAR = 20
_BAR_LISTED = 7
_MINUTES = 30
_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000


def bar(parts: tuple[tuple[str, int], ...], whole: int, width: int = _BAR) -> str:
    """Draw parts of a whole, each with its own sign; what is not nothing is at least one wide."""
    drawn, left = "", width
    for sign, count in parts:
        cells = min(left, max(round(count * width / whole), 1)) if count and whole else 0
        drawn += sign * cells
        left -= cells
    return drawn + "·" * left


def house_row(card: ShowCard, say: Speech) -> Content:
    """Write a show in the list: when it is, and a bar of what is taken."""
    taken = card.capacity - card.free
    percent = taken * 100 // card.capacity if card.capacity else 0
    drawn = bar((("█", taken),), card.capacity, _BAR_LISTED)
    when = say.stamp(card.starts_ms, card.time_zone)
    return Content.assemble((card.title[:30], "bold"), f"\n  {when}  {drawn} {percent:>3}%")


class Rates:
    """Tickets sold a minute, as this window saw them since it was opened."""

    def __init__(self) -> None:
        self._minutes: deque[tuple[int, int]] = deque(maxlen=_MINUTES)
        self._last: int | None = None

    def see(self, valid: int, now_ms: int) -> None:
        """Take in how many are sold now."""
        minute = now_ms // _MINUTE_MS
        sold = 0 if self._last is None else max(valid - self._last, 0)
        self._last = valid
        if self._minutes and self._minutes[-1][0] == minute:
            sold += self._minutes.pop()[1]
        self._minutes.append((minute, sold))

    def plot(self, now_ms: int) -> list[float]:
        """Return the last minutes, the newest last."""
        seen, minute = dict(self._minutes), now_ms // _MINUTE_MS
        return [float(seen.get(minute - ago, 0)) for ago in reversed(range(_MINUTES))]


class House(Place):
    """The whole house on one screen."""

    NAMED = msgid("House")
    ABOUT = msgid(
        "Every show to come. The arrows mark one, whose tiers stand beside it: █ sold, ▒ held, "
        "░ kept for a channel, · free; below them the line, the calls, tickets sold a minute "
        "since this window was opened, and what was taken by each way of paying."
    )
    CAN = (can.ReadOn, can.ReadBack)
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._rates: dict[int, Rates] = {}

    def body(self) -> Iterator[Widget]:
        """Yield the shows, and the one that is marked."""
        with Horizontal():
            with Vertical(classes="found"):
                yield Walk(id="shows", markup=False)
            with VerticalScroll(classes="main", can_focus=False):
                yield Static(id="whole", markup=False)
                pace = self.context.say.text("tickets sold a minute, the last 30 minutes")
                yield Static(f"\n{pace}", markup=False)
                yield Sparkline([0.0], id="rate")
                yield Static(id="takings", markup=False)

    async def set_up(self) -> None:
        """Show the house."""
        self.query_one("#shows", Walk).focus()
        self.arrive()

    @on(Walk.OptionHighlighted, "#shows")
    def _marked(self) -> None:
        self.aside(self._look)

    async def changed(self, shows: frozenset[int]) -> None:
        """Look at all shows again, and at the one that is marked."""
        context = self.context
        look, since_ms = context.givens.office.look, context.now_ms() - 6 * _HOUR_MS
        found = await context.ask(lambda: look.search(from_ms=since_ms, limit=200))
        if isinstance(found, Lost):
            return
        rows = [(str(card.show_id), house_row(card, context.say)) for card in found]
        self.query_one("#shows", Walk).fill(rows)
        marked = self.query_one("#shows", Walk).marked
        if marked is not None and (not shows or int(marked) in shows):
            await self._look()

    async def _look(self) -> None:
        marked, context = self.query_one("#shows", Walk).marked, self.context
        if marked is None:
            return
        look, show_id = context.givens.office.look, int(marked)
        show = await context.ask(lambda: look.show(show_id))
        methods = await context.ask(lambda: look.methods(show_id))
        if show is None or isinstance(show, Lost) or isinstance(methods, Lost):
            return
        now_ms = context.now_ms()
        rates = self._rates.setdefault(show_id, Rates())
        rates.see(show.valid, now_ms)
        self.query_one("#whole", Static).update(whole_text(show, context.say))
        self.query_one("#rate", Sparkline).data = rates.plot(now_ms)
        takings = takings_text(methods, show.card.currency, context.say)
        self.query_one("#takings", Static).update(Content(takings))


def whole_text(show: ShowView, say: Speech) -> Content:
    """Write a show whole: its tiers, quotas, line and calls."""
    card = show.card
    when = say.stamp(card.starts_ms, card.time_zone)
    parts: list[tuple[str, str] | str] = [
        (card.title, "bold"),
        f"\n{when} · {say.text(STATUSES[card.status])}\n",
    ]
    for tier in show.tiers:
        drawn = bar((("█", tier.sold), ("▒", tier.held), ("░", tier.kept)), tier.capacity)
        counts = say.text(
            "sold {sold} held {held} kept {kept} free {free}",
            sold=tier.sold,
            held=tier.held,
            kept=tier.kept,
            free=tier.free,
        )
        parts.append(f"\n{tier.name[:20]:<20} {drawn}\n  {counts}")
    quotas = quotas_text(show, say)
    parts.append(f"\n{quotas}" if quotas else "")
    line = say.text(
        "lobby {lobby}   in line {waiting}   called or choosing {opened}   paying {paying}",
        lobby=show.lobby,
        waiting=show.waiting,
        opened=show.opened,
        paying=show.paying,
    )
    parts.append(f"\n\n{line}")
    return Content.assemble(*parts)


def takings_text(methods: tuple[Total, ...], currency: str, say: Speech) -> str:
    """Write what was taken and given back by method."""
    lines = [
        f"{method_name(say, total.method):<12}{say.money(total.taken_minor, currency):>16}"
        f"{say.money(-total.returned_minor, currency):>16}"
        for total in methods
    ]
    taken, back = say.text("taken"), say.text("given back")
    head = f"{'':<12}{taken:>16}{back:>16}"
    return "\n".join([head, *lines]) if lines else say.text("Nothing taken yet.")
