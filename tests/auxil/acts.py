"""What people, the manager, the bank, the post and the door do in scenario tables."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core import requests as ask
from core.box_office import BoxOffice, Running
from core.catalogue import ShowDraft
from core.house_requests import FAN
from core.messages import GATEWAY_KINDS, Effect
from tests.auxil.drafts import CPF
from tests.auxil.fans import register

_Request = TypeVar("_Request", bound=ask.Request)
CASH = "cash"
_STATES = {
    "holds": "pending",
    "authorises": "authorised",
    "captures": "captured",
    "cancels": "cancelled",
    "fails": "failed",
}
_ACTORS = {
    "clerk",
    "drawer",
    "manager",
    "bank",
    "post",
    "door",
    "line",
    "sale",
    "draw",
    "again",
    "sweep",
    "gateway",
}


@dataclass(slots=True)
class Person:
    """A customer and the purchase they are at; `payments` are the attempts to pay it."""

    name: str
    tries: int = 0
    payments: list[str] = field(default_factory=list[str])
    refunds: int = 0
    told: set[str] = field(default_factory=set[str])

    @property
    def purchase_id(self) -> str:
        return f"{self.name}-{self.tries}"


class Acts:
    """Turns the words of a line into one request to the office."""

    def __init__(self, office: BoxOffice, show_id: int, draft: ShowDraft) -> None:
        self.office, self.show_id = office, show_id
        self.people: dict[str, Person] = {}
        self._fares: dict[str, int] = {}
        self._tiers = {tier.name: no for no, tier in enumerate(draft.tiers, 1)}
        self._orders: dict[str, int] = {}
        self._crowd: list[Person] = []
        self._come = 0
        self._events = 0
        self._bank: set[str] = set()
        self._shifts: dict[str, int] = {}
        self._moves = 0
        self._last: Callable[[], Awaitable[object]] | None = None
        for tier in draft.tiers:
            for fare in tier.fares:
                self._fares[f"{tier.name}/{fare.name}"] = len(self._fares) + 1

    async def prepare(self, words: list[str]) -> None:
        """Make a newcomer known, and see how the order to be paid stands, before the act."""
        first = words[0]
        if first == "crowd":
            names = [f"c{self._come + n}" for n in range(1, int(words[1]) + 1)]
            self._come += len(names)
            await register(self.office, *names)
            self._crowd = [self.people.setdefault(name, Person(name)) for name in names]
            return
        known = first in self.people or first in _ACTORS or first[0] in "+-"
        if not known and words[1:2] != ["has"]:
            await register(self.office, first)
            self.people[first] = Person(first)
        if first == "bank" and len(words) > 2 and words[1] in _STATES:
            person = self.people[words[2]]
            seen = await self.office.look.purchase(self.show_id, person.purchase_id)
            if seen is not None and seen.order is not None:
                self._orders[person.purchase_id] = seen.order.total_minor

    def again(self) -> Awaitable[object]:
        """Ask the last thing once more."""
        assert self._last is not None, "nothing was asked yet"
        return self._last()

    def do(self, words: list[str]) -> Awaitable[object]:
        """Ask what the line says."""
        match words:
            case ["manager", act, *rest]:
                return self._ask(self.office.run, self._run(act, rest))
            case ["clerk", name, "is", role]:
                hired = ask.SetClerk(name=name, add=True, role=role, password_hash="x")
                return self._ask(self.office.set_clerk, hired)
            case ["clerk", name, act, *rest]:
                return self._drawer(name, act, rest)
            case ["drawer", name]:
                return self.office.look.shift(self._shift(name))
            case ["bank", "was", "asked"]:
                return self.told("bank")
            case ["bank", "returns" | "keeps", name]:
                return self._ask(self.office.refund_report, self._returned(name, words[1]))
            case ["bank", act, name, *rest]:
                return self._ask(self.office.report, self._report(act, name, rest))
            case ["post", "delivers" | "gives", *_, name]:
                return self._deliver(name, words[1] == "delivers")
            case ["crowd", _, "joins"]:
                return self._flock()
            case ["door", "admits", name, number, *rest]:
                return self._admit(name, int(number), " ".join(rest))
            case [name, *act]:
                return self._person(self.people[name], act)
            case _:
                raise ValueError(words)

    def _ask(
        self, door: Callable[[_Request], Awaitable[object]], request: _Request
    ) -> Awaitable[object]:
        self._last = lambda: door(request)
        return door(request)

    def _shift(self, name: str) -> str:
        return f"{name}-shift{self._shifts.get(name, 0)}"

    def _drawer(self, name: str, act: str, rest: list[str]) -> Awaitable[object]:
        """`opens 5000`, `puts 100 change`, `takes 100 to the bank`, `closes 1000x2`, `of other`."""
        office, actor = self.office, f"clerk:{name}"
        owner = rest[rest.index("of") + 1] if "of" in rest else name
        words = rest[: rest.index("of")] if "of" in rest else rest
        if act == "opens":
            self._shifts[name] = self._shifts.get(name, 0) + 1
            opened = ask.OpenShift(
                shift_id=self._shift(name), currency="BRL", float_minor=int(words[0]), actor=actor
            )
            return self._ask(office.open_shift, opened)
        if act == "closes":
            pairs = [word.split("x") for word in words if word != "nothing"]
            counted = tuple((int(note), int(count)) for note, count in pairs)
            closed = ask.CloseShift(shift_id=self._shift(owner), counted=counted, actor=actor)
            return self._ask(office.close_shift, closed)
        self._moves += 1
        moved = ask.MoveCash(
            shift_id=self._shift(owner),
            move_id=f"move{self._moves}",
            amount_minor=int(words[0]),
            reason=" ".join(words[1:]),
            out=int(act == "takes"),
            actor=actor,
        )
        return self._ask(office.move_cash, moved)

    def _person(self, person: Person, act: list[str]) -> Awaitable[object]:
        office = self.office
        match act:
            case ["joins", *rest]:
                return self._join(person, rest)
            case ["leaves"]:
                return self._ask(office.leave, ask.Leave(**self._at(person)))
            case ["claims"]:
                return self._ask(office.claim, ask.Claim(**self._at(person)))
            case ["chooses", *lines]:
                return self._ask(office.choose, self._choose(person, lines))
            case ["checks", "out", *how]:
                return self._ask(office.check_out, self._check_out(person, how))
            case ["steps", "back"]:
                return self._ask(office.step_back, ask.StepBack(**self._at(person)))
            case ["expires"]:
                return self._ask(office.expire, ask.Expire(**self._at(person)))
            case ["ends"]:
                return self._ask(office.end, ask.End(**self._at(person)))
            case ["returns", *numbers]:
                return self._ask(office.refund, self._refund(person, numbers))
            case _:
                raise ValueError(act)

    def _at(self, person: Person) -> dict[str, Any]:
        return {"show_id": self.show_id, "purchase_id": person.purchase_id}

    def _join(self, person: Person, rest: list[str]) -> Awaitable[object]:
        """`joins` begins a purchase; `joins from another phone` asks beside the one that lives."""
        channel = rest[1] if rest[:1] == ["at"] else "telegram"
        tries = person.tries + 1
        if rest[:1] != ["from"]:
            person.tries = tries
        request = ask.Join(
            show_id=self.show_id,
            purchase_id=f"{person.name}-{tries}",
            customer_id=person.name,
            channel=channel,
        )
        return self._ask(self.office.join, request)

    async def _flock(self) -> object:
        """A crowd joins, in order; the answer is that of the last."""
        return [await one for one in [self._join(person, []) for person in self._crowd]][-1]

    def _choose(self, person: Person, lines: list[str]) -> ask.Choose:
        """`pista/inteira 2 pista/meia 1`, `nothing`; `with-cpf` shows a document."""
        document = CPF if "with-cpf" in lines else None
        parts = [part for part in lines if part not in {"with-cpf", "nothing"}]
        wanted = tuple(
            (self._fares.get(fare, 99), int(quantity))
            for fare, quantity in zip(parts[::2], parts[1::2], strict=True)
        )
        return ask.Choose(**self._at(person), wanted=wanted, document=document)

    def _check_out(self, person: Person, how: list[str]) -> ask.CheckOut:
        person.payments.append(f"{person.purchase_id}-pay{len(person.payments) + 1}")
        cash = how[:1] == [CASH]
        clerk = how[2] if how[1:2] == ["by"] else ""
        drawer = how[4] if how[3:4] == ["from"] else clerk
        return ask.CheckOut(
            **self._at(person),
            shift_id=self._shift(drawer) if clerk else "",
            actor=f"clerk:{clerk}" if clerk else FAN,
            payment_id=person.payments[-1],
            gateway="counter" if cash else "bank",
            method=CASH if cash else "card",
            outside=0 if cash else 1,
        )

    def _refund(self, person: Person, numbers: list[str]) -> ask.Refund:
        person.refunds += 1
        clerk = numbers.pop() if numbers[-2:-1] == ["by"] else ""
        if clerk:
            numbers.pop()
        return ask.Refund(
            **self._at(person),
            shift_id=self._shift(clerk) if clerk else "",
            actor=f"clerk:{clerk}" if clerk else ask.SYSTEM,
            refund_id=f"{person.purchase_id}-back{person.refunds}",
            reason="asked for",
            ticket_nos=tuple(map(int, numbers)) if numbers else None,
        )

    def _run(self, act: str, rest: list[str]) -> Running:
        kinds: dict[str, Callable[..., Running]] = {
            "opens": ask.OpenSale,
            "pauses": ask.PauseSale,
            "resumes": ask.ResumeSale,
            "closes": ask.CloseSale,
            "cancels": ask.CancelShow,
        }
        if act == "releases":
            tier_no = self._tiers[rest[0]]
            return ask.ReleaseAllotment(show_id=self.show_id, tier_no=tier_no, channel=rest[1])
        return kinds[act](show_id=self.show_id)

    def _report(self, act: str, name: str, rest: list[str]) -> ask.Report:
        """`bank captures ana [attempt N] [amount N] [event X]`: else the last, all, a new one."""
        person = self.people[name]
        given = dict(zip(rest[::2], rest[1::2], strict=True))
        self._events += 1
        amount = given.get("amount") or self._orders.get(person.purchase_id, 0)
        return ask.Report(
            show_id=self.show_id,
            payment_id=person.payments[int(given.get("attempt", len(person.payments))) - 1],
            event_id=given.get("event", f"event{self._events}"),
            state=_STATES[act],
            amount_minor=int(amount),
            currency="BRL",
            actor="gateway:bank",
        )

    def _returned(self, name: str, act: str) -> ask.RefundReport:
        person = self.people[name]
        return ask.RefundReport(
            show_id=self.show_id,
            refund_id=f"{person.purchase_id}-back{person.refunds}",
            state="done" if act == "returns" else "failed",
        )

    async def _effects(self, name: str) -> list[Effect]:
        """What was written for somebody: for the bank, what it is asked about anybody."""
        people = self.people.values() if name == "bank" else [self.people[name]]
        effects: list[Effect] = []
        for person in people:
            for tries in range(1, person.tries + 1):
                purchase_id = f"{person.name}-{tries}"
                effects += await self.office.look.effects_of(self.show_id, purchase_id)
        effects.sort(key=lambda e: (e.ledger_seq, e.item))
        now_ms = self.office.clock.now_ms()
        theirs = [e for e in effects if (e.kind in GATEWAY_KINDS) == (name == "bank")]
        return [e for e in theirs if e.due_ms <= now_ms]  # A reminder is for later.

    async def told(self, name: str) -> set[str]:
        """What somebody was told, or the bank asked, since this was last looked at."""
        seen = self._bank if name == "bank" else self.people[name].told
        new = [effect for effect in await self._effects(name) if effect.key not in seen]
        seen.update(effect.key for effect in new)
        return {" ".join(e.kind.removeprefix("payment.") + _more(e) for e in new) or "nothing"}

    async def _deliver(self, name: str, delivered: bool) -> object:
        """The newest message to somebody arrives, or is given up."""
        effect = (await self._effects(name))[-1]
        key: dict[str, Any] = {
            "show_id": self.show_id,
            "ledger_seq": effect.ledger_seq,
            "item": effect.item,
        }
        if delivered:
            return await self._ask(self.office.finish, ask.EffectDone(**key))
        return await self._ask(self.office.finish, ask.EffectDead(**key, error="no such chat"))

    async def _admit(self, name: str, ticket_no: int, where: str) -> object:
        person = self.people[name]
        seen = await self.office.look.purchase(self.show_id, person.purchase_id)
        order_no = (seen.purchase.number or 0) if seen else 0
        request = ask.CheckIn(
            show_id=self.show_id,
            order_no=order_no,
            ticket_no=ticket_no,
            where=where.removeprefix("at "),
        )
        return await self._ask(self.office.check_in, request)


def _more(effect: Effect) -> str:
    """What a bare kind leaves out: that a payment is to be voided, how many are ahead."""
    data = json.loads(effect.data)
    if effect.kind == "payment.settle":
        return "(void)" if data.get("void") else ""
    return f"({data['ahead']} ahead)" if "ahead" in data else ""
