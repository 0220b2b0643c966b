"""The form of a show: every field checked as it is typed, by the rules of the catalogue."""

from collections.abc import Iterator
from typing import ClassVar, cast

from textual import events, on, work
from textual.app import App
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from core.catalogue import ShowDraft
from core.terms import ALREADY_OPEN_MS, Problem
from language import msgid
from tui import manager_commands as can
from tui.commands import Command
from tui.context import Context, Lost
from tui.moves import PublishDraft
from tui.problems import problem_text
from tui.screens.changing import Wanted, agreed, sort_out
from tui.screens.dialogues import Confirm, Pick
from tui.screens.place import Place
from tui.showform import FIELDS, NAMES, Part, Value, blank, form_of
from tui.widgets.rows import Row
from tui.words import refusal

_PARTS_IN = {"show": ("tier", "quota"), "tier": ("fare", "allotment")}


class ShowForm(Place):
    """A show that is being written."""

    NAMED = msgid("Show")
    ABOUT = msgid(
        "A show, field by field. ↑, ↓ and Enter go from one to the next; below stands what to "
        "write, or what is wrong. Ctrl+O adds a tier, a fare, tickets kept for a channel or a "
        "quota; Ctrl+R removes the part in which you are. Ctrl+S publishes it; a show that has "
        "this slug already is changed, after a look at what differs. Escape goes back to the "
        "shows, and what you wrote waits here."
    )
    CAN = (can.PublishShow, can.AddPart, can.DropPart, can.Back)
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.form = form_of({})
        self._begun_as: dict[str, Value] = self.form.all_values()
        self._problems: dict[str, Problem] = {}
        self._draft: ShowDraft | None = None
        self._rare = False
        """Whether what is rarely set stands in the form."""
        self._kind = ""
        """In what kind of part the cursor stands."""
        self._tried = False
        """Whether publishing was asked for: from then on empty fields are marked too."""

    def body(self) -> Iterator[Widget]:
        """Yield the rows, and what is said of the one with the cursor."""
        yield VerticalScroll(id="form", can_focus=False)
        yield Static(classes="notice", id="notice", markup=False)

    def allows(self, command: type[Command]) -> bool:
        """Only parts can be removed, not the show itself."""
        if command is can.DropPart:
            row = self._row()
            return row is not None and row.part.kind != "show"
        return True

    # What stands in the form.

    @property
    def begun(self) -> bool:
        """Whether something was written that is not published yet."""
        return self.form.all_values() != self._begun_as

    @work(exclusive=True, group="begin")
    async def ask_anew(self, values: dict[str, Value]) -> None:
        """Go on with the show that is half written, or begin anew with these values."""
        say = self.context.say
        title = str(self.form.values["title"]) or "–"
        rows = [
            ("on", say.text("Go on with “{title}”", title=title)),
            ("anew", say.text("Let go of it and begin anew")),
        ]
        if await self.question(Pick(self.context, say.text("A show is begun."), rows)) == "anew":
            await self.clear(values)

    async def clear(self, values: dict[str, Value]) -> None:
        """Forget what was written and begin with these values."""
        self.form = form_of({"venue.time_zone": self.context.givens.time_zone, **values})
        self._begun_as, self._tried, self._rare = self.form.all_values(), False, False
        await self.lay_out()

    async def lay_out(self, focus: str = "title") -> None:
        """Show the parts as they are now, with the cursor at a field."""
        say = self.context.say
        shown: list[Widget] = []
        for path, part in self.form.below():
            if path:
                number = int(path.rpartition("[")[2].rstrip("]")) + 1
                shown.append(Static(f"{say.text(NAMES[part.kind])} {number}", classes="part"))
            shown += [Row(path, part, asked, say) for asked in FIELDS[part.kind]]
        self._rare = self._rare or any(self.form.values[one.key] for one in FIELDS["rare"])
        for kind in ("more", "rare") if self._rare else ("more",):
            named = NAMES[kind]
            shown.append(Static(say.text(named), classes="part"))
            shown += [Row("", self.form, asked, say) for asked in FIELDS[kind]]
        body = self.query_one("#form", VerticalScroll)
        with cast("App[None]", self.app).batch_update():
            await body.remove_children()
            await body.mount_all(shown)
        self.check()
        self.go_to(focus)

    def _rows(self) -> list[Row]:
        return list(self.query(Row))

    def _row(self) -> Row | None:
        """Return the row with the cursor."""
        return next((row for row in self._rows() if row.field.has_focus), None)

    def go_to(self, path: str) -> None:
        """Put the cursor at a field, or at the first one of a part."""
        for row in self._rows():
            if row.path == path or row.path.startswith((f"{path}.", f"{path}[")):
                self.set_focus(row.field)
                return

    # Checks.

    @on(Row.Filled)
    def _filled(self) -> None:
        self.check()

    def check(self) -> None:
        """Read the form as it stands, mark what is wrong, say what is so of the cursor's field."""
        catalogue, now_ms = self.context.givens.catalogue, self.context.now_ms()
        self._draft, problems = catalogue.from_form(self.form.all_values(), now_ms)
        self._problems = {}
        for problem in problems:
            self._problems.setdefault(problem.where, problem)
        for row in self._rows():
            touched = self._tried or bool(row.part.values.get(row.asked.key))
            row.mark(wrong=touched and row.path in self._problems)
        self.tell()

    def tell(self) -> None:
        """Say what is wrong with the field under the cursor, or what to write there."""
        row, say = self._row(), self.context.say
        left = len(self._problems)
        if row is None:
            return
        problem = self._problems.get(row.path)
        if problem is not None and (self._tried or row.part.values.get(row.asked.key)):
            self.notice(problem_text(problem, say), bad=True)
            return
        hint = say.text(row.asked.hint)
        todo = say.plural("{n} field to fill in or mend", "{n} fields to fill in or mend", left)
        self.notice(hint + (f"   ({todo})" if left else "   ✓ " + say.text("Ctrl+S publishes")))

    def on_descendant_focus(self) -> None:
        """Say what the field under the cursor is for."""
        self.tell()
        row = self._row()
        kind = row.part.kind if row is not None else ""
        if kind != self._kind:
            self._kind = kind
            self.refresh_bindings()

    def on_key(self, event: events.Key) -> None:
        """Go from field to field."""
        if event.key not in {"down", "enter", "up"}:
            return
        if event.key == "up":
            self.focus_previous()
        else:
            self.focus_next()
        event.stop()
        event.prevent_default()

    # What is done with it.

    @on(can.AddPart)
    @work(exclusive=True)
    async def _add(self) -> None:
        say, row = self.context.say, self._row()
        tier = self._tier_of(row.part) if row is not None else None
        rows = [(kind, say.text(NAMES[kind])) for kind in _PARTS_IN["show"]]
        if tier is not None:
            named = str(tier.values["name"]) or say.text(NAMES["tier"])
            rows += [
                (kind, say.text("{part} of “{tier}”", part=say.text(NAMES[kind]), tier=named))
                for kind in _PARTS_IN["tier"]
            ]
        if not self._rare:
            named = NAMES["rare"]
            rows.append(("rare", say.text(named)))
        kind = await self.question(Pick(self.context, say.text("Add what?"), rows))
        if kind is None:
            return
        if kind == "rare":
            self._rare = True
            await self.lay_out(FIELDS[kind][0].key)
            return
        home = self.form if kind in _PARTS_IN["show"] or tier is None else tier
        part = blank(kind)
        home.parts.append(part)
        await self.lay_out(next(path for path, one in self.form.below() if one is part))

    def _tier_of(self, part: Part) -> Part | None:
        """Return the tier that a part is or is in; for the show, its last."""
        tiers = [one for one in self.form.parts if one.kind == "tier"]
        holding = [one for one in tiers if one is part or any(p is part for p in one.parts)]
        return next(iter(holding or tiers[-1:]), None)

    @on(can.DropPart)
    @work(exclusive=True)
    async def _drop(self) -> None:
        row, say = self._row(), self.context.say
        if row is None or row.part.kind == "show":
            return
        name = str(row.part.values.get("name") or row.part.values.get("channel") or "")
        part = f"{say.text(NAMES[row.part.kind])} “{name}”"
        if not await self.question(Confirm(self.context, say.text("Remove {part}?", part=part))):
            return
        for _, home in self.form.below():
            home.parts = [one for one in home.parts if one is not row.part]
        await self.lay_out()

    @on(can.PublishShow)
    @work(exclusive=True)
    async def _publish(self) -> None:
        self._tried = True
        self.check()
        say, draft = self.context.say, self._draft
        if draft is None or self._problems:
            where, problem = next(iter(self._problems.items()))
            self.go_to(where)
            self.notice(problem_text(problem, say), bad=True)
            return
        found = await sort_out(self.context, (draft,))
        if isinstance(found, Lost):
            self.notice(refusal(found, None, say), bad=True)
        elif found.same:
            self.notice(say.text("Nothing differs from what is published."))
        elif await self._sure(draft, found.changes):
            self.post_message(PublishDraft(draft, found.changes))

    async def _sure(self, draft: ShowDraft, changes: tuple[Wanted, ...]) -> bool:
        """Ask, with what will be."""
        if changes:
            return await agreed(self, changes)
        say, zone = self.context.say, draft.venue.time_zone
        count = sum(tier.capacity for tier in draft.tiers)
        opens = say.text("at once")
        if draft.terms.sale_opens_ms != ALREADY_OPEN_MS:
            opens = say.stamp(draft.terms.sale_opens_ms, zone)
        asked = "\n".join(
            (
                say.text("Publish “{title}”?", title=draft.title),
                f"{say.stamp(draft.starts_ms, zone)} · {draft.venue.name}, {draft.venue.city}",
                say.plural("{n} ticket", "{n} tickets", count),
                say.text("The sale opens: {opens}", opens=opens),
                say.text("People see it from then on, and its seed is committed to."),
            )
        )
        return bool(await self.question(Confirm(self.context, asked)))
