"""People who buy through the one door: whole purchases, with the time each of them took."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter
from typing import TypeVar

from benchmarks.ground import Ground
from core.outcomes import CheckedOut, Chosen, Joined, Paid
from core.requests import CheckOut, Choose, Join, Report

_T = TypeVar("_T")

WANTED = ((1, 1), (2, 1))
"""Each buys one ticket at the full price and one at half."""
STEPS = 4
"""Requests, and so entries of the ledger, in a whole purchase."""


async def buy(
    ground: Ground, show_id: int, customer_id: str, took: list[float] | None = None
) -> None:
    """Join, choose, check out and pay; the seconds of each request are appended to `took`."""
    purchase_id = ground.ids.new()
    join = Join(show_id=show_id, purchase_id=purchase_id, customer_id=customer_id)
    joined = await _timed(ground.office.join(join), took)
    assert isinstance(joined, Joined), joined
    choose = Choose(show_id=show_id, purchase_id=purchase_id, wanted=WANTED)
    chosen = await _timed(ground.office.choose(choose), took)
    assert isinstance(chosen, Chosen), chosen
    await pay(ground, show_id, purchase_id, took)


async def pay(
    ground: Ground, show_id: int, purchase_id: str, took: list[float] | None = None
) -> None:
    """Check out what is in the basket and pay it at the counter."""
    payment_id = ground.ids.new()
    check_out = CheckOut(
        show_id=show_id,
        purchase_id=purchase_id,
        payment_id=payment_id,
        gateway="counter",
        method="cash",
        outside=0,
    )
    ordered = await _timed(ground.office.check_out(check_out), took)
    assert isinstance(ordered, CheckedOut), ordered
    report = Report(
        show_id=show_id,
        payment_id=payment_id,
        event_id=payment_id,
        state="captured",
        amount_minor=ordered.total_minor,
        currency=ordered.currency,
    )
    paid = await _timed(ground.office.report(report), took)
    assert isinstance(paid, Paid), paid


async def _timed(answer: Awaitable[_T], took: list[float] | None) -> _T:
    if took is None:
        return await answer
    began = perf_counter()
    outcome = await answer
    took.append(perf_counter() - began)
    return outcome


async def crowd(
    people: list[str], callers: int, act: Callable[[int, str], Awaitable[object]]
) -> tuple[float, list[float]]:
    """Have `callers` serve the people, each the next one; return seconds: all, and of each.

    `act` gets the person's number in the list and the customer id.
    """
    waiting: Iterator[tuple[int, str]] = iter(enumerate(people))
    took: list[float] = []

    async def caller() -> None:
        for number, customer_id in waiting:
            began = perf_counter()
            await act(number, customer_id)
            took.append(perf_counter() - began)

    started = perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return perf_counter() - started, took
