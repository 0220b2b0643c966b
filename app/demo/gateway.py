"""A pretend payment provider: cards that authorise first, Pix whose money comes when it comes.

It keeps what a real one keeps (the present state of each payment) and reports the way real ones
do: in answer to a call, and by itself when something happens there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.bills import Bill
from core.offers import Offer
from core.payments import Payment, Refund
from core.ports import Account, GatewayReport

CARD = "card"
PIX = "pix"
NAME = "demo"

_ANSWERS_MS = 2_000
"""How long a bank takes to say yes or no to a card."""

After = Callable[[int, Callable[[], None]], None]
"""Called with (delay in ms, act) to have something done later."""
Notify = Callable[[int, str, GatewayReport], None]
"""Called with (show, payment, report) when something happens at the provider by itself."""


@dataclass(slots=True)
class _Account:
    """A payment as the provider has it."""

    show_id: int
    amount_minor: int
    currency: str
    state: str


class DemoGateway:
    """A `core.ports.Gateway` outside the office."""

    def __init__(self, after: After, notify: Notify) -> None:
        self.name = NAME
        self.outside = 1
        self.moves_money = False
        self._after = after
        self._notify = notify
        self._accounts: dict[str, _Account] = {}
        self._bad_cards: set[str] = set()

    def bad_card(self, payment_id: str) -> None:
        """Have this attempt's card declined."""
        self._bad_cards.add(payment_id)

    def pay(self, payment_id: str) -> None:
        """Pay a Pix from a bank; even one just called off, as banks are not asked first."""
        if payment_id in self._accounts:  # Otherwise the code to pay was never made.
            self._happen(payment_id, "captured")

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        """Offer a card or Pix to anybody."""
        del channel, currency
        ways = (CARD, PIX)
        return [Offer(gateway=NAME, method=way, outside=1, moves_money=False) for way in ways]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        """Begin a payment: a card's bank answers soon, a Pix waits for its payer."""
        payment, payment_id = bill.payment, bill.payment.payment_id
        account = self._accounts.get(payment_id)
        if account is None:
            account = _Account(payment.show_id, bill.total_minor, payment.currency, "pending")
            self._accounts[payment_id] = account
            if payment.method == CARD:
                said = "failed" if payment_id in self._bad_cards else "authorised"
                self._after(_ANSWERS_MS, lambda: self._answer(payment_id, said))
        return [_report(payment.payment_id, account)]

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        """Take what was authorised."""
        account = self._accounts[payment.payment_id]
        if account.state == "authorised":
            account.state = "captured"
        return [_report(payment.payment_id, account)]

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        """Say how a payment stands; unpaid, it is cancelled here first."""
        account = self._accounts.get(payment.payment_id)
        if account is None:
            account = _Account(payment.show_id, payment.amount_minor, payment.currency, "cancelled")
            self._accounts[payment.payment_id] = account
        elif account.state == "pending" or (void and account.state == "authorised"):
            account.state = "cancelled"
        return [_report(payment.payment_id, account)]

    async def refund(self, refund: Refund, payment: Payment) -> str:
        """Give money back, at once."""
        del refund, payment
        return "done"

    async def look(self, payment: Payment) -> Account | None:
        """Say how a payment stands."""
        account = self._accounts.get(payment.payment_id)
        return Account(report=_report(payment.payment_id, account)) if account else None

    def _answer(self, payment_id: str, state: str) -> None:
        if self._accounts[payment_id].state == "pending":
            self._happen(payment_id, state)

    def _happen(self, payment_id: str, state: str) -> None:
        account = self._accounts[payment_id]
        account.state = state
        self._notify(account.show_id, payment_id, _report(payment_id, account))


def _report(payment_id: str, account: _Account) -> GatewayReport:
    return GatewayReport(
        event_id=f"{payment_id}.{account.state}",
        state=account.state,
        amount_minor=account.amount_minor,
        currency=account.currency,
        reference=f"{NAME}-{payment_id}",
    )
