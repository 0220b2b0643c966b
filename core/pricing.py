"""What a basket costs: the price and, always apart from it, the fee."""

from core.outcomes import OrderLine
from core.purchase import Basket
from core.stock import FarePrice


def price(lines: Basket, fares: dict[int, FarePrice], *, with_fee: bool) -> tuple[OrderLine, ...]:
    """Return the lines with the price and fee of one ticket each, in minor units."""
    priced: list[OrderLine] = []
    for fare_no, quantity, _ in lines:
        fare = fares[fare_no]
        priced.append(
            OrderLine(fare_no, quantity, fare.price_minor, fare.fee_minor if with_fee else 0),
        )
    return tuple(priced)


def totals(lines: tuple[OrderLine, ...]) -> tuple[int, int]:
    """Return (sum of the prices, sum of the fees)."""
    price_minor = fee_minor = 0
    for line in lines:
        price_minor += line.quantity * line.price_minor
        fee_minor += line.quantity * line.fee_minor
    return price_minor, fee_minor
