"""A screen: a text of at most 1 KB in Telegram's HTML, and its buttons. Built anew each time."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from bot.marks import DATA_MAX, Marks, Tap

TEXT_BYTES = 1_024
COPIED_MAX = 256
_ELLIPSIS = "…"


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


def screen(paragraphs: Iterable[str], *rows: Iterable[Key]) -> Screen:
    """Put a screen together; paragraphs and rows that are empty are left out."""
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return Screen(text, tuple(tuple(row) for row in rows if row))


def fits(marks: Marks, tap: Tap) -> bool:
    """Whether a tap fits a button."""
    return len(marks.write(tap).encode()) <= DATA_MAX
