"""Single values as people write them in a catalogue: counts, amounts, shares, lengths of time.

Each reader takes what a file gave (a text, a number, a TOML date) and answers with the value
or with `Refused`. None of them raises, whatever it is given.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from core.catalogue import quoted
from core.money import AMOUNT_MAX_MINOR, BASIS_POINTS, EXPONENTS, parse_amount, share
from core.search import normalise
from core.terms import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

SHOWN_MAX_CHARACTERS: Final = 40
COUNT_MAX: Final = 10**12

UNITS_MS: Final = {
    "ms": 1,
    "s": SECOND_MS,
    "min": MINUTE_MS,
    "h": HOUR_MS,
    "day": DAY_MS,
    "days": DAY_MS,
    "week": 7 * DAY_MS,
    "weeks": 7 * DAY_MS,
    "dia": DAY_MS,
    "dias": DAY_MS,
    "semana": 7 * DAY_MS,
    "semanas": 7 * DAY_MS,
}

_COUNT: Final = re.compile(r"-?[0-9]{1,12}")
_LENGTH: Final = re.compile(r"([0-9]{1,9}) ?(ms|s|min|h|days?|weeks?|dias?|semanas?)")
_PERCENT: Final = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))? ?%")
_YES: Final = frozenset({"true", "yes", "sim", "1", "x"})
_NO: Final = frozenset({"false", "no", "nao", "0", ""})


class NumberText(str):
    """A number of a JSON file, with the digits the file has: nothing goes through a float."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a value cannot be read, and what to write instead."""

    what: str
    advice: str


def shown(value: object) -> str:
    """Name a value in a message: short, on one line, whatever it holds."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > COUNT_MAX:
        return "a number that long"
    if not isinstance(value, str) or isinstance(value, NumberText):
        return str(value)[:SHOWN_MAX_CHARACTERS]
    return quoted(value)


def read_text(value: object) -> str | Refused:
    """Take a text without the spaces around it; tabs become spaces, line ends become LF."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\t", " ").strip()
    return Refused(what=f"{shown(value)} is not a text", advice="write a text, in quotes")


def read_count(value: object) -> int | Refused:
    """Take a whole number, written as a number or as its digits."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= COUNT_MAX:
        return value
    if isinstance(value, str) and _COUNT.fullmatch(value.strip()):
        return int(value)
    return Refused(
        what=f"{shown(value)} is not a whole number",
        advice="write digits alone, such as 1200",
    )


def read_flag(value: object) -> bool | Refused:
    """Take true or false; in text also yes, no, sim, não."""
    if isinstance(value, bool):
        return value
    word = normalise(value) if isinstance(value, str) else ""
    if isinstance(value, str) and word in _YES | _NO:
        return word in _YES
    return Refused(what=f"{shown(value)} is neither true nor false", advice="write true or false")


def read_amount(value: object, currency: str) -> int | Refused:
    """Take an amount in minor units. A number without decimals counts whole units.

    A decimal number outside quotes is refused: it has been through a float.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        amount_minor = value * 10 ** EXPONENTS[currency] if 0 <= value <= COUNT_MAX else -1
        if 0 <= amount_minor <= AMOUNT_MAX_MINOR:
            return amount_minor
    elif isinstance(value, str):
        parsed_minor = parse_amount(value, currency)
        if parsed_minor is not None:
            return parsed_minor
    elif isinstance(value, float):
        return Refused(
            what="an amount is written as a decimal number without quotes",
            advice='write it in quotes, such as "120.00"',
        )
    return Refused(
        what=f"{shown(value)} is not an amount in {currency}, or could mean two",
        advice='write it as "120.00" or "1.234,56", without a minus sign',
    )


def read_percent(value: object) -> int | None:
    """Take a share such as '10 %' or '7,5%' in basis points; None where it is none."""
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    whole, hundredths = match.groups(default="")
    return int(whole) * 100 + int(hundredths.ljust(2, "0"))


def read_fee(value: object, price_minor: int, currency: str) -> int | Refused:
    """Take a fee, as an amount or as a share of the price, half a minor unit rounded up."""
    basis_points = read_percent(value)
    if basis_points is not None:
        return share(price_minor, basis_points)
    fee = read_amount(value, currency)
    if isinstance(fee, Refused):
        return Refused(what=fee.what, advice='write an amount such as "12.00", or a share: "10 %"')
    return fee


def read_part(value: object, total: int) -> int | Refused:
    """Take a number of tickets, or a share of `total` of which a broken ticket counts whole."""
    basis_points = read_percent(value)
    if basis_points is not None:
        return -(-total * basis_points // BASIS_POINTS)
    count = read_count(value)
    if isinstance(count, Refused):
        return Refused(what=count.what, advice='write a number of tickets, or a share: "40 %"')
    return count


def read_length(value: object) -> int | Refused:
    """Take a length of time with its unit, such as '3 min', '180 s' or '1 h 30 min', in ms."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    parts = list(_LENGTH.finditer(text))
    if not parts or " ".join(part.group() for part in parts) != text:
        return Refused(
            what=f"{shown(value)} is not a length of time with its unit",
            advice='write it as "3 min", "180 s" or "1 h 30 min"',
        )
    return sum(int(part.group(1)) * UNITS_MS[part.group(2)] for part in parts)


def is_date(value: object) -> bool:
    """Whether a TOML value is a date without a time or a time without a date."""
    return isinstance(value, dt.date | dt.time) and not isinstance(value, dt.datetime)
