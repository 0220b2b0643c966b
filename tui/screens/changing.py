"""Shows that are on the catalogue already: what would change, who is told of it, whether to."""

import json
from dataclasses import dataclass

from core.caretaker import Caretaker
from core.catalogue import ShowDraft
from core.changing import Difference, differences
from core.outcomes import Changed, Unchangeable
from core.plain import from_plain
from core.requests import Change
from core.sale import Status
from core.terms import ALREADY_OPEN_MS
from core.views import ShowView
from language import Speech, msgid
from tui.context import Context, Lost
from tui.problems import retold
from tui.screens.dialogues import Reading
from tui.screens.place import Place
from tui.showform import FIELDS, NAMES
from tui.words import refusal, told_text

_AN_INSTANT_MS = 10**11
"""What is less is a length of time."""
_SHOWN = 60
_TOLD = frozenset({"starts_ms", "doors_ms"})
"""What people are told of, and all of the venue."""
_KINDS = {"quotas": "quota", "tiers": "tier", "fares": "fare", "allotments": "allotment"}
_WHOLE = {
    "slug": msgid("Slug"),
    "status": msgid("Sale"),
    "tiers": msgid("Tiers and fares"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A show as it stands, as it is to be, and what differs."""

    show: ShowView
    draft: ShowDraft
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """Drafts that are new, those that change what is published, and how many change nothing."""

    new: tuple[ShowDraft, ...]
    changes: tuple[Wanted, ...]
    same: int


async def sort_out(context: Context, drafts: tuple[ShowDraft, ...]) -> Sorted | Lost:
    """Find which of the shows are there already, and what of them differs."""
    look = context.givens.office.look
    new: list[ShowDraft] = []
    changes: list[Wanted] = []
    for draft in drafts:
        show_id = await context.ask(lambda slug=draft.slug: look.show_id(slug))
        if isinstance(show_id, Lost):
            return show_id
        show = None
        if show_id is not None:
            show = await context.ask(lambda known=show_id: look.show(known))
        if isinstance(show, Lost):
            return show
        if show is None:
            new.append(draft)
        elif differ := differences(from_plain(json.loads(show.plain)), draft):
            changes.append(Wanted(show, draft, differ))
    return Sorted(tuple(new), tuple(changes), len(drafts) - len(new) - len(changes))


async def agreed(place: Place, changes: tuple[Wanted, ...]) -> bool:
    """Show what would change and who is told, and ask. Only within a worker."""
    context, say = place.context, place.context.say
    told: list[str] = []
    for one in changes:
        card = one.show.card
        told.append(f"{card.title} ({card.slug})")
        told += [line for differs in one.differences for line in _line(differs, one.draft, say)]
        stakes = await context.ask(
            lambda show_id=card.show_id: context.givens.office.look.stakes(show_id)
        )
        if isinstance(stakes, Lost):
            place.notice(refusal(stakes, None, say), bad=True)
            return False
        if any(d.field in _TOLD or d.field.startswith("venue.") for d in one.differences):
            told += told_text(stakes, say)
        else:
            told.append(say.text("Nobody is told: date, doors and place stay."))
        told.append("")
    head = say.plural(
        "This show is published already. Change it?",
        "{n} shows are published already. Change them?",
        len(changes),
    )
    return bool(await place.question(Reading(context, head, "\n".join(told), asks=True)))


def _line(differs: Difference, draft: ShowDraft, say: Speech) -> list[str]:
    was, now = (_said(differs.field, value, draft, say) for value in (differs.was, differs.now))
    return [] if was == now else [f"  {field_name(differs.field, say)}: {was} → {now}"]


def field_name(path: str, say: Speech) -> str:
    """Name a field as the form does, after the tier and fare it is of."""
    named = path.removeprefix("terms.").removesuffix("_ms").removesuffix("_minor")
    labels = {one.key: one.label for kind in ("show", "more", "rare") for one in FIELDS[kind]}
    label = labels.get(named) or _WHOLE.get(named)
    if label is not None:
        return say.text(label)
    top, _, rest = path.partition(".")
    kind = next((k for k in ("fares", "allotments") if f".{k}." in rest), top)
    if kind not in _KINDS:
        return path
    home, _, key = rest.rpartition(".")
    key = key.removesuffix("_ms").removesuffix("_minor")
    label = next((one.label for one in FIELDS[_KINDS[kind]] if one.key == key), None)
    parts = (home if label else rest).replace(f".{kind}.", " · ")
    thing = NAMES[_KINDS[kind]]
    return f"{parts} · {say.text(label)}" if label else f"{say.text(thing)} {parts}"


def _said(field: str, value: object, draft: ShowDraft, say: Speech) -> str:
    match value:
        case None | False | "":
            return "–"
        case True:
            return say.text("yes")
        case int() if field.endswith("_minor"):
            return say.money(value, draft.currency)
        case int() if field.endswith("_ms") and value == ALREADY_OPEN_MS:
            return say.text("at once")
        case int() if field.endswith("_ms") and value < _AN_INSTANT_MS:
            return say.span(value)
        case int() if field.endswith("_ms"):
            return say.stamp(value, draft.venue.time_zone)
        case _:
            text = str(value)
            return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


async def change(context: Context, caretaker: Caretaker, one: Wanted) -> str:
    """Make a show what it is to be; return '' or what is in the way."""
    office, show_id, say = context.givens.office, one.show.card.show_id, context.say
    request = Change(show_id=show_id, draft=one.draft, actor=context.actor)
    answer = await context.ask(lambda: office.change(request))
    if isinstance(answer, Unchangeable):
        named = field_name(answer.field, say)
        return f"{one.show.card.slug}: {named}: {retold(answer.advice, say)}"
    if not isinstance(answer, Changed):
        return refusal(answer, one.show, say)
    due = one.draft.terms.sale_opens_ms <= context.now_ms()
    if due and one.show.card.status == Status.PUBLISHED:
        await context.ask(lambda: caretaker.open(show_id, context.actor))
    return ""
