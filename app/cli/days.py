"""Days as people write them, in a house's own time."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.cli.frame import Exit, Refused

_MS = 1_000


def day_span(text: str, time_zone: str) -> tuple[int, int]:
    """Return the first ms of a day and the first after it; 2027-03-20 and 20/3/2027 are one."""
    form = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"
    try:
        day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, its zone comes below
        after = day + timedelta(days=1)
    except (ValueError, OverflowError):
        advice = "write it like 2027-03-20 or 20/03/2027"
        raise Refused(f"'{text}' is no date: {advice}", Exit.USAGE) from None
    zone = ZoneInfo(time_zone)
    first, last = (datetime.combine(one, time(), zone).timestamp() for one in (day, after))
    return int(first * _MS), int(last * _MS)


def stamp(at_ms: int, time_zone: str) -> str:
    """Write an instant so that it can stand in a file's name."""
    at = datetime.fromtimestamp(at_ms / _MS, ZoneInfo(time_zone))
    return f"{at:%Y%m%d-%H%M%S}"
