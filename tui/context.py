"""What every screen of a window shares: who sits there, in what language, and how it asks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from core.payments import UNDER_WAY, Payment
from core.ports import BrokenInvariant, Overloaded, StorageLost
from core.views import Clerk, ShiftView
from language import Speech, speech
from tui.ports import Givens

_T = TypeVar("_T")
_SLOW_S = 0.5
"""An answer that takes longer is waited for in sight."""
_AGAIN_S = 1.0
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Lost:
    """The office could not be reached for so long that the person should know and decide."""

    why: str


Answer = _T | Lost


@dataclass(slots=True)
class Context:
    """One window with whoever sits at it."""

    givens: Givens
    say: Speech = field(init=False)
    clerk: Clerk | None = None
    shift: ShiftView | None = None
    """The clerk's open drawer."""
    tell: Callable[[str], None] = field(default=lambda _text: None)
    """Shows what is being waited for, in the bar on top; '' when nothing is."""
    tries: int = _TRIES
    ways: tuple[tuple[str, str], ...] = ()
    """(key, name) of the screens that this clerk may go to, for the line below the bar."""

    def __post_init__(self) -> None:
        self.say = speech(self.givens.language, "tui")

    @property
    def actor(self) -> str:
        """Who acts, as the ledger says it."""
        return f"clerk:{self.clerk.name}" if self.clerk else "system"

    @property
    def shift_id(self) -> str:
        """The drawer that money goes through; '' for none."""
        return self.shift.shift.shift_id if self.shift else ""

    def now_ms(self) -> int:
        """Return UTC epoch milliseconds."""
        return self.givens.office.clock.now_ms()

    def new_id(self) -> str:
        """Return a new id."""
        return self.givens.office.ids.new()

    def trial(self, *payments: Payment) -> str:
        """Return what must stand beside these payments if no money moves; '' if it does."""
        real = self.givens.offers.moves_money
        counts = [one for one in payments if one.captured_minor or one.state in UNDER_WAY]
        if all(real(payment.gateway) for payment in counts):
            return ""
        return self.say.text("TRIAL: no money moves.")

    def money(self, minor: int, currency: str) -> str:
        """Write an amount."""
        return self.say.money(minor, currency)

    async def ask(self, call: Callable[[], Awaitable[_T]]) -> _T | Lost:
        """Ask the office, showing what is waited for; asked again while it can't be reached.

        Every request may be asked again: it has one effect, and the same answer.
        """
        why = ""
        for _ in range(self.tries):
            try:
                return await self._watched(call())
            except (StorageLost, Overloaded) as lost:
                why = str(lost)
                self.tell(self.say.text("waiting for the office: {why}", why=why))
            except BrokenInvariant as broken:
                self.tell("")
                return Lost(self.say.text("refused by a rule of the house: {why}", why=broken))
            await asyncio.sleep(_AGAIN_S)
        self.tell(self.say.text("the office can't be reached: {why}", why=why))
        return Lost(why)

    async def _watched(self, answer: Awaitable[_T]) -> _T:
        slow = self.say.text("the office is slow to answer: nothing is lost, please wait")
        told = asyncio.get_running_loop().call_later(_SLOW_S, self.tell, slow)
        try:
            given = await answer
        finally:
            told.cancel()
        self.tell("")
        return given
