"""Whether a request is well formed, before anything is read for it.

Every text and number a request carries is bounded here, once, so that nothing that a face passes
on can hold up or break a batch that others are in. Ids are plain ASCII; those of purchases are
letters, digits, dash and underscore, as they stand in lists, codes and the draw.
"""

import dataclasses
import re
from functools import cache
from typing import Any

from core import limits
from core.messages import REACHED_BY
from core.outcomes import Malformed

_NUMBER_MAX = 2**53
"""Integers past this are not exact in every JSON reader, and no count or amount comes near."""
_SUFFIX = 16
"""What the office adds to a payment's or purchase's id to name a refund of its own."""
_PURCHASE_ID = re.compile(rf"[0-9A-Za-z_-]{{1,{limits.ID_LENGTH}}}")


def _most(name: str) -> int:
    """Return the most characters of a text field."""
    if name == "refund_id":
        return limits.ID_LENGTH + _SUFFIX
    if name == "action":
        return limits.ACTION_LENGTH
    if name == "event_id":  # A provider's own, or made of a payment's.
        return limits.REFERENCE_LENGTH
    return limits.ID_LENGTH if name.endswith("_id") else limits.REASON_LENGTH


@cache
def _texts(kind: type) -> tuple[tuple[str, int, bool], ...]:
    """Return (text field, most characters, whether it is an id) of a request class."""
    return tuple(
        (field.name, _most(field.name), field.name.endswith("_id"))
        for field in dataclasses.fields(kind)
        if field.type in {str, "str", str | None}
    )


@cache
def _numbers(kind: type) -> tuple[str, ...]:
    """Return the number fields of a request class."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.type in {int, "int", int | None})


@cache
def _lists(kind: type) -> tuple[str, ...]:
    """Return the fields of a request class that hold several values."""
    names = {"wanted", "ticket_nos", "contacts", "channels", "purchase_ids", "counted"}
    return tuple(f.name for f in dataclasses.fields(kind) if f.name in names)


def malformed(request: object) -> Malformed | None:
    """Say which field can't be taken, or None."""
    kind = type(request)
    for name, most, is_id in _texts(kind):
        text = getattr(request, name)
        if text is None:
            continue
        if len(text) > most or not ((text.isascii() and text.isprintable()) or not is_id):
            return Malformed(name, f"give at most {most} plain characters")
        if name == "purchase_id" and not _PURCHASE_ID.fullmatch(text):
            return Malformed(name, "name the purchase by letters, digits, dashes, underscores")
        if not clean(text):
            return Malformed(name, "give valid text")
    for name in _numbers(kind):
        if not _is_count(getattr(request, name)):
            return Malformed(name, f"give a number from 0 to {_NUMBER_MAX}")
    for name in _lists(kind):
        advice = _LISTS[name](getattr(request, name))
        if advice is not None:
            return Malformed(name, advice)
    return None


def _is_count(number: object) -> bool:
    return number is None or (type(number) is int and 0 <= number <= _NUMBER_MAX)


def _bad_wanted(wanted: tuple[tuple[int, int], ...]) -> str | None:
    if len(wanted) > limits.LINES_PER_BASKET:
        return f"name at most {limits.LINES_PER_BASKET} fares"
    good = all(len(line) == 2 and all(map(_is_count, line)) for line in wanted)  # noqa: PLR2004
    return None if good else "give (fare number, quantity) pairs of whole numbers"


def _bad_counted(counted: tuple[tuple[int, int], ...]) -> str | None:
    if len(counted) > limits.NOTES_PER_COUNT:
        return f"name at most {limits.NOTES_PER_COUNT} kinds of notes and coins"
    good = all(len(line) == 2 and all(map(_is_count, line)) for line in counted)  # noqa: PLR2004
    return None if good else "give (note, how many) pairs of whole numbers"


def _bad_tickets(ticket_nos: tuple[int, ...] | None) -> str | None:
    good = ticket_nos is None or (
        len(ticket_nos) <= limits.TICKETS_PER_REFUND and all(map(_is_count, ticket_nos))
    )
    return None if good else f"give at most {limits.TICKETS_PER_REFUND} ticket numbers"


def _bad_contacts(contacts: tuple[tuple[str, str], ...]) -> str | None:
    if not 0 < len(contacts) <= limits.CONTACTS_PER_CUSTOMER or len(set(contacts)) < len(contacts):
        return f"give 1 to {limits.CONTACTS_PER_CUSTOMER} different contacts"
    for channel, address in contacts:
        if not 0 < len(channel) <= limits.CHANNEL_LENGTH or not clean(channel):
            return f"a channel has 1 to {limits.CHANNEL_LENGTH} characters"
        if not 0 < len(address) <= limits.ADDRESS_LENGTH or not clean(address):
            return f"an address has 1 to {limits.ADDRESS_LENGTH} characters of valid text"
    return None


def _bad_channels(channels: tuple[str, ...] | None) -> str | None:
    good = channels is None or (
        all(channel in REACHED_BY for channel in channels) and len(set(channels)) == len(channels)
    )
    return None if good else "name each once: " + ", ".join(REACHED_BY)


def _bad_ids(purchase_ids: tuple[str, ...]) -> str | None:
    good = len(purchase_ids) <= limits.DRAWN_PER_STEP and all(
        map(_PURCHASE_ID.fullmatch, purchase_ids)
    )
    return None if good else f"name at most {limits.DRAWN_PER_STEP} purchases"


_LISTS: dict[str, Any] = {
    "wanted": _bad_wanted,
    "counted": _bad_counted,
    "ticket_nos": _bad_tickets,
    "contacts": _bad_contacts,
    "channels": _bad_channels,
    "purchase_ids": _bad_ids,
}
"""For each field of several values: what is wrong with it, or None."""


def clean(text: str) -> bool:
    """Whether a text can be written as UTF-8 and holds no NUL."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
