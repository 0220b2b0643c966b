"""An import of shows that are there already: what would change, whether to, and doing it."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import typer

from app.cli.frame import Refused, say
from app.cli.words import amount, local_time
from core.changing import Difference, differences
from core.draw import seed_digest
from core.outcomes import Changed, Malformed, Published
from core.plain import from_plain
from core.requests import Change, Publish

if TYPE_CHECKING:
    from app.wiring import Open
    from core.catalogue import ShowDraft

_AN_INSTANT_MS: Final = 10**11
"""What is less is a length of time."""
_TEXT_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """A show as it is to be, and what differs from how it is."""

    show_id: int
    draft: "ShowDraft"
    differences: tuple[Difference, ...]


@dataclass(slots=True)
class Imported:
    """What an import came to, by slug."""

    shows: dict[str, int] = field(default_factory=dict[str, int])
    unchanged: list[str] = field(default_factory=list[str])
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """What changed of each."""
    told: list[str] = field(default_factory=list[str])
    """Shows of which people are told that they changed."""


async def find_changes(an_office: "Open", drafts: "tuple[ShowDraft, ...]") -> list[Wanted]:
    """Return the shows that are there already and that the file has otherwise."""
    found: list[Wanted] = []
    for draft in drafts:
        show_id = await an_office.look.show_id(draft.slug)
        known = await an_office.look.show(show_id) if show_id is not None else None
        if known is None or known.card.slug != draft.slug:
            continue
        differ = differences(from_plain(json.loads(known.plain)), draft)
        if differ:
            found.append(Wanted(known.card.show_id, draft, differ))
    return found


def ask_for(changes: list[Wanted], language: str, *, as_json: bool) -> None:
    """Show what would change, and go on only if that is wanted."""
    if as_json:
        listed = {
            one.draft.slug: [
                {"field": d.field, "was": d.was, "now": d.now} for d in one.differences
            ]
            for one in changes
        }
        raise Refused(
            "shows that are there already would change: nothing was done; say --yes to change them",
            facts={"changes": listed},
        )
    for one in changes:
        say(f"{one.draft.slug}, which is there already, would change:")
        for differs in one.differences:
            was, now = (
                _said(differs.field, v, one.draft, language) for v in (differs.was, differs.now)
            )
            say(f"  {differs.field}: {was} -> {now}")
    typer.confirm("Change what is published?", abort=True)


def _said(name: str, value: object, draft: "ShowDraft", language: str) -> str:
    if value is None:
        return "none"
    if name.endswith("_minor") and isinstance(value, int):
        return amount(value, draft.currency, language)
    if name.endswith("_ms") and isinstance(value, int):
        if value < _AN_INSTANT_MS:
            return f"{value / 1_000:g} s"
        return local_time(value, draft.venue.time_zone, language)
    text = str(value)
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"


async def put_in(
    an_office: "Open", drafts: "tuple[ShowDraft, ...]", changes: list[Wanted], actor: str
) -> Imported:
    """Publish what is new, all or none; then change what is to change, each whole or not at all."""
    named = {one.draft.slug for one in changes}
    rest = tuple(draft for draft in drafts if draft.slug not in named)
    done = Imported()
    if rest:
        digests = {draft.slug: seed_digest(an_office.signer.seed(draft.slug)) for draft in rest}
        answer = await an_office.office.publish(
            Publish(drafts=rest, seed_digests=digests, actor=actor)
        )
        if isinstance(answer, Malformed):
            raise Refused(f"nothing was imported: {answer.field}: {answer.advice}")
        if not isinstance(answer, Published):
            raise Refused(f"nothing was imported: two shows have the slug '{answer.name}'")
        done.shows.update(answer.show_ids)
        done.unchanged.extend(answer.unchanged)
    refused: dict[str, str] = {}
    for one in changes:
        slug = one.draft.slug
        answer = await an_office.office.change(
            Change(show_id=one.show_id, draft=one.draft, actor=actor)
        )
        if isinstance(answer, Changed):
            done.shows[slug] = one.show_id
            done.changed[slug] = answer.fields
            done.told.extend([slug] if answer.told else [])
        else:
            where, advice = getattr(answer, "field", "show"), getattr(answer, "advice", "")
            refused[slug] = f"{slug} stays as it was: {where}: {advice}"
    if refused:
        told = "; ".join(refused.values())
        raise Refused(told, facts={"refused": refused, "changed": done.changed})
    return done
