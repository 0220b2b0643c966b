"""The play: one evening's sale, from the lobby to the honest end, on the sample catalogue."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from app.clock import SystemClock
from app.demo.chance import Chance
from app.demo.crowd import Crowd
from app.demo.fans import Fan, Habits
from app.demo.links import FAST, SLOW, Link
from app.demo.picture import Teller, sold_out
from app.demo.stage import Stage, set_stage
from app.demo.story import Story
from app.demo.tally import Tally
from app.demo.timeline import Timeline
from core.catalogue import ShowDraft
from core.ports import Clock
from core.requests import CloseSale, ReleaseAllotment
from core.sale import Status
from core.terms import HOUR_MS, MINUTE_MS, SECOND_MS
from core.views import ShowView
from data.files import read_catalogue

SLUG = "o-relojoeiro-sexta"
SPAN_MS = 42 * MINUTE_MS
"""How long the play lasts in its own time, at most."""
_OPENS_MS = 5 * MINUTE_MS
_LOBBY_SHARE = 0.85
_LOBBY_MS = 4 * MINUTE_MS
_LATE_MS = 8 * MINUTE_MS
_RELEASE_MS = 12 * MINUTE_MS
_CLOSES_MS = 22 * MINUTE_MS
"""From here the manager closes as soon as all is sold."""
_CLOSES_LAST_MS = 34 * MINUTE_MS
_LOOKS_MS = 30 * SECOND_MS
_CALLS_MAX = 80
_WINDOW_MS = 1_000
_WINDOW_MAX_MS = 4_000
_BEHIND_MS = 1_000
_FRAME_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the play ended: the office's own figures, and the onlooker's."""

    show: ShowView
    tally: Tally
    refunded: int
    """Tickets given back, as the office's takings have it."""

    @property
    def sold(self) -> int:
        """Tickets sold and not given back."""
        return self.show.valid

    @property
    def oversold(self) -> int:
        """Tickets held or sold beyond the capacity of their tier."""
        return sum(max(0, t.held + t.sold - t.capacity) for t in self.show.tiers)

    @property
    def inversions(self) -> int:
        """People served before somebody with a lower number who still waited."""
        return self.tally.order.inversions()


def start_ms(clock: Clock) -> int:
    """Return when the play begins in its own time: a full hour that leaves all of it in the past.

    A database that is kept then holds nothing of the future.
    """
    now_ms = clock.now_ms() - SPAN_MS
    return now_ms - now_ms % HOUR_MS


def sample(now_ms: int) -> tuple[ShowDraft, ...]:
    """Return the sample catalogue, the play's show with a lobby that opens now."""
    with as_file(files("data") / "sample" / "sample.toml") as path:
        drafts, problems = read_catalogue(path, now_ms=now_ms)
    assert drafts, f"the sample catalogue can't be read: {problems}"
    return tuple(_staged(draft, now_ms) if draft.slug == SLUG else draft for draft in drafts)


def _staged(draft: ShowDraft, now_ms: int) -> ShowDraft:
    terms = replace(
        draft.terms,
        lobby_opens_ms=now_ms,
        sale_opens_ms=now_ms + _OPENS_MS,
        calls_max=_CALLS_MAX,
        choosing_ms=5 * MINUTE_MS,
        paying_ms=6 * MINUTE_MS,
        retry_ms=3 * MINUTE_MS,
        session_max_ms=15 * MINUTE_MS,
    )
    return replace(draft, terms=terms)


async def play(path: Path, *, begins_ms: int, fans: int, seed: int, pace: "Pace") -> Ending:
    """Play it on a new database file at `path`."""
    timeline = Timeline(begins_ms, _WINDOW_MS)
    async with set_stage(path, timeline, seed) as stage:
        show = await stage.publish(sample(begins_ms), SLUG)
        crowd = Crowd(stage.office, stage.caretaker, timeline, show)
        story = Story(timeline.now_ms, pace.teller.event)
        crowd.on_event = story.hear
        await _invite(stage, crowd, fans, seed)
        _manage(stage, crowd, story, show)
        async with pace.shown(stage, crowd, story):
            await crowd.run(begins_ms + SPAN_MS, pace)
        after = await stage.office.look.show(crowd.show_id)
        takings = await stage.office.look.takings(crowd.show_id)
    assert after is not None, "a show stays"
    return Ending(show=after, tally=crowd.tally, refunded=sum(t.refunded for t in takings))


async def _invite(stage: Stage, crowd: Crowd, fans: int, seed: int) -> None:
    """Have the fans come: most to the lobby, some after the opening."""
    names = [f"fan-{no:04}" for no in range(1, fans + 1)]
    await stage.register(names)
    now_ms = crowd.now_ms()
    for no, name in enumerate(names):
        chance = Chance(seed, name)
        fan = Fan(crowd, name, Link(SLOW if no % 2 else FAST, chance), chance, Habits())
        early = chance.happens(_LOBBY_SHARE)
        after_ms = chance.between(0, _LOBBY_MS if early else _LATE_MS)
        crowd.enter(fan, now_ms + after_ms + (0 if early else _OPENS_MS))


def _manage(stage: Stage, crowd: Crowd, story: Story, show: ShowView) -> None:
    """Plan what the manager does: give the window's tickets to the line, and close."""
    timeline, run = crowd.timeline, stage.office.run

    def release() -> None:
        for kept in show.allotments:
            request = ReleaseAllotment(
                show_id=crowd.show_id, tier_no=kept.tier_no, channel=kept.channel
            )
            timeline.ask(run(request), lambda _: None)
            story.say(f"the manager gives {kept.quantity} tickets of the window to the line")

    last_ms = timeline.now_ms() + _CLOSES_LAST_MS

    def look() -> None:
        timeline.ask(stage.office.look.show(crowd.show_id), close_or_wait)

    def close_or_wait(view: ShowView) -> None:
        if view.card.status != Status.CLOSED:
            if sold_out(view) or timeline.now_ms() >= last_ms:
                timeline.ask(run(CloseSale(show_id=crowd.show_id)), lambda _: None)
        elif not (view.waiting or view.opened or view.paying):
            crowd.over = True
        timeline.after(_LOOKS_MS, look)

    timeline.after(_OPENS_MS, lambda: story.say("the sale opens: the lobby is drawn"))
    timeline.after(_RELEASE_MS, release)
    timeline.after(_CLOSES_MS, look)


class Pace:
    """Holds the play back to a speed, for whoever watches; `seconds` 0: as fast as it goes.

    A machine that can't keep up gathers more requests in a batch, as an office under load does.
    """

    def __init__(self, teller: Teller, seconds: float) -> None:
        self.teller = teller
        self._clock = SystemClock()
        self._span_ms = seconds * SECOND_MS
        self._began_ms = 0
        self._first_ms: int | None = None
        self._timeline: Timeline | None = None

    async def __call__(self, next_ms: int) -> None:
        """Wait until it is time for what happens at `next_ms`."""
        if self._first_ms is None:
            self._first_ms, self._began_ms = next_ms, self._clock.now_ms()
        if not self._span_ms or self._timeline is None:
            await asyncio.sleep(0)
            return
        due_ms = (next_ms - self._first_ms) * self._span_ms / SPAN_MS
        ahead_ms = due_ms - (self._clock.now_ms() - self._began_ms)
        behind = ahead_ms < -_BEHIND_MS
        window_ms = self._timeline.window_ms * 2 if behind else _WINDOW_MS
        self._timeline.window_ms = min(window_ms, _WINDOW_MAX_MS)
        await asyncio.sleep(max(0.0, ahead_ms / SECOND_MS))

    @contextlib.asynccontextmanager
    async def shown(self, stage: Stage, crowd: Crowd, story: Story) -> AsyncGenerator[None]:
        """Show how things stand a few times a second, and once more at the end."""
        self._timeline = crowd.timeline

        async def show() -> None:
            view = await stage.office.look.show(crowd.show_id)
            if view is not None:
                self.teller.show(view, crowd, story)

        async def keep_showing() -> None:
            while True:
                await show()
                await asyncio.sleep(_FRAME_S)

        showing = asyncio.create_task(keep_showing())
        try:
            yield
        finally:
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing
        await show()
