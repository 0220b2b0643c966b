"""Plays scenario tables: aligned text, one act a line, `-> ` what must come of it.

    tier  pista 2                               a show is described first,
    ana   joins             -> choosing, #1     then people act on it;
    & ana leaves            -> left             `&` acts in the same batch as the line above,
    again                   -> same             the last request once more,
    +3m                                         the clock moves,
    sweep                                       and the caretaker goes round.

Who acts: people by name, `manager`, `bank` (the gateway), `post` (who delivers messages), `door`.
What is looked at: `NAME is`, `NAME was told`, `NAME has`, `line`, `sale`. Facts are separated by
commas and each must be true (`tests.auxil.saying` has the words); `not X` must not be.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker, verify_draw
from core.catalogue import Fare, ShowDraft, Tier
from core.terms import Terms
from tests.auxil.acts import Acts, Person
from tests.auxil.drafts import T0_MS, fare, show, tier
from tests.auxil.offices import SIGNER, HandClock, publish
from tests.auxil.saying import facts, purchase_facts, sale_facts, span_ms, stock_facts

_SPANS = {name for name in Terms.__dataclass_fields__ if name.endswith("_ms")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: where it stands, what is done, what is expected of it."""

    number: int
    words: list[str]
    expected: list[str]
    joined: bool


@dataclass(slots=True)
class Table:
    """One scenario: a name, the show it is about, and its lines."""

    name: str
    house: list[Line] = field(default_factory=list[Line])
    lines: list[Line] = field(default_factory=list[Line])

    def draft(self) -> ShowDraft:
        """Build the show that the table describes."""
        tiers: list[Tier] = []
        quotas: dict[str, int] = {}
        window: dict[str, Any] = {}
        terms: dict[str, Any] = {}
        for line in self.house:
            match line.words:
                case ["tier", name, capacity, *fares]:
                    kept = window.get(name, {})
                    sold = [_fare(words.split("/")) for words in fares]
                    tiers.append(tier(name, int(capacity), *sold, **kept))
                case ["quota", name, capacity]:
                    quotas[name] = int(capacity)
                case ["window", name, quantity, "until", release]:
                    kept_ms = T0_MS + span_ms(release)
                    window[name] = {"window": int(quantity), "release_ms": kept_ms}
                case ["terms", *pairs]:
                    terms |= dict(_term(*pair.split("=")) for pair in pairs)
                case _:
                    message = f"line {line.number}: a show has no {' '.join(line.words)}"
                    raise ValueError(message)
        return show(*tiers, quotas=quotas, **terms)


def _fare(words: list[str]) -> Fare:
    """Read 'meia/50+5/quota=meia/proof'."""
    name, price, *more = words
    amount, _, fee = price.partition("+")
    quota = next((word.partition("=")[2] for word in more if word.startswith("quota=")), None)
    flags = {"proof": "proof" in more, "document": "document" in more}
    return fare(name, int(amount), int(fee or 0), quota=quota, **flags)


def _term(name: str, value: str) -> tuple[str, object]:
    if f"{name}_ms" in _SPANS:
        ms = span_ms(value)
        opens = name in {"sale_opens", "sale_closes", "lobby_opens"}
        return f"{name}_ms", T0_MS + ms if opens else ms
    return name, value == "yes" if name == "window_fee" else int(value)


_HOUSE = {"tier", "quota", "window", "terms"}


def read_tables(text: str) -> list[Table]:
    """Read the scenarios of a file: each begins with a `== name` line."""
    tables: list[Table] = []
    for number, raw in enumerate(text.splitlines(), 1):
        stripped = raw.partition("  #")[0].strip()
        if stripped.startswith("=="):
            tables.append(Table(stripped.strip("= ")))
        elif stripped and not stripped.startswith("#"):
            done, _, expected = stripped.partition("->")
            joined = done.startswith("&")
            words = done.removeprefix("&").split()
            wanted = [fact.strip() for fact in expected.split(",") if fact.strip()]
            line = Line(number, words, wanted, joined)
            if words[0] in _HOUSE and not tables[-1].lines:
                tables[-1].house.append(line)
            else:
                tables[-1].lines.append(line)
    return tables


class Stage:
    """Where a table is played."""

    def __init__(self, office: BoxOffice, clock: HandClock) -> None:
        self.office, self.clock = office, clock
        self.caretaker = Caretaker(office, SIGNER)
        self.show_id = 0
        self.last: object = None

    async def play(self, table: Table) -> None:
        """Play a table from the opening on; the first line that is not true raises."""
        draft = table.draft()
        self.show_id = (await publish(self.office, draft))[draft.slug]
        self.acts = Acts(self.office, self.show_id, draft)
        if draft.terms.sale_opens_ms <= self.clock.ms:
            await self.office.run(ask.OpenSale(show_id=self.show_id))
        for group in _groups(table.lines):
            await self._play(group)

    async def _play(self, group: list[Line]) -> None:
        for line in group:
            await self.acts.prepare(line.words)
        waiting: list[tuple[Line, Awaitable[object]]] = []
        for line in group:
            if line.words[0] == "sweep" or line.words[0][0] in "+-":
                await self._pass(line.words)
            else:
                waiting.append((line, self._do(line.words)))
        for line, answer in waiting:
            given = await answer
            said = self._say(line, given)
            for wanted in line.expected:
                lacks = wanted.startswith("not ") and wanted not in said
                true = wanted[4:] not in said if lacks else wanted in said
                told = f"line {line.number}: {' '.join(line.words)}: not {wanted!r} but {said}"
                assert true, told

    async def _pass(self, words: list[str]) -> None:
        if words[0] == "sweep":
            await self.caretaker.round()
        else:
            self.clock.ms += span_ms(words[0])

    def _do(self, words: list[str]) -> Awaitable[object]:
        match words:
            case ["again"]:
                return self.acts.again()
            case ["line", "is"]:
                return self._line()
            case ["draw", "verifies"]:
                return self._draw()
            case ["sale", "is"] | [_, "has"]:
                return self.office.look.show(self.show_id)
            case [name, "is"]:
                return self._look(self.acts.people[name])
            case [name, "was", "told"]:
                return self.acts.told(name)
            case _:
                return self.acts.do(words)

    def _say(self, line: Line, given: object) -> set[str]:
        if isinstance(given, set):
            return given
        match line.words:
            case ["again"]:
                return {"same"} if given == self.last else {"another answer", *facts(given)}
            case ["sale", "is"]:
                return sale_facts(given)  # pyright: ignore[reportArgumentType]
            case [name, "has"]:
                return stock_facts(given, name)  # pyright: ignore[reportArgumentType]
            case _:
                self.last = given
                return facts(given)

    async def _look(self, person: Person) -> set[str]:
        seen = await self.office.look.purchase(self.show_id, person.purchase_id)
        assert seen is not None, person
        return purchase_facts(seen.purchase, seen.ahead)

    async def _line(self) -> set[str]:
        names = {p.purchase_id: p.name for p in self.acts.people.values()}
        waiting = await self.office.look.line(self.show_id, 1_000)
        for ahead, purchase in enumerate(waiting):
            position = await self.office.look.position(self.show_id, purchase.purchase_id)
            assert position == ahead, f"{purchase.purchase_id} is told {position}, is {ahead}"
        return {" ".join(names[p.purchase_id] for p in waiting) or "empty"}

    async def _draw(self) -> set[str]:
        """Check the draw as anyone could, from the frozen list and the numbers given."""
        seen = await self.office.look.show(self.show_id)
        assert seen is not None
        ids = list(await self.office.look.lobby_ids(self.show_id, "", 1_000))
        numbered: list[str] = []
        for number in range(1, len(ids) + 1):
            one = await self.office.look.purchase_by_number(self.show_id, number)
            numbered.append(one.purchase.purchase_id if one else f"nobody has number {number}")
        return {verify_draw(seen, ids, numbered) or f"drawn {len(ids)}"}


def _groups(lines: list[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if line.joined:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups
