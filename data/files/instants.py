"""Moments as people write them: local times of the venue, and times told from another moment.

No clock is read here: 'in 40 days at 21:00' counts from the `now_ms` that the caller gives.
"""

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass
from typing import Final

from core.catalogue import zone_known
from data.files.values import UNITS_MS, Refused, is_date, shown

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)
# Wide enough for every mistake that core.terms names better, narrow enough for all arithmetic.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2900

_ISO: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SPACE_BEFORE_OFFSET: Final = re.compile(r" (?=(?:Z|[+-][0-9:]+)$)")
_HORA: Final = r"([0-9]{1,2})(?::([0-9]{2})(?::00)?|h([0-9]{2})?)"
"""A time of day as Brazilians write it: 21:00, 21h, 21h30."""
_BRAZILIAN: Final = re.compile(rf"([0-9]{{1,2}})/([0-9]{{1,2}})/([0-9]{{4}}),? (?:às )?{_HORA}")
# Both languages of the house, each whole: nobody says 'em 3 days at'.
_AHEAD: Final = (
    re.compile(r"in ([0-9]{1,4}) ?(s|min|h|days?|weeks?)(?: at ([0-9]{1,2}):([0-9]{2}))?"),
    re.compile(r"em ([0-9]{1,4}) ?(s|min|h|dias?|semanas?)(?: às " + _HORA + ")?"),
)
_BEFORE: Final = (
    re.compile(r"([0-9]{1,4}) ?(s|min|h|days?|weeks?) before(?: at ([0-9]{1,2}):([0-9]{2}))?"),
    re.compile(r"([0-9]{1,4}) ?(s|min|h|dias?|semanas?) antes(?: às " + _HORA + ")?"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Where and when a file is read: the venue's zone (UTC if unknown) and the present moment."""

    time_zone: str
    now_ms: int

    @property
    def zone(self) -> dt.tzinfo:
        known = zone_known(self.time_zone)
        return zoneinfo.ZoneInfo(self.time_zone) if known else dt.UTC


def read_instant(value: object, calendar: Calendar, anchor_ms: int | None) -> int | Refused:
    """Take a moment in UTC epoch milliseconds.

    A time without an offset is local to the venue. '2 h before' ('2 h antes') counts back from
    the anchor, where there is one. A local time that the clocks skip or show twice is refused.
    """
    if isinstance(value, dt.datetime):
        return _instant(value, calendar)
    if is_date(value):
        return Refused(
            what=f"{shown(value)} is not both a date and a time",
            advice="write the date and the time, such as 2027-03-20T21:00:00",
        )
    if isinstance(value, str):
        text = " ".join(value.split())
        if _ISO.fullmatch(text):
            return _from_iso(text, calendar)
        if match := _BRAZILIAN.fullmatch(text):
            day, month, year, hour, *minutes = match.groups()
            text = f"{year}-{month:0>2}-{day:0>2}T{_clock(hour, minutes)}"
            return _from_iso(text, calendar)
        if match := _matched(_AHEAD, text):
            return _told_from(calendar.now_ms, 1, match, calendar)
        if anchor_ms is not None and (match := _matched(_BEFORE, text)):
            return _told_from(anchor_ms, -1, match, calendar)
    return Refused(
        what=f"{shown(value)} is not a date and time",
        advice="write it as 2027-03-20T21:00:00, 20/03/2027 21:00 or 'in 40 days at 21:00'"
        + ("" if anchor_ms is None else ", or as '2 h before'"),
    )


def _matched(forms: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((match for form in forms if (match := form.fullmatch(text))), None)


def _from_iso(text: str, calendar: Calendar) -> int | Refused:
    try:
        moment = dt.datetime.fromisoformat(_SPACE_BEFORE_OFFSET.sub("", text))
    except ValueError:
        return Refused(
            what=f"{shown(text)} is a day or a time that does not exist",
            advice="correct the date or the time",
        )
    return _instant(moment, calendar)


def _instant(moment: dt.datetime, calendar: Calendar) -> int | Refused:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return Refused(what=f"the year {moment.year} is no year for a show", advice="correct it")
    if moment.tzinfo is None:
        first = moment.replace(tzinfo=calendar.zone, fold=0)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            return Refused(
                what=f"the clocks change then in {calendar.time_zone}: "
                f"{shown(moment)} comes twice or never",
                advice="write the time with its offset from UTC, such as 2027-03-20T21:00:00-03:00",
            )
        moment = first
    return (moment - _EPOCH) // _MILLISECOND


def _told_from(
    anchor_ms: int, sign: int, match: re.Match[str], calendar: Calendar
) -> int | Refused:
    """Count from the anchor; with a time of day, from its local date, in days or weeks."""
    count, unit, hour, *minutes = match.groups()
    distance_ms = sign * int(count) * UNITS_MS[unit]
    if hour is None:
        return anchor_ms + distance_ms
    if UNITS_MS[unit] < UNITS_MS["day"]:
        return Refused(
            what=f"{shown(match.group())} has a time of day after a number of hours or less",
            advice="use 'at' with days or weeks only",
        )
    anchor = (_EPOCH + anchor_ms * _MILLISECOND).astimezone(calendar.zone)
    day = anchor.date() + distance_ms * _MILLISECOND
    return _from_iso(f"{day.isoformat()}T{_clock(hour, minutes)}", calendar)


def _clock(hour: str, minutes: list[str | None]) -> str:
    """Write a time of day; 21h is 21:00."""
    minute = next((given for given in minutes if given is not None), "00")
    return f"{hour:0>2}:{minute}"
