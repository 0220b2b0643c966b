"""Money as integers in minor units with an ISO 4217 code. No floats, anywhere.

An amount is never held without its currency nearby: BRL 12000 is R$ 120,00, JPY 12000 is
twelve thousand yen, because each currency has its own exponent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

AMOUNT_MAX_MINOR: Final = 10**15
"""The largest amount read or shown: sums of many such still fit a 64-bit integer."""

BASIS_POINTS: Final = 10_000
"""Basis points in one whole: 1 % is 100 basis points."""

NBSP: Final = "\N{NO-BREAK SPACE}"

_CODES: Final[Mapping[int, str]] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD XCG AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
        "GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
        "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB "
        "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
        "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
}

EXPONENTS: Final[Mapping[str, int]] = MappingProxyType(
    {code: digits for digits, codes in _CODES.items() for code in codes.split()}
)
"""Decimal digits of the minor unit by currency code (ISO 4217, list one)."""


_SYMBOLS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "BRL": ("R$",),
        "USD": ("US$", "$"),
        "EUR": ("€",),
        "GBP": ("£",),
        "JPY": ("JP¥", "¥"),
    }
)
"""What may stand before an amount besides the currency's code."""

_GROUPED: Final = r"[1-9][0-9]{0,2}(?:%s[0-9]{3})+"
_WHOLE: Final = re.compile(r"[0-9]+")
_ONE_SEPARATOR: Final = re.compile(r"([0-9]+)[.,]([0-9]+)")
_GROUPS_ONLY: Final = re.compile(
    "|".join(_GROUPED.replace("+", "{2,}") % mark for mark in (r"\.", ","))
)
_GROUPS_AND_FRACTION: Final = re.compile(
    "|".join(
        f"({_GROUPED % group}){point}([0-9]+)" for group, point in ((r"\.", ","), (",", r"\."))
    )
)
_ONE_GROUP: Final = re.compile("|".join(_GROUPED.replace("+", "") % m for m in (r"\.", ",")))


def parse_amount(text: str, currency: str) -> int | None:
    """Read an amount in minor units, or None where the text could mean two amounts or none.

    Takes '120', '120.00', '120,5', '1.234,56' and '1,234.56', with or without the currency's
    own symbol or code before it. Refuses signs, exponents, unknown currencies, more decimals
    than the currency has, and '1.234' in a currency with decimals: a thousand to one reader,
    one and a bit to another.
    """
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        return None
    parts = _whole_and_fraction(_without_symbol(text, currency), exponent)
    if parts is None:
        return None
    whole, fraction = parts
    digits = whole.lstrip("0") + fraction.ljust(exponent, "0")
    # The length is looked at first: a text of a million digits is never turned into a number.
    if len(fraction) > exponent or len(digits) > len(str(AMOUNT_MAX_MINOR)):
        return None
    amount_minor = int(digits or "0")
    return amount_minor if amount_minor <= AMOUNT_MAX_MINOR else None


def _without_symbol(text: str, currency: str) -> str:
    text = text.strip()
    for mark in (*_SYMBOLS.get(currency, ()), currency):
        if text.startswith(mark):
            return text.removeprefix(mark).strip()
    return text


def _whole_and_fraction(text: str, exponent: int) -> tuple[str, str] | None:
    """Split a written amount into its whole digits and its decimals, both without marks."""
    if _WHOLE.fullmatch(text):
        return text, ""
    if _GROUPS_ONLY.fullmatch(text) or (exponent == 0 and _ONE_GROUP.fullmatch(text)):
        return re.sub("[.,]", "", text), ""
    if match := _GROUPS_AND_FRACTION.fullmatch(text):
        whole, fraction = (part for part in match.groups() if part is not None)
        return re.sub("[.,]", "", whole), fraction
    if match := _ONE_SEPARATOR.fullmatch(text):
        # '1.234' may be a group or decimals; '0.125' and '1234.567' can only be decimals.
        whole, fraction = match.groups()
        return None if _ONE_GROUP.fullmatch(text) else (whole, fraction)
    return None


def share(amount_minor: int, basis_points: int) -> int:
    """Give a part of an amount in basis points, half a minor unit rounded up.

    Neither may be negative: a refund takes back the fee that was charged, it computes none.
    """
    if amount_minor < 0 or basis_points < 0:
        message = f"a share of {amount_minor} at {basis_points} basis points has no meaning"
        raise ValueError(message)
    return (amount_minor * basis_points + BASIS_POINTS // 2) // BASIS_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coin:
    """The smallest coin in use; `nearest` false means cash is always rounded down."""

    minor: int
    nearest: bool


_SMALLEST_COIN: Final[Mapping[str, _Coin]] = MappingProxyType(
    {
        # The one-centavo coin has not been struck since 2005. Where change is short, Brazilian
        # consumer practice rounds in the customer's favour.
        "BRL": _Coin(minor=5, nearest=False),
        "AUD": _Coin(minor=5, nearest=True),
        "CAD": _Coin(minor=5, nearest=True),
        "CHF": _Coin(minor=5, nearest=True),
        "CLP": _Coin(minor=10, nearest=True),
        "NZD": _Coin(minor=10, nearest=True),
        "SEK": _Coin(minor=100, nearest=True),
        "NOK": _Coin(minor=100, nearest=True),
        "DKK": _Coin(minor=50, nearest=True),
    }
)


def cash_due(amount_minor: int, currency: str) -> int:
    """Round an amount to what can be paid in coins; other currencies are left as they are."""
    coin = _SMALLEST_COIN.get(currency)
    if coin is None:
        return amount_minor
    # Half a coin goes down: where the law leaves it open, the customer keeps it.
    bias = (coin.minor - 1) // 2 if coin.nearest else 0
    return (amount_minor + bias) // coin.minor * coin.minor


def cash_change(due_minor: int, given_minor: int, currency: str) -> int | None:
    """Give the change for cash handed over, or None where it does not cover the rounded sum."""
    change_minor = given_minor - cash_due(due_minor, currency)
    return change_minor if change_minor >= 0 else None
