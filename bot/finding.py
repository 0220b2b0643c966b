"""Finding shows by what people write: words of a title or a place, or a day."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.room import Room
from bot.screens import printable
from core.search import normalise
from core.views import ShowCard

WORDS_BYTES = 45
"""A search that is no longer fits the buttons that turn its pages (`marks.DATA_MAX`)."""
_OF_A_DAY = 500
_SECOND_MS = 1_000
_DAY = timedelta(days=1)
_DIGITS = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_SPOKEN = re.compile(r"(\d{1,2})o? (?:de )?([a-z]+)(?: (?:de )?(\d{4}))?")
_YEARS = range(2_000, 3_000)
_DAYS = {"hoje": 0, "today": 0, "amanha": 1, "tomorrow": 1}
_MONTHS = {
    form: month
    for month, names in enumerate(
        (
            ("janeiro", "january"),
            ("fevereiro", "february"),
            ("marco", "march"),
            ("abril", "april"),
            ("maio", "may"),
            ("junho", "june"),
            ("julho", "july"),
            ("agosto", "august"),
            ("setembro", "september"),
            ("outubro", "october"),
            ("novembro", "november"),
            ("dezembro", "december"),
        ),
        1,
    )
    for name in names
    for form in (name, name[:3])
}


def words_of(text: str) -> str:
    """Return what a text asks for, as it is searched for and shown."""
    words = printable(" ".join(text.split()))
    return words.encode()[:WORDS_BYTES].decode(errors="ignore").strip()


async def find(room: Room, words: str, limit: int, offset: int = 0) -> tuple[ShowCard, ...]:
    """Find shows that are still to come, the soonest first; without words, all of them."""
    now_ms = room.office.clock.now_ms()
    today = _local_day(now_ms, room.time_zone)
    day = read_day(words, today)
    if day is not None:
        return (await _on(room, day, now_ms))[offset : offset + limit]
    if words and not normalise(words):
        return ()  # No show is found by marks alone.
    return await room.office.look.search(words=words, from_ms=now_ms, limit=limit, offset=offset)


async def _on(room: Room, day: date, now_ms: int) -> tuple[ShowCard, ...]:
    """Find the shows of a day, as the day is at each show's own place."""
    begin = datetime.combine(day, datetime.min.time(), UTC)
    first, last = (int(at.timestamp()) * _SECOND_MS for at in (begin - _DAY, begin + 2 * _DAY))
    around = await room.office.look.search(
        from_ms=max(first, now_ms), to_ms=max(last, now_ms), limit=_OF_A_DAY
    )
    return tuple(card for card in around if _local_day(card.starts_ms, card.time_zone) == day)


def _local_day(at_ms: int, zone: str) -> date:
    return datetime.fromtimestamp(at_ms / _SECOND_MS, ZoneInfo(zone)).date()


def read_day(text: str, today: date) -> date | None:
    """Read '28/11', '28.11.26', '28/11/2026', '2026-11-28', '28 de novembro' or 'amanhã'.

    Without a year it is the next such day: what is over is not looked for.
    """
    folded = normalise(text)
    if folded in _DAYS:
        return today + timedelta(days=_DAYS[folded])
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DIGITS.fullmatch(text):
        day, month, year = found.groups()
    elif (found := _SPOKEN.fullmatch(folded)) and found[2] in _MONTHS:
        day, year = found[1], found[3]
        month = _MONTHS[found[2]]
    else:
        return None
    if year is not None:
        return _date(int(f"20{year}"[-4:]), month, day)  # '26' is 2026.
    near = (_date(today.year + n, month, day) for n in (0, 1))
    return next((one for one in near if one is not None and one >= today), None)


def _date(year: int, month: str | int, day: str) -> date | None:
    try:
        return date(year, int(month), int(day)) if year in _YEARS else None
    except ValueError:
        return None
