"""How a room speaks: its texts in one language, with all that a sentence may hold.

A text is found by its English, the msgid. A field stands in it by name, as in `str.format`:
`speech.text("Your number is {number}.", number=12)`. What has no translation is said in English.
Catalogues are read from their .po files when they are first spoken from; `make messages` brings
them up to date with the code, and tests/language holds that none lacks anything. Babel writes
amounts and dates: it is imported where that is done, as a window's first screen has none.
"""

import gettext
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from core.house import LANGUAGES

_PORTUGUESE, _ENGLISH = LANGUAGES


def closest(tag: str | None, otherwise: str = _ENGLISH) -> str:
    """Return which of our languages serves who speaks `tag`; None or '' says nothing of it."""
    if not tag:
        return otherwise
    return _PORTUGUESE if tag.lower().replace("_", "-").partition("-")[0] == "pt" else _ENGLISH


def msgid(text: str) -> str:
    """Mark a text that is written down before it is known who reads it; `Speech.text` says it."""
    return text


@cache
def speech(language: str, domain: str) -> "Speech":
    """Return how the room named `domain` speaks the language closest to `language`."""
    return Speech(closest(language), domain)


class Speech:
    """One room's texts in one language. Amounts are minor units, instants epoch ms, zones IANA."""

    def __init__(self, language: str, domain: str) -> None:
        self.language: Final = language
        self._texts, self._plurals, self._form = _catalogue(language, domain)

    def text(self, text: str, /, **fields: object) -> str:
        """Say a text with its fields."""
        return self._texts.get(text, text).format(**fields)

    def plural(self, one: str, many: str, n: int, /, **fields: object) -> str:
        """Say one of two texts, by what `n` asks for; `n` is a field of both, with its groups."""
        forms = self._plurals.get((one, many))
        text = forms[self._form(n)] if forms else (one if n == 1 else many)
        return text.format(n=self.number(n), **fields)

    def number(self, count: int) -> str:
        """Write a whole number with its groups."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.number(self.language, count)

    def money(self, minor: int, currency: str) -> str:
        """Write an amount: 'R$ 1.234,56' (no-break space) or 'R$1,234.56'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.money(self.language, minor, currency)

    def moment(self, at_ms: int, zone: str) -> str:
        """Write weekday, date, time and the name of the place's time, for what must not be missed.

        'sábado, 28 de novembro de 2026, 21:00 (Horário Padrão de Brasília)'
        """
        from language import writing  # noqa: PLC0415 - loads Babel

        at, name = self.clock_time(at_ms, zone), writing.zone_name(self.language, at_ms, zone)
        return f"{self.day(at_ms, zone)}, {at} ({name})"

    def day(self, at_ms: int, zone: str) -> str:
        """Write weekday and date: 'sábado, 28 de novembro de 2026'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.day(self.language, at_ms, zone)

    def short_day(self, at_ms: int, zone: str) -> str:
        """Write the same for small screens: 'sáb., 28 de nov. de 2026'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.short_day(self.language, at_ms, zone)

    def clock_time(self, at_ms: int, zone: str) -> str:
        """Write the time of day: '21:00'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.clock_time(self.language, at_ms, zone)

    def stamp(self, at_ms: int, zone: str) -> str:
        """Write date and time in digits, for tables: '28/11/2026 21:00', '2026-11-28 21:00'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.stamp(self.language, at_ms, zone)

    def short_stamp(self, at_ms: int, zone: str) -> str:
        """Write day, month and time, for buttons: '28/11 21:00', '28 Nov 21:00'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.short_stamp(self.language, at_ms, zone)

    def span(self, length_ms: int) -> str:
        """Write a length of time in its two largest units: '1 hora e 30 minutos'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.span(self.language, length_ms)

    def listed(self, parts: Sequence[str]) -> str:
        """Write a list as a sentence has it: 'a, b e c'."""
        from language import writing  # noqa: PLC0415 - loads Babel

        return writing.listed(self.language, list(parts))


_Plurals = Mapping[tuple[str, str], tuple[str, ...]]
_PLURAL_FORM = re.compile(r"plural=([^;]+);")


def _catalogue(
    language: str, domain: str
) -> tuple[Mapping[str, str], _Plurals, Callable[[int], int]]:
    """Read a domain's texts, its plural texts, and which form of these a count takes."""
    path = files("language") / "catalogues" / language.replace("-", "_") / f"{domain}.po"
    if not path.is_file():  # English is the msgids' own; a room may speak in figures alone.
        return {}, {}, int
    texts: dict[str, str] = {}
    plurals: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in path.read_text(encoding="utf-8").strip().split("\n\n"):
        said = _fields(entry)
        one, many = said["msgid"], said.get("msgid_plural")
        forms = tuple(text for name, text in said.items() if name.startswith("msgstr"))
        if many is None:
            texts[one] = forms[0]
        elif all(forms):
            plurals[one, many] = forms
    form = _PLURAL_FORM.search(texts.pop(""))
    assert form is not None, "a catalogue says in its header what its plurals go by"
    return {one: text for one, text in texts.items() if text}, plurals, gettext.c2py(form[1])


def _fields(entry: str) -> dict[str, str]:
    """Read an entry as `make messages` writes it: a keyword and its text, gone on with below."""
    said, name = dict[str, str](), ""
    for line in entry.splitlines():
        if line.startswith("#"):
            continue
        keyword, quote, rest = line.partition('"')
        name = keyword.strip() or name
        said[name] = said.get(name, "") + json.loads(quote + rest)
    return said
