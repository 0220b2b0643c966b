"""What a show's form asks for: its parts, the fields of each, and the values filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from language import msgid

Value = str | bool


@dataclass(frozen=True, slots=True)
class Field:
    """A value that is asked for. `hint`: what to write; a yes or no says what yes means."""

    key: str
    label: str
    hint: str
    flag: bool = False


_WHEN = msgid("20/03/2027 21:00, or: in 40 days at 21:00")
_BEFORE = msgid("A time, or: 1 h before, 1 day before at 18:00")
_FEE = msgid("An amount, or a share of the price: 10 %")
_CLOCK = msgid("A length of time with its unit: 3 min, 90 s")

FIELDS: dict[str, tuple[Field, ...]] = {
    "show": (
        Field("title", msgid("Title"), msgid("As people know it")),
        Field("slug", msgid("Slug"), msgid("Its short name, for good: a-z, 0-9 and '-'")),
        Field("starts", msgid("Starts"), _WHEN),
        Field("venue.name", msgid("Venue"), msgid("The house")),
        Field("venue.city", msgid("City"), msgid("As people search for it")),
        Field("venue.region", msgid("State"), msgid("Such as SP; may be left out")),
        Field("venue.address", msgid("Address"), msgid("May be left out")),
        Field("venue.time_zone", msgid("Time zone"), msgid("Such as America/Recife")),
    ),
    "more": (
        Field("doors", msgid("Doors open"), _BEFORE),
        Field("sale_opens", msgid("Sale opens"), msgid("A time; left out: at once")),
        Field("sale_closes", msgid("Sale closes"), msgid("A time; left out: at the start")),
        Field(
            "refunds_until",
            msgid("Given back until"),
            msgid("By people themselves; left out: never"),
        ),
        Field("lobby_opens", msgid("Lobby opens"), msgid("Before the sale; left out: no draw")),
        Field("limit_per_customer", msgid("Tickets a person"), msgid("At most; left out: 6")),
        Field("fee", msgid("Service fee"), _FEE),
        Field(
            "window_fee", msgid("Fee at the window"), msgid("Space: charged there too"), flag=True
        ),
        Field("half_price", msgid("Half price"), msgid("Space: every tier has it"), flag=True),
        Field("half_price_quota", msgid("Half-price quota"), msgid("Left out: 40 %, as by law")),
    ),
    "rare": (
        Field("description", msgid("Description"), msgid("May be left out")),
        Field("series.slug", msgid("Series, its slug"), msgid("Groups dates; may be left out")),
        Field("series.title", msgid("Series, its title"), msgid("With the slug of the series")),
        Field("currency", msgid("Currency"), msgid("Left out: BRL")),
        Field("language", msgid("Language of tickets"), msgid("pt-BR or en")),
        Field("venue.country", msgid("Country"), msgid("Left out: BR")),
        Field("claim", msgid("To answer a call"), _CLOCK),
        Field("choosing", msgid("To choose"), _CLOCK),
        Field("paying", msgid("To pay"), _CLOCK),
        Field("retry", msgid("To pay once more"), _CLOCK),
        Field("session_max", msgid("At most in all"), _CLOCK),
        Field("delivery_cap", msgid("Wait for delivery"), _CLOCK),
        Field("second_chance_places", msgid("Second chance, places"), msgid("Left out: 20")),
        Field("calls_max", msgid("Buying at a time"), msgid("0: as many as there are tickets")),
        Field("calls_per_s", msgid("Calls a second"), msgid("Left out: 20")),
        Field("gateway", msgid("Gateway"), msgid("Left out: the house's own")),
    ),
    "tier": (
        Field("name", msgid("Name"), msgid("A part of the house: stalls, balcony")),
        Field("capacity", msgid("Tickets"), msgid("How many, digits alone")),
        Field("price", msgid("Full price"), msgid("60,00; left out where it has fares")),
        Field("fee", msgid("Service fee"), _FEE),
        Field("half_price", msgid("Half price"), msgid("Space: this tier has it"), flag=True),
        Field("document", msgid("CPF"), msgid("Space: asked for when buying"), flag=True),
    ),
    "fare": (
        Field("name", msgid("Name"), msgid("Such as Social, Moradores")),
        Field("price", msgid("Price"), msgid("60,00; 0 is free")),
        Field("fee", msgid("Service fee"), _FEE),
        Field("quota", msgid("Quota"), msgid("The name of a quota; may be left out")),
        Field("proof", msgid("Proof at the door"), msgid("Space: it is asked for"), flag=True),
        Field("document", msgid("CPF"), msgid("Space: asked for when buying"), flag=True),
    ),
    "allotment": (
        Field("channel", msgid("Channel"), msgid("window, telegram or api; left out: window")),
        Field("quantity", msgid("Tickets"), msgid("How many are kept for it")),
        Field("release", msgid("Free for all from"), _BEFORE),
    ),
    "quota": (
        Field("name", msgid("Name"), msgid("As fares name it")),
        Field("capacity", msgid("Tickets"), msgid("How many, or a share: 40 %")),
    ),
}
NAMES = {
    "more": msgid("How it is sold"),
    "rare": msgid("What is rarely set"),
    "tier": msgid("Tier"),
    "fare": msgid("Fare"),
    "allotment": msgid("Kept for a channel"),
    "quota": msgid("Quota"),
}
"""What parts are called."""


@dataclass(slots=True)
class Part:
    """A part of the form: the show, a tier and what is in it, a quota."""

    kind: str
    values: dict[str, Value] = field(default_factory=dict[str, Value])
    parts: list["Part"] = field(default_factory=list["Part"])

    def below(self, path: str = "") -> Iterator[tuple[str, "Part"]]:
        """Yield this part and all in it, each with its path."""
        yield path, self
        counts: dict[str, int] = {}
        for part in self.parts:
            number = counts[part.kind] = counts.get(part.kind, -1) + 1
            yield from part.below(f"{path}.{part.kind}[{number}]".lstrip("."))

    def all_values(self) -> dict[str, Value]:
        """Return what was filled in, by path."""
        return {
            f"{path}.{key}".lstrip("."): value
            for path, part in self.below()
            for key, value in part.values.items()
        }


def blank(kind: str) -> Part:
    """Return a part with nothing filled in."""
    kinds = ("show", "more", "rare") if kind == "show" else (kind,)
    fields = [one for name in kinds for one in FIELDS[name]]
    return Part(kind, {one.key: False if one.flag else "" for one in fields})


def form_of(values: Mapping[str, Value]) -> Part:
    """Return the form with these values; a new show has a tier to begin with."""
    show = blank("show")
    for path, value in values.items():
        part, rest = show, path
        while "[" in rest:
            step, _, rest = rest.partition("].")
            kind, _, number = step.partition("[")
            part = _numbered(part, kind, int(number))
        part.values[rest] = value
    if not any(part.kind == "tier" for part in show.parts):
        show.parts.append(blank("tier"))
    return show


def _numbered(part: Part, kind: str, number: int) -> Part:
    """Return a part by its number among its kind, made if it is not there."""
    same = [one for one in part.parts if one.kind == kind]
    while len(same) <= number:
        same.append(blank(kind))
        part.parts.append(same[-1])
    return same[number]
