"""A draft as plain data that JSON can carry, for the ledger and for comparing imports.

The keys of every object are sorted, lists keep their order, and reading back what was
written gives an equal draft. A setting that a later version added takes its default.
"""

import dataclasses
from typing import TypeVar, cast

from core.catalogue import Allotment, Fare, Quota, Series, ShowDraft, Tier, Venue
from core.terms import Terms

_Flat = TypeVar("_Flat", Venue, Series, Fare, Quota, Allotment, Terms)


def as_plain(draft: ShowDraft) -> dict[str, object]:
    """Give the draft as nested dicts with sorted keys, lists, texts, integers, bools, None."""
    return cast("dict[str, object]", _sorted(dataclasses.asdict(draft)))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return {key: _sorted(entries[key]) for key in sorted(entries)}
    if isinstance(value, list | tuple):
        return [_sorted(entry) for entry in cast("list[object] | tuple[object, ...]", value)]
    return value


def from_plain(plain: object) -> ShowDraft:
    """Read a draft back. Data that `as_plain` did not write raises ValueError, naming the key."""
    entries = _object(plain, "draft")
    return ShowDraft(
        slug=_text(entries, "slug"),
        title=_text(entries, "title"),
        description=_text(entries, "description"),
        language=_text(entries, "language"),
        series=None if _entry(entries, "series") is None else _flat(Series, entries["series"]),
        venue=_flat(Venue, _entry(entries, "venue")),
        starts_ms=_number(entries, "starts_ms"),
        doors_ms=None if _entry(entries, "doors_ms") is None else _number(entries, "doors_ms"),
        currency=_text(entries, "currency"),
        tiers=tuple(_tier(tier) for tier in _list(entries, "tiers")),
        quotas=tuple(_flat(Quota, quota) for quota in _list(entries, "quotas")),
        terms=_flat(Terms, _entry(entries, "terms")),
    )


def _tier(plain: object) -> Tier:
    entries = _object(plain, "tier")
    return Tier(
        name=_text(entries, "name"),
        capacity=_number(entries, "capacity"),
        fares=tuple(_flat(Fare, fare) for fare in _list(entries, "fares")),
        allotments=tuple(_flat(Allotment, entry) for entry in _list(entries, "allotments")),
    )


def _flat(kind: type[_Flat], plain: object) -> _Flat:
    """Build a dataclass whose fields are all single values, each held to its declared type."""
    noun = kind.__name__.lower()
    entries = _object(plain, noun)
    values: dict[str, object] = {}
    for field in dataclasses.fields(kind):
        if field.name not in entries and field.default is not dataclasses.MISSING:
            continue
        value = _entry(entries, field.name)
        # To Python a bool is an int; to the ledger `true` is no number.
        is_right = isinstance(value, cast("type", field.type)) and (
            field.type is bool or not isinstance(value, bool)
        )
        if not is_right:
            raise _wrong(f"{noun}.{field.name}")
        values[field.name] = value
    return kind(**values)  # pyright: ignore[reportArgumentType]  # held to its type above


def _object(plain: object, noun: str) -> dict[str, object]:
    if not isinstance(plain, dict):
        raise _wrong(noun)
    return cast("dict[str, object]", plain)


def _entry(entries: dict[str, object], key: str) -> object:
    if key not in entries:
        raise _wrong(key)
    return entries[key]


def _text(entries: dict[str, object], key: str) -> str:
    value = _entry(entries, key)
    if not isinstance(value, str):
        raise _wrong(key)
    return value


def _number(entries: dict[str, object], key: str) -> int:
    value = _entry(entries, key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(key)
    return value


def _list(entries: dict[str, object], key: str) -> list[object]:
    value = _entry(entries, key)
    if not isinstance(value, list):
        raise _wrong(key)
    return cast("list[object]", value)


def _wrong(key: str) -> ValueError:
    return ValueError(f"not a draft as it was written: '{key}' is missing or of another type")
