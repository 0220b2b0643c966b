"""Properties of the line: nobody is overtaken, numbers are given once, the counts are right."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core import limits, line, selling
from core.purchase import Purchase, State
from core.requests import Choose, Claim, Expire, Join, Leave
from core.sale import Sale
from tests.auxil.sales import open_sale, places, stock

ACTS = ("join", "leave", "expire", "claim", "choose", "leave and expire")
BATCHES = st.lists(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 199)), min_size=1, max_size=12),
    min_size=1,
    max_size=12,
)


def act(sale: Sale, what: str, who: int) -> None:
    """One request of one person; whoever is not in a state for it is refused, which is fine."""
    at: dict[str, Any] = {"show_id": 1, "purchase_id": f"p{who}"}
    match what:
        case "join":
            selling.join(sale, Join(**at, customer_id=str(who), channel="window"))
        case "leave":
            selling.leave(sale, Leave(**at))
        case "claim":
            selling.claim(sale, Claim(**at))
        case "choose":
            selling.choose(sale, Choose(**at, wanted=((1, 1),)))
        case "expire":
            expire(sale, at["purchase_id"])
        case _:
            expire(sale, at["purchase_id"])
            selling.leave(sale, Leave(**at))


def expire(sale: Sale, purchase_id: str) -> None:
    """The deadline has passed, and somebody noticed."""
    purchase = sale.purchases.get(purchase_id)
    if purchase is not None and purchase.deadline_ms is not None:
        purchase.deadline_ms = sale.now_ms
    selling.expire(sale, Expire(show_id=1, purchase_id=purchase_id))


def advance(sale: Sale, before: list[Purchase]) -> None:
    """End a batch as the office does: the rules see only as much of the line as they ask for."""
    near = line.near(sale)
    if near:
        line.advance(sale, before[:near])


def in_line(sale: Sale) -> list[Purchase]:
    """The line as the store has it, in order."""
    waiting = [p for p in sale.purchases.values() if p.state is State.IN_LINE]
    return sorted(waiting, key=lambda p: (p.place or 0, p.number or 0))


def crowd(sale: Sale, size: int) -> None:
    for who in range(size):
        act(sale, "join", who)
    advance(sale, [])
    sale.fresh.clear()


@settings(max_examples=150)
@given(
    batches=BATCHES,
    size=st.integers(0, 130),
    capacity=st.integers(1, 12),
    second=st.sampled_from((0, 1, 3, 20, 60)),
    calls_max=st.integers(0, 5),
)
def test_nobody_is_overtaken(
    batches: list[list[tuple[str, int]]], size: int, capacity: int, second: int, calls_max: int
) -> None:
    terms: dict[str, Any] = {
        "second_chance_places": second,
        "calls_max": calls_max,
        "calls_per_s": 1_000,
    }
    sale = open_sale(stock(capacity), customers=200, **terms)
    crowd(sale, size)
    for batch in batches:
        stored = in_line(sale)
        called = {p.purchase_id for p in sale.purchases.values() if p.state is State.CALLED}
        for what, who in batch:
            act(sale, what, who)
        advance(sale, stored)
        sale.fresh.clear()
        newly = [
            (p.place or 0, p.number or 0)
            for p in sale.purchases.values()
            if p.state is State.CALLED and p.purchase_id not in called
        ]
        waiting = places(sale)
        assert not newly or not waiting or max(newly) < waiting[0]
        assert_counted(sale)
        if waiting and not calls_max:
            assert sale.stock.promisable() <= 0, "a ticket lies idle while people wait"
        sale.stock.check()


def assert_counted(sale: Sale) -> None:
    """The book and the blocks say what the purchases are."""
    states = Counter(p.state for p in sale.purchases.values())
    assert sale.book.waiting == states[State.IN_LINE]
    assert sale.book.opened == states[State.CALLED] + states[State.CHOOSING]
    promised = sum(p.promised for p in sale.purchases.values())
    assert sum(sale.stock.promises.values()) == promised
    blocks = Counter(place // limits.PLACES_PER_BLOCK for place, _ in places(sale))
    assert {block: n for block, n in sale.blocks.items() if n} == dict(blocks)
    numbers = [p.number for p in sale.purchases.values()]
    assert sorted(n for n in numbers if n) == list(range(1, sale.book.next_number))


@given(
    missing=st.integers(1, 10),
    waiting=st.integers(0, 70),
    second=st.integers(0, 80),
)
def test_a_second_chance_is_so_many_places_behind_the_head(
    missing: int, waiting: int, second: int
) -> None:
    sale = open_sale(
        stock(missing),
        customers=200,
        second_chance_places=second,
        calls_per_s=1_000,
    )
    for who in range(missing):
        act(sale, "join", who)
        act(sale, "choose", who)
    sale.fresh.clear()
    for who in range(missing, 2 * missing + waiting):
        act(sale, "join", who)
    sale.fresh.clear()
    sale.book.status = "paused"
    stored = in_line(sale)
    for who in range(missing):
        act(sale, "leave", who)
    sale.book.status = "open"
    advance(sale, stored)
    first = [p for p in sale.purchases.values() if p.state is State.CALLED]
    assert len(first) == missing
    sale.book.status = "paused"
    stored = in_line(sale)
    for purchase in first:
        expire(sale, purchase.purchase_id)
    advance(sale, stored)
    order = [p.number for p in in_line(sale)]
    behind = min(second, waiting)
    rest = list(range(2 * missing + 1, 2 * missing + waiting + 1))
    assert order == rest[:behind] + [p.number for p in first] + rest[behind:]
