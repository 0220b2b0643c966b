"""What the sale has to print, so that it can be printed again or written into a file."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.payments import Payment
from core.views import PurchaseView, ShowView
from tui.context import Context
from tui.printing import slips
from tui.printing.desk import Printed, put_on_paper, save, save_pdf
from tui.printing.slips import Slip


@dataclass(slots=True)
class SalePaper:
    """The slips of the sale that is open."""

    context: Context
    name: str = ""
    _slips: tuple[Slip, ...] = field(default=())
    _again: tuple[Slip, ...] = field(default=())
    """The same as a second copy."""
    _pdf: Callable[[], bytes] | None = None
    """Makes the tickets as a PDF; None where only slips are."""
    _times: int = 0

    def sale(self, show: ShowView, view: PurchaseView) -> None:
        """Prepare the tickets and the receipt of a sale."""
        givens, say = self.context.givens, self.context.say
        trial = self.context.trial(*view.payments)
        tickets = slips.tickets(givens.house, show, view, givens.signer, say)
        first = slips.receipt(givens.house, show, view, say)
        second = slips.receipt(givens.house, show, view, say, again=True)
        self._slips = slips.marked(trial, (*tickets, first))
        self._again = slips.marked(trial, (*tickets, second))
        self.name, self._times = view.order_code or "", 0
        papers = givens.papers
        self._pdf = None if papers is None else lambda: papers.tickets(show, view)

    def number(self, show: ShowView, view: PurchaseView) -> None:
        """Prepare the number of somebody who waits."""
        slip = slips.number(self.context.givens.house, show, view, self.context.say)
        self._slips = self._again = (slip,)
        self._pdf = None
        number = view.purchase.number
        self.name, self._times = f"{show.card.slug}-{number or view.purchase.purchase_id}", 0

    def code(self, show: ShowView, code: str, payment: Payment) -> None:
        """Prepare the code by which an order is paid."""
        house, say = self.context.givens.house, self.context.say
        total = say.money(payment.amount_minor, payment.currency)
        slip = slips.pay_code(house, show, code, total, say)
        self._slips = self._again = slips.marked(self.context.trial(payment), (slip,))
        self._pdf = None
        self.name, self._times = payment.payment_id, 0

    async def print(self, *, kick: bool) -> Printed:
        """Print it; what was printed before is a second copy."""
        now = self._again if self._times else self._slips
        printed = await put_on_paper(self.context, self.name, now, kick=kick)
        self._times += printed.done
        return printed

    async def save(self) -> Printed:
        """Write it into a file: tickets as a PDF, all else as text."""
        if self._pdf is not None:
            return await save_pdf(self.context, self.name, self._pdf)
        return await save(self.context, self.name, self._slips)
