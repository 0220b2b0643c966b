"""The show as a calendar file (RFC 5545): one event, in UTC, the same whenever it is made."""

from datetime import UTC, datetime

from notifier.papers.sheets import Sheet

_LINE_OCTETS = 75


def calendar(sheet: Sheet, placed_ms: int, description: str) -> bytes:
    """Return the event of a ticket's show. It has no end: nobody knows how long a show will be."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Bilheteria//Tickets//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{sheet.order_code}@bilheteria",
        f"DTSTAMP:{_utc(placed_ms)}",
        f"DTSTART:{_utc(sheet.starts_ms)}",
        f"SUMMARY:{_escaped(sheet.title)}",
        f"LOCATION:{_escaped(f'{sheet.venue}, {sheet.address}')}",
        f"DESCRIPTION:{_escaped(description)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) for line in lines).encode()


def _utc(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never within a character."""
    pieces, piece = list[str](), ""
    for character in line:
        if len((piece + character).encode()) > _LINE_OCTETS:
            pieces.append(piece)
            piece = " "
        piece += character
    return "\r\n".join([*pieces, piece]) + "\r\n"
