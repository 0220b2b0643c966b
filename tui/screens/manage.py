"""Manage: the shows on the catalogue; publish, open, pause and cancel them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from core.caretaker import Caretaker
from core.catalogue import ShowDraft
from core.draw import seed_digest
from core.outcomes import Malformed, Published, SaleNow, Taken
from core.plain import from_plain
from core.requests import CancelShow, Publish
from core.sale import OVER, Status
from core.terms import ALREADY_OPEN_MS
from core.views import ShowCard, ShowView
from language import Speech, msgid
from tui import manager_commands as can
from tui.commands import Command, ReadBack, ReadOn
from tui.context import Context, Lost
from tui.moves import FillForm
from tui.printing.slips import method_name
from tui.problems import problem_text
from tui.screens.changing import Sorted, Wanted, agreed, change, sort_out
from tui.screens.dialogues import AskPath, AskText, Confirm, Reading
from tui.screens.house import whole_text
from tui.screens.place import Place
from tui.screens.running import pause_or_resume
from tui.widgets.lists import Walk
from tui.words import STATUSES, refusal, told_text

_HOUR_MS = 3_600_000
_SHOWS_MOST = 200
_DIGEST_SHOWN = 16


def managed_row(card: ShowCard, say: Speech) -> Content:
    """Write a show in the list: its title, when it is, how its sale stands."""
    when = say.stamp(card.starts_ms, card.time_zone)
    status = say.text(STATUSES[card.status])
    return Content.assemble((card.title[:30], "bold"), f"\n  {when}\n  {status}")


def terms_text(show: ShowView, say: Speech) -> str:
    """Write when and how a show is sold."""
    terms = json.loads(show.plain)["terms"]
    zone = show.card.time_zone
    opens_ms, lobby_ms = terms["sale_opens_ms"], terms["lobby_opens_ms"]
    opens = say.text("at once")
    if opens_ms != ALREADY_OPEN_MS:
        opens = say.stamp(opens_ms, zone)
    lines = [
        f"{show.card.slug} · {show.card.venue}, {show.card.city}",
        say.text(
            "Sale: opens {opens}, closes {closes}",
            opens=opens,
            closes=say.stamp(terms["sale_closes_ms"], zone),
        ),
    ]
    if lobby_ms is not None:
        lines.append(say.text("Lobby from {at}, then a draw", at=say.stamp(lobby_ms, zone)))
    lines.append(say.text("At most {n} tickets a person", n=terms["limit_per_customer"]))
    lines.append(say.text("Draw committed to: {seed}…", seed=show.seed_digest[:_DIGEST_SHOWN]))
    return "\n".join(lines)


class Manage(Place):
    """The shows, for managers."""

    NAMED = msgid("Manage")
    ABOUT = msgid(
        "The shows on the catalogue. N writes a new one, E changes the marked one, L begins with a "
        "copy of it, I takes a file. What would change of a published show is shown first, with "
        "who is told. O opens a sale before its time, S pauses it, X cancels the show and refunds "
        "everyone. C: clerks and their roles. M: messages that did not arrive."
    )
    CAN = (
        *(can.NewShow, can.EditShow, can.LikeThis, can.ImportShows, can.OpenNow, can.Hold),
        *(can.CancelShow, can.GoClerks, can.GoFailed, ReadOn, ReadBack),
    )
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.show: ShowView | None = None
        givens = context.givens
        self._caretaker = Caretaker(givens.office, givens.signer)

    def body(self) -> Iterator[Widget]:
        """Yield the shows, and the one that is marked."""
        with Horizontal():
            with Vertical(classes="found"):
                yield Walk(id="shows", markup=False)
            with VerticalScroll(classes="main", can_focus=False):
                yield Static(id="whole", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Show the catalogue."""
        self.query_one("#shows", Walk).focus()
        self.arrive()

    def allows(self, command: type[Command]) -> bool:
        """What makes sense for the marked show as it stands."""
        status = self.show.card.status if self.show else ""
        if command is can.OpenNow:
            return status == Status.PUBLISHED
        if command is can.Hold:
            return status in {Status.OPEN, Status.PAUSED}
        if command in {can.CancelShow, can.EditShow}:
            return status not in {"", Status.CANCELLED}
        return command is not can.LikeThis or self.show is not None

    @on(Walk.OptionHighlighted, "#shows")
    def _marked(self) -> None:
        self.aside(self._look)

    async def changed(self, shows: frozenset[int]) -> None:
        """Look at the catalogue again."""
        del shows
        context = self.context
        look, since_ms = context.givens.office.look, context.now_ms() - 6 * _HOUR_MS
        found = await context.ask(lambda: look.search(from_ms=since_ms, limit=_SHOWS_MOST))
        if isinstance(found, Lost):
            return
        rows = [(str(card.show_id), managed_row(card, context.say)) for card in found]
        self.query_one("#shows", Walk).fill(rows)
        await self._look()

    async def _look(self) -> None:
        """Show the marked show as it stands now."""
        marked, context = self.query_one("#shows", Walk).marked, self.context
        look, whole = context.givens.office.look, self.query_one("#whole", Static)
        show = None if marked is None else await context.ask(lambda: look.show(int(marked)))
        if isinstance(show, Lost):
            return
        self.show = show
        if show is None:
            whole.update(Content(context.say.text("No show yet: N writes one, I takes a file.")))
        else:
            terms = terms_text(show, context.say)
            whole.update(Content.assemble(whole_text(show, context.say), f"\n\n{terms}"))
        self.refresh_bindings()

    # Publishing.

    @on(can.NewShow)
    def _new(self) -> None:
        self.post_message(FillForm({}))

    @on(can.EditShow)
    @on(can.LikeThis)
    def _write(self, message: can.EditShow | can.LikeThis) -> None:
        if self.show is not None:
            draft = from_plain(json.loads(self.show.plain))
            values = self.context.givens.catalogue.as_form(draft)
            if isinstance(message, can.LikeThis):
                values["slug"] = ""
            self.post_message(FillForm(values))

    @on(can.ImportShows)
    @work(exclusive=True)
    async def _import(self) -> None:
        context, say = self.context, self.context.say
        given = await self.question(AskPath(context, say.text("File of shows:")))
        if given is None:
            return
        catalogue, now_ms = context.givens.catalogue, context.now_ms()
        drafts, problems = await asyncio.to_thread(
            lambda: catalogue.from_file(Path(given).expanduser(), now_ms)
        )
        if problems:
            head = say.plural(
                "Nothing was published: {n} problem.",
                "Nothing was published: {n} problems.",
                len(problems),
            )
            told = "\n".join(f"✗ {one.where}\n  {problem_text(one, say)}" for one in problems)
            await self.question(Reading(context, head, told))
            return
        found = await sort_out(context, drafts)
        if isinstance(found, Lost):
            self.notice(refusal(found, None, say), bad=True)
        elif not found.new and not found.changes:
            self.notice(say.text("Nothing differs from what is published."))
        elif await self._sure(found):
            await self.publish(found.new, found.changes)

    async def _sure(self, found: Sorted) -> bool:
        say, new = self.context.say, found.new
        if new:
            names = "\n".join(f"· {draft.title}" for draft in new[:10])
            more = "\n…" if len(new) > 10 else ""  # noqa: PLR2004 - as many as fit
            head = say.plural("Publish {n} show?", "Publish {n} shows?", len(new))
            if not await self.question(Confirm(self.context, f"{head}\n{names}{more}")):
                return False
        return not found.changes or await agreed(self, found.changes)

    async def publish(self, new: tuple[ShowDraft, ...], changes: tuple[Wanted, ...]) -> str:
        """Put shows on the catalogue and change those there; return '' or what was wrong."""
        say, done, wrong = self.context.say, list[str](), ""
        if new:
            wrong = await self._put_on(new)
            done.append(say.plural("{n} show published.", "{n} shows published.", len(new)))
        if not wrong:
            refused = [await change(self.context, self._caretaker, one) for one in changes]
            wrong = "; ".join(text for text in refused if text)
            changed = refused.count("")
            if changed:
                done.append(say.plural("{n} show changed.", "{n} shows changed.", changed))
        self.notice(wrong or "✓ " + " ".join(done), bad=bool(wrong))
        await self.changed(frozenset())
        return wrong

    async def _put_on(self, drafts: tuple[ShowDraft, ...]) -> str:
        """Publish shows and open what is on sale at once; return '' or what was wrong."""
        context, say = self.context, self.context.say
        office, signer = context.givens.office, context.givens.signer
        digests = {draft.slug: seed_digest(signer.seed(draft.slug)) for draft in drafts}
        request = Publish(drafts=drafts, seed_digests=digests, actor=context.actor)
        answer = await context.ask(lambda: office.publish(request))
        if not isinstance(answer, Published):
            return _not_published(answer, say)
        now_ms = context.now_ms()
        for draft in drafts:
            if draft.terms.sale_opens_ms <= now_ms:
                show_id, actor = answer.show_ids[draft.slug], context.actor
                await context.ask(lambda s=show_id, a=actor: self._caretaker.open(s, a))
        return ""

    # Running sales.

    @on(can.OpenNow)
    @work(exclusive=True)
    async def _open(self) -> None:
        context, say, show = self.context, self.context.say, self.show
        if show is None:
            return
        asked = say.text("Open the sale of “{title}” now?", title=show.card.title)
        if show.lobby:
            asked += "\n" + say.plural(
                "{n} person waits in the lobby: the draw gives the numbers.",
                "{n} people wait in the lobby: the draw gives the numbers.",
                show.lobby,
            )
        if not await self.question(Confirm(context, asked)):
            return
        show_id, actor = show.card.show_id, context.actor
        await context.ask(lambda: self._caretaker.open(show_id, actor))
        await self._look()
        if self.show is not None:
            status = say.text(STATUSES[self.show.card.status])
            self.notice(f"{self.show.card.title}: {status}")

    @on(can.Hold)
    @work(exclusive=True)
    async def _hold(self) -> None:
        if self.show is not None:
            await pause_or_resume(self, self.show)
            await self.changed(frozenset())

    @on(can.CancelShow)
    @work(exclusive=True)
    async def _cancel(self) -> None:
        context, say, show = self.context, self.context.say, self.show
        if show is None:
            return
        why = say.text("Why is “{title}” cancelled?", title=show.card.title)
        reason = await self.question(AskText(context, why, self.needed))
        asked = None if reason is None else await self._consequences(show)
        if reason is None or asked is None:
            return
        slug = show.card.slug

        def check(text: str) -> str:
            return (
                "" if text == slug else say.text("type {slug}, or Esc: nothing happens", slug=slug)
            )

        if await self.question(AskText(context, asked, check)) is None:
            return
        request = CancelShow(show_id=show.card.show_id, reason=reason, actor=context.actor)
        office = context.givens.office
        answer = await context.ask(lambda: office.run(request))
        if isinstance(answer, SaleNow) and answer.status in OVER:
            await context.ask(lambda: self._caretaker.end(answer.show_id))
            self.notice("✓ " + say.text("Cancelled. Refunds and messages are on their way."))
        else:
            self.notice(refusal(answer, show, say), bad=True)
        await self.changed(frozenset())

    async def _consequences(self, show: ShowView) -> str | None:
        """Say what cancelling will do: whose money goes back, who is told, who can't be."""
        context, say = self.context, self.context.say
        look, show_id = context.givens.office.look, show.card.show_id
        stakes = await context.ask(lambda: look.stakes(show_id))
        methods = await context.ask(lambda: look.methods(show_id))
        if isinstance(stakes, Lost) or isinstance(methods, Lost):
            return None
        lines = [
            say.plural("{n} order is refunded:", "{n} orders are refunded:", stakes.orders),
            *(
                f"  {method_name(say, one.method)}"
                f" {say.money(one.taken_minor - one.returned_minor, show.card.currency)}"
                for one in methods
                if one.taken_minor > one.returned_minor
            ),
        ]
        lines += told_text(stakes, say)
        lines.append(say.text("It can't be undone. Type {slug} to cancel:", slug=show.card.slug))
        return "\n".join(lines)


def _not_published(answer: Malformed | Taken | Lost, say: Speech) -> str:
    if isinstance(answer, Taken):
        return say.text(
            "Another show has the slug {slug}: give this one another.", slug=answer.name
        )
    return refusal(answer, None, say)
