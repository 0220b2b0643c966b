"""Events as venues publish them: schema.org JSON-LD, in a file of its own or in a page.

An event becomes one show. Offers that say how many tickets they have are tiers of one fare
each; offers that do not are the fares of one tier, as large as the event. What schema.org has
no word for (fees, quotas, allotments) the show has not. https://schema.org/Event
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.catalogue import SLUG_MAX_CHARACTERS
from core.search import normalise
from data.files.instants import Calendar, read_instant
from data.files.jsonld_nodes import Node, children, local_name, parsed, scripts
from data.files.jsonld_offers import HINTS, Fact, Supplied, offer_facts
from data.files.sheets import SHOWS_MAX, Findings, Sheet, nearest, put

EVENT_TYPES: Final = frozenset(
    (
        *("Event", "BusinessEvent", "ChildrensEvent", "ComedyEvent", "ConferenceEvent"),
        *("CourseInstance", "DanceEvent", "EducationEvent", "EventSeries", "ExhibitionEvent"),
        *("Festival", "FoodEvent", "Hackathon", "LiteraryEvent", "MusicEvent"),
        *("PerformingArtsEvent", "ScreeningEvent", "SocialEvent", "SportsEvent"),
        *("TheaterEvent", "VisualArtsEvent"),
    )
)
_HOLDERS: Final = ("@graph", "itemListElement", "item", "mainEntity", "event", "events")
_NOT_ON: Final = {
    "EventCancelled": "the event is cancelled",
    "EventPostponed": "the event is postponed, and its date open",
    "EventMovedOnline": "the event has moved online",
}
_COUNTRIES: Final = {"brasil": "BR", "brazil": "BR", "bra": "BR"}
_TIME_OF_DAY: Final = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_OFFSET: Final = re.compile(r"[+-][0-9]{2}:?[0-9]{2}$")
_STAMP: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2}))?")


def read_sheets(text: str, name: str, supplied: Supplied, findings: Findings) -> list[Sheet]:
    """Give the sheets of a JSON-LD text; `name` stands for the file in problems."""
    sheets = _sheets(parsed(text, name, findings), "$", name, supplied, findings)
    return _at_least_one(sheets, name, findings)


def read_page_sheets(page: str, name: str, supplied: Supplied, findings: Findings) -> list[Sheet]:
    """Give the sheets of all JSON-LD scripts of an HTML page."""
    sheets: list[Sheet] = []
    for number, text in enumerate(scripts(page)):
        within = f"{name} script[{number}]"
        sheets += _sheets(parsed(text, within, findings), "$", within, supplied, findings)
    return _at_least_one(sheets, name, findings)


def _at_least_one(sheets: list[Sheet], name: str, findings: Findings) -> list[Sheet]:
    if not sheets and not findings.found:
        advice = "give a file that has JSON-LD of type Event, MusicEvent, TheaterEvent or alike"
        findings.add(name, "there is no schema.org Event in the file", advice)
    return sheets


def _sheets(
    tree: object, root: str, name: str, supplied: Supplied, findings: Findings
) -> list[Sheet]:
    # One more than may be: the caller sees that there are too many.
    return [
        _sheet(found, name, supplied, findings)
        for found in itertools.islice(_events(tree, root), SHOWS_MAX + 1)
        if not findings.full
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An event, and the series it was found in."""

    event: Node
    series: Node | None


def _events(tree: object, root: str) -> Iterator[_Found]:
    """Find the events of a tree in their order, however it wraps them.

    An event made of others is a series of them. The walk keeps its own stack: a file that
    nests deep must not exhaust Python's.
    """
    waiting = [_Found(event=node, series=None) for node in children(tree, root)][::-1]
    while waiting:
        found = waiting.pop()
        node = found.event
        is_event = bool(node.types() & EVENT_TYPES)
        parts = node.nodes("subEvent") if is_event else []
        if is_event and not parts:
            yield found
            continue
        inner = [_Found(event=part, series=node) for part in parts]
        if not is_event:
            for key in _HOLDERS:
                inner += [_Found(event=part, series=found.series) for part in node.nodes(key)]
        waiting += inner[::-1]


def _sheet(found: _Found, name: str, supplied: Supplied, findings: Findings) -> Sheet:
    event = found.event
    facts = [
        *_what(event, found.series),
        *_where(event, supplied),
        *_when(event),
        *offer_facts(event, supplied, name, findings),
    ]
    status = local_name(event.text("eventStatus"))
    if status in _NOT_ON:
        advice = "leave the event out of the file"
        findings.add(f"{name} {event.at('eventStatus')}", _NOT_ON[status], advice)
    _check_offset(event, supplied, name, findings)
    table: dict[str, object] = {}
    for fact in facts:
        if fact.value is not None:
            put(table, fact.key, fact.value)
    paths = {fact.key: fact.path for fact in facts}

    def place(path: str) -> str:
        return f"{name} {nearest(path, paths) or event.path}"

    return Sheet(table=table, place=place, hints=HINTS)


def _what(event: Node, series: Node | None) -> Iterator[Fact]:
    title = event.text("name")
    yield Fact(key="title", value=event.value("name"), path=event.at("name"))
    yield Fact(key="description", value=event.value("description"), path=event.at("description"))
    yield Fact(key="slug", value=_slug(title, event.text("startDate")), path=event.at("name"))
    tag = event.text("inLanguage")
    family = tag.lower().partition("-")[0]
    language = {"pt": "pt-BR", "en": "en"}.get(family, tag)
    yield Fact(key="language", value=language, path=event.at("inLanguage"))
    above = series or next(iter(event.nodes("superEvent")), None)
    if above is not None and above.text("name"):
        slug = _slug(above.text("name"), "")
        yield Fact(key="series.title", value=above.text("name"), path=above.at("name"))
        yield Fact(key="series.slug", value=slug, path=above.at("name"))


def _slug(title: str, start: str) -> str:
    """Make a slug of a title and a local start, the same on every import."""
    stamp = _STAMP.match(start)
    parts = stamp.groups(default="") if stamp else ("",) * 5
    when = "-".join(part for part in ("".join(parts[:3]), "".join(parts[3:])) if part)
    plain = "".join(letter for letter in normalise(title) if letter.isascii())
    room = SLUG_MAX_CHARACTERS - len(when) - 1
    return "-".join(part for part in ("-".join(plain.split())[:room].strip("-"), when) if part)


def _where(event: Node, supplied: Supplied) -> Iterator[Fact]:
    places = [place for place in event.nodes("location") if "VirtualLocation" not in place.types()]
    place = places[0] if places else Node(entries={}, path=event.at("location"))
    name = place.value("name") if places else event.text("location")
    yield Fact(key="venue.name", value=name, path=place.at("name"))
    yield Fact(key="venue.time_zone", value=supplied.time_zone or "", path=place.path)
    inner = place.nodes("address")
    address = inner[0] if inner else Node(entries={}, path=place.at("address"))
    street = address.value("streetAddress") if inner else place.text("address")
    yield Fact(key="venue.address", value=street, path=address.at("streetAddress"))
    for key, word in (("city", "addressLocality"), ("region", "addressRegion")):
        yield Fact(key=f"venue.{key}", value=address.text(word), path=address.at(word))
    country = address.text("addressCountry")
    code = _COUNTRIES.get(normalise(country), country.upper())
    yield Fact(key="venue.country", value=code, path=address.at("addressCountry"))


def _when(event: Node) -> Iterator[Fact]:
    start = event.text("startDate")
    yield Fact(key="starts", value=event.value("startDate"), path=event.at("startDate"))
    doors = event.value("doorTime")
    if isinstance(doors, str) and _TIME_OF_DAY.fullmatch(doors):
        # A time alone is on the day of the show and at its offset.
        day, _, rest = start.partition("T")
        offset = _OFFSET.search(rest)
        doors = f"{day}T{doors}{offset.group() if offset else ''}"
    if doors != "":
        yield Fact(key="doors", value=doors, path=event.at("doorTime"))


def _check_offset(event: Node, supplied: Supplied, name: str, findings: Findings) -> None:
    """Refuse a start whose offset is not that of the zone given for it: one of the two is wrong."""
    start = event.text("startDate")
    offset = _OFFSET.search(start)
    if supplied.time_zone is None or offset is None or len(start) <= len("2027-03-20"):
        return
    calendar = Calendar(time_zone=supplied.time_zone, now_ms=0)
    meant = read_instant(start, calendar, None)
    local = read_instant(start[: offset.start()], calendar, None)
    if isinstance(meant, int) and isinstance(local, int) and meant != local:
        findings.add(
            f"{name} {event.at('startDate')}",
            f"the start is written at {offset.group()}, which {supplied.time_zone} has not then",
            "give the time zone of the venue, and import venues of other zones on their own",
        )
