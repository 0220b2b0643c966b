"""Money, dates and spans of time as a language writes them, by Unicode CLDR through Babel.

English is written as most of the world reads it: the day before the month, 24 hours.
"""

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_skeleton, get_timezone_name
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol, parse_pattern
from babel.units import format_unit

from core.money import EXPONENTS, NBSP
from core.terms import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

LOCALES: Final = {"pt-BR": "pt_BR", "en": "en_GB"}
_STAMPS: Final = {"pt-BR": "dd/MM/y HH:mm", "en": "y-MM-dd HH:mm"}
"""In digits alone: those of English in the order that nobody reads another way."""
_SHORT_STAMPS: Final = {"pt-BR": "dd/MM HH:mm", "en": "d MMM HH:mm"}
_UNITS: Final[tuple[tuple[str, Literal["short", "long"], int], ...]] = (
    ("day", "short", DAY_MS),  # CLDR has no long form of one day in Portuguese; this is the same.
    ("hour", "long", HOUR_MS),
    ("minute", "long", MINUTE_MS),
    ("second", "long", SECOND_MS),
)
_PARTS: Final = 2
"""A span is told in its two largest units."""
_ZONES_KEPT: Final = 512
_KEPT: Final = 4_096
"""Amounts, moments and minutes of few shows are written again and again."""


@cache
def locale_of(language: str) -> Locale:
    """Return Babel's locale for one of our languages."""
    return Locale.parse(LOCALES[language])


@lru_cache(maxsize=_ZONES_KEPT)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def _at(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / SECOND_MS, UTC).astimezone(_zone(zone))


@cache
def _money_pattern(language: str, currency: str) -> NumberPattern:
    """Return the language's pattern with the currency's own decimals.

    They are ISO 4217's, as everywhere in the house: CLDR's are those of coins in use.
    """
    places = EXPONENTS[currency]
    standard = locale_of(language).currency_formats["standard"].pattern
    pattern = standard.replace("0.00", "0." + "0" * places if places else "0")
    # CLDR's spacing: a symbol that ends in a letter is set apart from its number.
    symbol = get_currency_symbol(currency, locale_of(language))
    if symbol[-1].isalpha() and "¤#" in pattern:
        pattern = pattern.replace("¤#", f"¤{NBSP}#")
    return parse_pattern(pattern)


@lru_cache(maxsize=_KEPT)
def money(language: str, minor: int, currency: str) -> str:
    """Write an amount; unknown currencies raise KeyError: none is stored without a known one."""
    value = Decimal(minor).scaleb(-EXPONENTS[currency])
    pattern = _money_pattern(language, currency)
    return pattern.apply(value, locale_of(language), currency=currency, currency_digits=False)


@lru_cache(maxsize=_KEPT)
def number(language: str, count: int) -> str:
    """Write a whole number with its groups."""
    return format_decimal(count, locale=locale_of(language))


@lru_cache(maxsize=_KEPT)
def day(language: str, at_ms: int, zone: str) -> str:
    """Write the weekday and date: 'sábado, 28 de novembro de 2026'."""
    pattern = locale_of(language).date_formats["full"].pattern
    return format_datetime(_at(at_ms, zone), pattern, locale=locale_of(language))


@lru_cache(maxsize=_KEPT)
def short_day(language: str, at_ms: int, zone: str) -> str:
    """Write the same for small screens: 'sáb., 28 de nov. de 2026'."""
    return format_skeleton("yMMMEd", _at(at_ms, zone), locale=locale_of(language))


@lru_cache(maxsize=_KEPT)
def clock_time(language: str, at_ms: int, zone: str) -> str:
    """Write the time of day: '21:00'."""
    return format_datetime(_at(at_ms, zone), "HH:mm", locale=locale_of(language))


@lru_cache(maxsize=_KEPT)
def zone_name(language: str, at_ms: int, zone: str) -> str:
    """Name the zone's time as it is then: 'Horário Padrão de Brasília'."""
    return get_timezone_name(_at(at_ms, zone), width="long", locale=locale_of(language))


def stamp(language: str, at_ms: int, zone: str) -> str:
    """Write date and time in digits, for tables: '28/11/2026 21:00'."""
    return format_datetime(_at(at_ms, zone), _STAMPS[language], locale=locale_of(language))


@lru_cache(maxsize=_KEPT)
def short_stamp(language: str, at_ms: int, zone: str) -> str:
    """Write day, month and time, for buttons: '28/11 21:00'."""
    return format_datetime(_at(at_ms, zone), _SHORT_STAMPS[language], locale=locale_of(language))


def span(language: str, length_ms: int) -> str:
    """Write a length of time in its two largest units, to the second: '1 hora e 30 minutos'."""
    left, parts = max(length_ms, 0) // SECOND_MS * SECOND_MS, list[str]()
    for unit, length, unit_ms in _UNITS:
        count, left = divmod(left, unit_ms)
        if (count or (unit == "second" and not parts)) and len(parts) < _PARTS:
            parts.append(_counted(language, count, unit, length))
    return listed(language, parts)


@lru_cache(maxsize=_KEPT)
def _counted(language: str, count: int, unit: str, length: Literal["short", "long"]) -> str:
    return format_unit(count, unit, length, locale=locale_of(language))


def listed(language: str, parts: list[str]) -> str:
    """Write a list as a sentence has it: 'a, b e c'."""
    return format_list(parts, locale=locale_of(language))
