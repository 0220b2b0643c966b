"""The working set of a sale, made by hand for properties of the pure rules."""

from dataclasses import replace
from typing import Any

from core.house import new_book
from core.purchase import State
from core.sale import Plan, Sale, Status
from core.stock import FarePrice, Stock, TierStock
from core.terms import Terms
from tests.auxil.drafts import T0_MS

TERMS = Terms(sale_opens_ms=T0_MS, sale_closes_ms=T0_MS + 1_000_000_000)


def stock(*capacities: int) -> Stock:
    """One tier and one fare, of the same number, for each capacity."""
    made = Stock()
    for no, capacity in enumerate(capacities, 1):
        made.tiers[no] = TierStock(1, no, f"tier {no}", capacity, 0, 0)
        made.fares[no] = FarePrice(1, no, no, f"fare {no}", 100, 10, None, 0, 0)
    return made


def open_sale(made: Stock, customers: int = 0, **terms: Any) -> Sale:  # noqa: ANN401
    """A sale that is open, with customers '0', '1', ... known."""
    book = new_book(1)
    book.status = Status.OPEN
    plan = Plan(1, "show", "BRL", T0_MS, "", replace(TERMS, **terms))
    sale = Sale(book, plan, made, T0_MS)
    sale.customers = {str(n) for n in range(customers)}
    return sale


def places(sale: Sale) -> list[tuple[int, int]]:
    """(place, number) of everyone in line, in order."""
    waiting = (p for p in sale.purchases.values() if p.state is State.IN_LINE)
    return sorted((p.place or 0, p.number or 0) for p in waiting)
