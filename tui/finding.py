"""What somebody typed to find an order: a code, an e-mail, a phone, a CPF, a date, or a name."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.documents import valid_cpf
from core.receipts import read_order_code
from core.views import PurchaseCard, Views

_DATE = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(/(?P<year>\d{4}))?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_PHONE = re.compile(r"\+?[\d\s().-]{8,20}")
_MS = 1_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means; one of these is set."""

    code: tuple[int, int, str] | None = None
    address: str = ""
    document: str = ""
    day: date | None = None
    name: str = ""


def meaning(text: str, today: date) -> Meaning:
    """Read what was typed; what is nothing else is a name."""
    text = text.strip()
    code = read_order_code(text)
    if code is not None:
        return Meaning(code=code)
    day = read_day(text, today)
    if day is not None:
        return Meaning(day=day)
    document = valid_cpf(text)
    if document is not None:
        return Meaning(document=document)
    if "@" in text:
        return Meaning(address=text)
    if _PHONE.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        return Meaning(address=f"+{digits}" if text.startswith("+") else digits)
    return Meaning(name=text)


def read_day(text: str, today: date) -> date | None:
    """Read '28/11', '28/11/2026' or '2026-11-28'; without a year, the one nearest to today."""
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
        found = _DATE.fullmatch(text)
        if found is None:
            return None
        day, month = int(found["day"]), int(found["month"])
        if found["year"]:
            return date(int(found["year"]), month, day)
        near = [date(today.year + n, month, day) for n in (-1, 0, 1)]
        return min(near, key=lambda one: abs(one - today))
    except ValueError:
        return None


def local_day(at_ms: int, zone: str) -> date:
    """Return the day that it is somewhere."""
    return datetime.fromtimestamp(at_ms / _MS, ZoneInfo(zone)).date()


async def find_purchases(
    look: Views, text: str, *, now_ms: int, zone: str
) -> tuple[PurchaseCard, ...]:
    """Find live purchases and orders by what was typed."""
    found = meaning(text, local_day(now_ms, zone))
    if found.code is not None:
        show_id, number, tail = found.code
        view = await look.purchase_by_number(show_id, number)
        if view is None or not view.purchase.purchase_id.upper().endswith(tail):
            return ()
        card = await look.purchase_card(show_id, view.purchase.purchase_id)
        return () if card is None else (card,)
    if found.day is not None:
        begin = datetime.combine(found.day, datetime.min.time(), ZoneInfo(zone))
        end = begin + timedelta(days=1)
        return await look.purchases_with(
            from_ms=int(begin.timestamp() * _MS), to_ms=int(end.timestamp() * _MS)
        )
    if found.address:
        cards = await look.purchases_with(address=found.address)
        if not cards and found.address.isdigit():  # As Brazilians say their numbers.
            cards = await look.purchases_with(address=f"+55{found.address}")
        return cards
    if found.document:
        return await look.purchases_with(document=found.document)
    return await look.purchases_with(name=found.name) if found.name else ()
