"""A screen: a text of at most 1 KB in Telegram's HTML, and its buttons. Built anew each time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from bot.marks import Tap

TEXT_BYTES = 1_024
COPIED_MAX = 256
_ELLIPSIS = "…"
_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Key:
    """A button: it taps, opens `url`, copies `copied`, or shares by `inline` in another chat."""

    text: str
    tap: Tap | None = None
    url: str = ""
    copied: str = ""
    inline: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a message shows."""

    text: str
    rows: tuple[tuple[Key, ...], ...] = ()


def bold(text: str) -> str:
    """Write a text in bold."""
    return f"<b>{escape(text, quote=False)}</b>"


def plain(text: str) -> str:
    """Write a text as it is."""
    return escape(text, quote=False)


def printable(text: str) -> str:
    """Return what can be seen of a text that people wrote: no controls, nothing turned around."""
    return "".join(letter for letter in text if letter.isprintable())


def cut(text: str, most: int) -> str:
    """Shorten a text that people wrote to at most this many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS


def fitting(
    lines: Sequence[str], others: Iterable[str], *, more: str = "", joint: str = "\n"
) -> str:
    """Join the lines that find room beside the other paragraphs; `more` stands for the rest."""
    room = TEXT_BYTES - sum(_bytes(one) + _bytes(_GAP) for one in others if one)
    whole = joint.join(lines)
    if _bytes(whole) <= room:
        return whole
    shown: list[str] = []
    room -= _bytes(more)
    for line in lines:
        room -= _bytes(line) + _bytes(joint)
        if room < 0:
            break
        shown.append(line)
    return joint.join([*shown, more] if more else shown)


def _bytes(text: str) -> int:
    return len(text.encode())


def screen(paragraphs: Iterable[str], *rows: Iterable[Key]) -> Screen:
    """Put a screen together; paragraphs and rows that are empty are left out."""
    text = _GAP.join(paragraph for paragraph in paragraphs if paragraph)
    return Screen(text, tuple(tuple(row) for row in rows if row))
