"""The bill of a payment: what its payer reads at the provider."""

import json
from dataclasses import dataclass
from typing import Any

from core.payments import Order, Payment, read_lines
from core.receipts import order_code
from core.views import ShowView


@dataclass(frozen=True, slots=True)
class BillLine:
    """Tickets of one fare; amounts in minor units, for one ticket."""

    name: str
    quantity: int
    price_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A payment with all that a provider is told about it; the same whenever it is made out."""

    payment: Payment
    order_code: str
    title: str
    language: str
    lines: tuple[BillLine, ...]

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.payment.amount_minor


def make_out(show: ShowView, order: Order, payment: Payment) -> Bill:
    """Make out the bill of one payment for an order."""
    plain: dict[str, Any] = json.loads(show.plain)
    tiers = {tier.tier_no: tier.name for tier in show.tiers}
    fares = {fare.fare_no: f"{tiers[fare.tier_no]} - {fare.name}" for fare in show.fares}
    return Bill(
        payment=payment,
        order_code=order_code(order.show_id, order.order_no, order.purchase_id),
        title=show.card.title,
        language=plain["language"],
        lines=tuple(
            BillLine(fares[fare_no], quantity, price_minor, fee_minor)
            for fare_no, quantity, price_minor, fee_minor in read_lines(order.lines)
        ),
    )
