"""The sale as a picture in a terminal, and as plain lines where there is none.

The picture fits 80 columns and 24 lines. Every part of a bar has a sign of its own, so that
nothing is said by colour alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from app.demo.crowd import Crowd
from app.demo.links import FAST, SLOW, LinkKind
from app.demo.story import Story
from core.views import ShowView

_NAME = 15
_BAR = 30
_SUCCESS_BAR = 20
_SOLD, _HELD, _CALLED, _FREE = ("█", "green"), ("▒", "yellow"), ("○", "cyan"), ("·", "dim")
_PHASES = {
    "published": "the lobby is open",
    "drawing": "the draw",
    "open": "selling",
    "closed": "closed",
}
_LINE_EVERY_MS = 120_000

Part = tuple[int, tuple[str, str]]


class Teller(Protocol):
    """Shows a sale to whoever watches."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def event(self, at_ms: int, sentence: str) -> None:
        """Tell an event."""
        ...

    def show(self, view: ShowView, crowd: Crowd, story: Story) -> None:
        """Show how things stand."""
        ...


def sold_out(view: ShowView) -> bool:
    """Whether every ticket is sold."""
    return all(tier.sold == tier.capacity for tier in view.tiers)


def phase(view: ShowView) -> str:
    """Return what is going on, in a word or two."""
    if view.card.status == "open" and sold_out(view):
        return "all sold"
    return _PHASES.get(view.card.status, view.card.status)


def clock_text(at_ms: int, zone: str) -> str:
    """Return the time of day where the show is."""
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(ZoneInfo(zone)):%H:%M:%S}"


class Lines:
    """Plain lines: events as they come, figures every two minutes of the show's time."""

    def __init__(self, console: Console, zone: str) -> None:
        self._print: Callable[[str], None] = lambda line: console.print(
            line, markup=False, highlight=False, soft_wrap=True
        )
        self._zone = zone
        self._next_ms = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def event(self, at_ms: int, sentence: str) -> None:
        self._print(f"{clock_text(at_ms, self._zone)}  {sentence}")

    def show(self, view: ShowView, crowd: Crowd, story: Story) -> None:
        del story
        now_ms = crowd.now_ms()
        if now_ms < self._next_ms:
            return
        self._next_ms = now_ms - now_ms % _LINE_EVERY_MS + _LINE_EVERY_MS
        sold, held = sum(t.sold for t in view.tiers), sum(t.held for t in view.tiers)
        tally = crowd.tally
        self._print(
            f"{clock_text(now_ms, self._zone)}  {phase(view)}: sold {sold} of {view.card.capacity},"
            f" held {held}; lobby {view.lobby}, line {view.waiting},"
            f" buying {view.opened + view.paying};"
            f" have tickets: fast {tally.success(FAST.name):.1f} %,"
            f" slow {tally.success(SLOW.name):.1f} %",
        )


class Picture:
    """A live picture."""

    def __init__(self, console: Console, zone: str, speed: float) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._zone = zone
        self._speed = speed

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def event(self, at_ms: int, sentence: str) -> None:
        """Events are drawn from the story."""

    def show(self, view: ShowView, crowd: Crowd, story: Story) -> None:
        card, now_ms = view.card, crowd.now_ms()
        head = Text(f"{clock_text(now_ms, self._zone)}  ", style="bold")
        head.append(phase(view), style="bold reverse")
        head.append(f"  ({self._speed:.0f} times as fast)", style="dim")
        lines = [
            Text(f"{card.title} · {card.venue}, {card.city}", style="bold"),
            head,
            Text(),
            *_house(view),
            Text(),
            Text(
                f"lobby {view.lobby:,} · line {view.waiting:,} · called or choosing "
                f"{view.opened:,} · paying {view.paying:,}"
            ),
            *(_success(crowd, kind) for kind in (FAST, SLOW)),
            _traffic(crowd),
            Text(),
            *(Text(f"{clock_text(at, self._zone)}  {said}") for at, said in story.recent),
        ]
        for line in lines:
            line.no_wrap = True
            line.overflow = "ellipsis"
        self._live.update(Group(*lines), refresh=True)


def _bar(parts: list[Part], total: int, width: int) -> Text:
    """Draw parts of a total; whoever is there at all is seen."""
    text, drawn, before = Text(), 0, 0
    for count, (sign, style) in parts:
        before += count
        until = max(round(before * width / total), drawn + bool(count))
        until = min(until, width)
        text.append(sign * (until - drawn), style=style)
        drawn = max(drawn, until)
    text.append(_FREE[0] * (width - drawn), style=_FREE[1])
    return text


def _house(view: ShowView) -> list[Text]:
    lines: list[Text] = []
    for tier in view.tiers:
        line = Text(f"{tier.name[: _NAME - 1]:<{_NAME}}")
        line.append_text(_bar([(tier.sold, _SOLD), (tier.held, _HELD)], tier.capacity, _BAR))
        left = tier.capacity - tier.sold - tier.held
        line.append(f"  sold {tier.sold:>4}  held {tier.held:>3}  left {left:>4}")
        lines.append(line)
    sold, held = sum(t.sold for t in view.tiers), sum(t.held for t in view.tiers)
    whole = Text(f"{'House':<{_NAME}}", style="bold")
    parts: list[Part] = [(sold, _SOLD), (held, _HELD), (view.promised, _CALLED)]
    whole.append_text(_bar(parts, view.card.capacity, _BAR))
    whole.append(f"  sold {sold:>4}  held {held:>3}  called {view.promised:>3}")
    signs = Text(" " * _NAME)
    names = ("sold", "in a basket", "promised to a call", "left")
    for (sign, style), name in zip((_SOLD, _HELD, _CALLED, _FREE), names, strict=True):
        signs.append(sign, style=style)
        signs.append(f" {name}   ", style="dim")
    return [*lines, whole, signs]


def _success(crowd: Crowd, kind: LinkKind) -> Text:
    tally = crowd.tally
    text = Text(f"{kind.name} links ({kind.label})".ljust(_NAME + 15))
    count, of = tally.served[kind.name], tally.fans[kind.name]
    text.append_text(_bar([(count, _SOLD)], max(of, 1), _SUCCESS_BAR))
    text.append(f"  {count:,} of {of:,}: {tally.success(kind.name):.1f} %")
    return text


def _traffic(crowd: Crowd) -> Text:
    tally = crowd.tally
    return Text(
        f"requests {tally.requests:,} · sent again {tally.repeated:,} · lost {tally.lost:,}"
        f" · vanished {tally.vanished} · gave back {tally.refunds}",
        style="dim",
    )
