"""Whether a request is well formed, before anything is read for it.

Every text and number a request carries is bounded here, once, so that nothing that a face passes
on can hold up or break a batch that others are in.
"""

import dataclasses
from functools import cache

from core import limits
from core.outcomes import Malformed

_NUMBER_MAX = 2**53
"""Integers past this are not exact in every JSON reader, and no count or amount comes near."""
_SUFFIX = 16


def _most(name: str) -> int:
    """Return the most characters of a text field."""
    if name == "refund_id":  # The office names its own after a payment or purchase.
        return limits.ID_LENGTH + _SUFFIX
    return limits.ID_LENGTH if name.endswith("_id") else limits.REASON_LENGTH


@cache
def _fields(kind: type) -> tuple[tuple[str, int], ...]:
    """Return (text field, most characters) of a request class."""
    return tuple(
        (field.name, _most(field.name))
        for field in dataclasses.fields(kind)
        if field.type in {str, "str", str | None}
    )


@cache
def _numbers(kind: type) -> tuple[str, ...]:
    """Return the number fields of a request class."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.type in {int, "int", int | None})


def malformed(request: object) -> Malformed | None:
    """Say which field can't be taken, or None."""
    kind = type(request)
    for name, most in _fields(kind):
        text = getattr(request, name)
        if text is not None and (len(text) > most or not clean(text)):
            return Malformed(name, f"give at most {most} characters of valid text")
    for name in _numbers(kind):
        number = getattr(request, name)
        if number is not None and not 0 <= number <= _NUMBER_MAX:
            return Malformed(name, f"give a number from 0 to {_NUMBER_MAX}")
    return None


def clean(text: str) -> bool:
    """Whether a text can be written as UTF-8 and holds no NUL."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
