"""Makes finished purchases quickly: the office's own rules, without its door.

The rules of `core` decide each purchase from joining to the delivered receipt, 1,000 to
a transaction, and the store writes what they decided, each row once and as it stands at the end.
The ledger holds every step, so an audit of the file finds nothing.
"""

import gc
from collections.abc import Sequence

from benchmarks.buyers import WANTED
from benchmarks.ground import Ground
from benchmarks.running import say
from core.decide import open_sales
from core.house import House, register
from core.messages import Effect
from core.outbox import effect_done
from core.outcomes import CheckedOut, Done, Joined, Paid, Registered
from core.paying import check_out
from core.ports import Names, Steps
from core.reports import report
from core.requests import CheckOut, Choose, EffectDone, Join, Register, Report
from core.sale import Sale
from core.selling import choose, join

_AT_ONCE = 1_000
_TOLD = 100_000


async def fill(here: Ground, shows: Sequence[int], size: int) -> None:
    """Make `size` people, each with one finished purchase at one of the shows."""
    gc.disable()
    try:
        for first in range(0, size, _AT_ONCE):
            show_id = shows[first * len(shows) // size]
            some = [here.ids.new() for _ in range(min(_AT_ONCE, size - first))]
            await here.store.transact(lambda some=some, first=first: _register(here, some, first))
            await here.store.transact(lambda some=some, show_id=show_id: _sell(here, show_id, some))
            if (first + len(some)) % _TOLD == 0:
                say(f"{first + len(some):,} finished purchases made")
    finally:
        gc.enable()


def _register(here: Ground, people: list[str], first: int) -> Steps:
    snapshot = yield Names(house=True)
    house = House(snapshot.books[0], snapshot, here.office.clock.now_ms(), here.ids)
    for number, customer_id in enumerate(people, first):
        contacts = (("telegram", str(100_000_000 + number)),)
        known = register(house, Register(customer_id=customer_id, contacts=contacts))
        assert isinstance(known, Registered), known
    return [house.collect()]


def _sell(here: Ground, show_id: int, people: list[str]) -> Steps:
    snapshot = yield Names(shows={show_id})
    sale = open_sales(snapshot, here.office.clock.now_ms())[show_id]
    sale.customers.update(people)
    for customer_id in people:
        _finish(sale, customer_id, here.ids.new(), here.ids.new())
    return [sale.collect()]


def _finish(sale: Sale, customer_id: str, purchase_id: str, payment_id: str) -> None:
    show_id = sale.book.show_id
    joined = join(sale, Join(show_id=show_id, purchase_id=purchase_id, customer_id=customer_id))
    assert isinstance(joined, Joined), joined
    choose(sale, Choose(show_id=show_id, purchase_id=purchase_id, wanted=WANTED))
    ordered = check_out(
        sale,
        CheckOut(
            show_id=show_id,
            purchase_id=purchase_id,
            payment_id=payment_id,
            gateway="counter",
            method="cash",
            outside=0,
        ),
    )
    assert isinstance(ordered, CheckedOut), ordered
    paid = report(
        sale,
        Report(
            show_id=show_id,
            payment_id=payment_id,
            event_id=payment_id,
            state="captured",
            amount_minor=ordered.total_minor,
            currency=ordered.currency,
        ),
    )
    assert isinstance(paid, Paid), paid
    receipt = Effect(*sale.changes.effects[-1])  # pyright: ignore[reportArgumentType]
    sale.effects[receipt.ledger_seq, receipt.item] = receipt
    done = effect_done(
        sale, EffectDone(show_id=show_id, ledger_seq=receipt.ledger_seq, item=receipt.item)
    )
    assert isinstance(done, Done), done
