"""A fan: what one person does with a phone, from hearing of the show to holding tickets or leaving.

A fan behaves as a good face does. Every request names what it would create, and is sent again,
the same, until an answer is heard. Nothing is polled: who waits does nothing at all until a
message comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.demo.chance import Chance
from app.demo.gateway import CARD, NAME, PIX
from app.demo.links import Link
from core.messages import Kind
from core.outcomes import (
    CallExpired,
    CheckedOut,
    NotEnough,
    NotYourTurn,
    Standing,
)
from core.purchase import State
from core.requests import CheckOut, Choose, Claim, Join, Leave, PurchaseRequest, Refund

Outcome = Any
"""A value of `core.outcomes`."""
_TRIES_MAX = 8
_STEPS = ("call", "choosing", "paying", "pix")
_S = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How people behave, as shares of all and spans in milliseconds."""

    vanish: float = 0.06
    """Drop out without a word, at one of `_STEPS`."""
    decline: float = 0.04
    """A card is declined once; the person takes another."""
    pix: float = 0.5
    late_pix: float = 0.01
    """Pay a Pix although too late."""
    refund: float = 0.07
    """Give the tickets back after a while."""
    stay: float = 0.4
    """Stay in line when told that all is sold."""
    think_ms: tuple[int, int] = (5 * _S, 60 * _S)
    """Before each step, and before answering a call."""
    refund_after_ms: tuple[int, int] = (60 * _S, 300 * _S)
    late_after_ms: int = 420 * _S
    most_tickets: int = 4
    provider: bool = True
    """Pay through a provider, by card or Pix; otherwise the office hears of money at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FareChoice:
    """A fare as a person sees it."""

    fare_no: int
    tier_no: int
    plain: bool
    """The tier's first fare: open to anyone."""


class World(Protocol):
    """What surrounds a fan."""

    show_id: int
    fares: tuple[FareChoice, ...]

    def now_ms(self) -> int: ...
    def after(self, delay_ms: int, act: Callable[[], None]) -> None: ...
    def at(self, at_ms: int, act: Callable[[], None]) -> None: ...
    def submit(self, fan: "Fan", request: PurchaseRequest, hear: Callable[[Outcome], None]) -> None:
        """Bring a request to the office."""
        ...

    def count(self, what: str) -> None: ...
    def got_tickets(self, fan: "Fan", tickets: int) -> None: ...
    def bad_card(self, payment_id: str) -> None: ...
    def pay(self, payment_id: str) -> None: ...
    def pay_at_once(self, order: CheckedOut) -> None: ...


class Fan:
    """One person who wants tickets."""

    __slots__ = (
        "_asked",
        "_attempts",
        "_chance",
        "_claiming",
        "_fares",
        "_quantity",
        "_tries",
        "_vanishes_at",
        "_world",
        "habits",
        "has",
        "late",
        "left",
        "link",
        "name",
        "present",
        "stays",
    )

    def __init__(self, world: World, name: str, link: Link, chance: Chance, habits: Habits) -> None:
        self._world = world
        self._chance = chance
        self.name = name
        self.link = link
        self.habits = habits
        self.present = True
        self.has = False
        self.left = False
        self._asked = 0
        self._tries = 0
        self._attempts = 0
        self._claiming = False
        self._vanishes_at = ""
        if chance.happens(habits.vanish):
            self._vanishes_at = chance.pick(_STEPS)
        self.late = chance.happens(habits.late_pix)
        self.stays = chance.happens(habits.stay)
        self._quantity = min(chance.pick((1, 1, 2, 2, 2, 3, 4)), habits.most_tickets)
        self._fares = self._wishes()

    @property
    def steadfast(self) -> bool:
        """Whether the person stays for what was wanted: only these can succeed."""
        return not self._vanishes_at and not self.late

    def arrive(self) -> None:
        """Come to the sale."""
        self._ask(Join(**self._where(), customer_id=self.name), self._joined)

    def receive(self, kind: str) -> None:
        """Read a message of the office."""
        if not self.present or (self.left and kind != Kind.RECEIPT):
            return
        match kind:
            case Kind.YOUR_TURN:
                if not self._claiming:
                    self._claiming = True
                    self._then("call", self._claim)
            case Kind.SECOND_CHANCE:
                self._claiming = False
            case Kind.RECEIPT:
                self._enjoy()
            case Kind.PAYMENT_DECLINED:
                self._hush()
                self._after_thought(self._check_out)
            case Kind.END_OF_LINE:
                if not self.stays and not self._claiming:
                    self._leave()
            case Kind.TIME_ENDED | Kind.CALL_LAPSED | Kind.SALE_CLOSED:
                self._give_up()
            case _:
                pass

    # Steps.

    def _joined(self, outcome: Outcome) -> None:
        if isinstance(outcome, Standing) and outcome.state is State.CHOOSING:
            self._claiming = True
            self._then("choosing", self._choose)
        elif not isinstance(outcome, Standing):
            self._give_up()

    def _claim(self) -> None:
        self._ask(Claim(**self._where()), self._claimed)

    def _claimed(self, outcome: Outcome) -> None:
        if isinstance(outcome, Standing):
            self._then("choosing", self._choose)
        elif isinstance(outcome, NotYourTurn | CallExpired) and outcome.state is not State.LAPSED:
            self._claiming = False  # Too late, but not for good: another call comes.
        else:
            self._give_up()

    def _choose(self) -> None:
        wanted = ((self._fares[0].fare_no, self._quantity),)
        self._ask(Choose(**self._where(), wanted=wanted), self._chosen)

    def _chosen(self, outcome: Outcome) -> None:
        match outcome:
            case Standing():
                self._then("paying", self._check_out)
            case NotEnough() if self._tries < _TRIES_MAX and self._settle_for_less(outcome):
                self._tries += 1
                self._world.after(2 * _S, self._choose)
            case _:
                self._leave()

    def _settle_for_less(self, short: NotEnough) -> bool:
        """Want fewer tickets, or others; False: there is nothing else to want."""
        if 0 < short.available < self._quantity and short.quota_no is None:
            self._quantity = short.available
            return True
        self._fares = self._fares[1:]
        return bool(self._fares)

    def _check_out(self) -> None:
        self._attempts += 1
        payment_id = f"{self.name}-pay-{self._attempts}"
        pix = self.late or self._vanishes_at == "pix" or self._chance.happens(self.habits.pix)
        method = PIX if pix else CARD
        if method == CARD and self._attempts == 1 and self._chance.happens(self.habits.decline):
            self._world.bad_card(payment_id)
        request = CheckOut(
            **self._where(),
            payment_id=payment_id,
            gateway=NAME,
            method=method,
            outside=int(self.habits.provider),
        )
        self._ask(request, lambda outcome: self._checked_out(outcome, method))

    def _checked_out(self, outcome: Outcome, method: str) -> None:
        if isinstance(outcome, CheckedOut):
            payment_id = outcome.payment_id
            if not self.habits.provider:
                self._then("pix", lambda: self._world.pay_at_once(outcome))
            elif self.late:
                self._world.after(self.habits.late_after_ms, lambda: self._world.pay(payment_id))
            elif method == PIX:
                self._then("pix", lambda: self._world.pay(payment_id))
        else:
            self._give_up()

    def _enjoy(self) -> None:
        self._hush()
        self.has = True
        self._world.got_tickets(self, self._quantity)
        if self._chance.happens(self.habits.refund):
            self._world.after(self._chance.between(*self.habits.refund_after_ms), self._give_back)

    def _give_back(self) -> None:
        request = Refund(**self._where(), refund_id=f"{self.name}-refund", reason="cannot come")
        self._ask(request, lambda _: None)

    def _leave(self) -> None:
        self.left = True
        self._ask(Leave(**self._where()), lambda _: None)

    def _give_up(self) -> None:
        self._hush()
        self.left = True

    # How things are asked.

    def _where(self) -> dict[str, Any]:
        return {"show_id": self._world.show_id, "purchase_id": f"{self.name}-buys"}

    def _then(self, step: str, act: Callable[[], None]) -> None:
        """Take a step after a thought, unless this is where the person vanishes."""
        if step == self._vanishes_at:
            self._hush()
            self.present = False
            self._world.count("vanished")
        else:
            self._after_thought(act)

    def _after_thought(self, act: Callable[[], None]) -> None:
        self._world.after(self._thought_ms(), act)

    def _thought_ms(self) -> int:
        return self._chance.between(*self.habits.think_ms)

    def _hush(self) -> None:
        """Stop repeating whatever was asked."""
        self._asked += 1

    def _ask(self, request: PurchaseRequest, hear: Callable[[Outcome], None]) -> None:
        self._asked += 1
        self._send(self._asked, request, hear, again=False)

    def _send(
        self, asked: int, request: PurchaseRequest, hear: Callable[[Outcome], None], *, again: bool
    ) -> None:
        """Send a request, and again after a while, until `asked` is answered or dropped."""
        if asked != self._asked or not self.present:
            return
        world = self._world
        if again:
            world.count("repeated")
        arrives_ms = self.link.trip(world.now_ms())
        if arrives_ms is None:
            world.count("lost")
        else:
            world.at(
                arrives_ms,
                lambda: world.submit(self, request, lambda o: self._answer(asked, o, hear)),
            )
        world.after(self.link.kind.retry_ms, lambda: self._send(asked, request, hear, again=True))

    def _answer(self, asked: int, outcome: Outcome, hear: Callable[[Outcome], None]) -> None:
        """Carry an answer back over the link."""
        arrives_ms = self.link.trip(self._world.now_ms())
        if arrives_ms is None:
            self._world.count("lost")
        elif asked == self._asked:
            self._world.at(arrives_ms, lambda: self._hear(asked, outcome, hear))

    def _hear(self, asked: int, outcome: Outcome, hear: Callable[[Outcome], None]) -> None:
        if asked == self._asked and self.present:
            self._asked += 1
            hear(outcome)

    def _wishes(self) -> tuple[FareChoice, ...]:
        """Order the fares: one's own first, then its tier's open one, then the other tiers'."""
        fares = self._world.fares
        first = self._chance.pick(fares)
        rest = [fare for fare in fares if fare.plain and fare != first]
        rest.sort(key=lambda fare: (fare.tier_no != first.tier_no, fare.tier_no))
        return (first, *rest)
