"""What a basket costs: the price and, always apart from it, the fee."""

from core.outcomes import OrderLine
from core.purchase import Basket
from core.stock import FarePrice


def price(lines: Basket, fares: dict[int, FarePrice], *, with_fee: bool) -> tuple[OrderLine, ...]:
    """Return the lines with the price and fee of one ticket each, in minor units."""
    return tuple(
        OrderLine(
            fare_no, quantity, fares[fare_no].price_minor, fares[fare_no].fee_minor * with_fee
        )
        for fare_no, quantity, _ in lines
    )


def totals(lines: tuple[OrderLine, ...]) -> tuple[int, int]:
    """Return (sum of the prices, sum of the fees)."""
    return (
        sum(line.quantity * line.price_minor for line in lines),
        sum(line.quantity * line.fee_minor for line in lines),
    )
