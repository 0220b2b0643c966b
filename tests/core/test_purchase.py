"""Properties of the life of a purchase and of a payment: each is resolved once."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import selling
from core.payments import PaymentState, follows
from core.purchase import LIVE, OPEN, TRANSITIONS, Event, State, after
from core.requests import Choose, Join
from tests.auxil.sales import open_sale, stock

EVENTS = st.lists(st.sampled_from(Event), max_size=30)
REPORTS = st.lists(
    st.sampled_from(sorted(set(PaymentState) - {PaymentState.CREATED, PaymentState.REFUNDED})),
    max_size=12,
)
ENDS = set(State) - LIVE


def live_on(start: State, events: list[Event]) -> list[State]:
    """The states that a purchase goes through when whatever happens to it is tried."""
    states = [start]
    for event in events:
        if (states[-1], event) in TRANSITIONS:
            states.append(after(states[-1], event))
    return states


@given(start=st.sampled_from((State.IN_LOBBY, State.IN_LINE, State.CHOOSING)), events=EVENTS)
def test_a_purchase_is_resolved_once(start: State, events: list[Event]) -> None:
    states = live_on(start, events)
    ended = [state for state in states if state in ENDS]
    assert ended[:-1] == [] or (len(ended) == 2 and ended[1] is State.COMPLETED), ended
    assert all(state in ENDS for state in states[len(states) - len(ended) :])


@given(start=st.sampled_from(State), events=EVENTS)
def test_only_who_chose_comes_to_pay_and_only_who_was_called_or_let_in_to_choose(
    start: State, events: list[Event]
) -> None:
    states = live_on(start, events)
    for before, now in pairwise(states):
        if now is State.PAYING:
            assert before in {State.CHOOSING, State.PAYING}
        if now is State.CHOOSING:
            assert before in {State.CALLED, State.CHOOSING, State.PAYING}
        if now is State.COMPLETED:
            assert before in {State.PAYING, State.LEFT, State.LAPSED}


def test_every_state_can_be_reached_and_every_live_one_left() -> None:
    reached = {State.IN_LOBBY}
    while new := {to for (at, _), to in TRANSITIONS.items() if at in reached} - reached:
        reached |= new
    assert reached == set(State)
    for state in LIVE:
        assert (state, Event.LEAVE) in TRANSITIONS
        assert (state, Event.CLOSE) in TRANSITIONS
    assert OPEN < LIVE


def test_a_step_that_the_rules_forbid_names_itself() -> None:
    with pytest.raises(KeyError, match="completed"):
        after(State.COMPLETED, Event.LEAVE)


@given(reports=REPORTS, seed=st.randoms(use_true_random=False))
def test_a_payment_is_captured_once_whatever_is_reported_in_which_order(
    reports: list[PaymentState], seed: Random
) -> None:
    for order in (reports, seed.sample(reports, len(reports)), reports * 2):
        state, captures = PaymentState.CREATED, 0
        for reported in order:
            if follows(state, reported):
                state = reported
                captures += reported is PaymentState.CAPTURED
        assert captures == (PaymentState.CAPTURED in order)
        if captures:
            assert state is PaymentState.CAPTURED


@given(state=st.sampled_from(PaymentState))
def test_no_state_of_a_payment_follows_itself(state: PaymentState) -> None:
    assert not follows(state, state)


@given(
    baskets=st.lists(st.dictionaries(st.integers(1, 3), st.integers(1, 4), max_size=3), max_size=8),
)
def test_a_basket_set_twice_is_set_once(baskets: list[dict[int, int]]) -> None:
    sale = open_sale(stock(3, 3, 3), customers=2)
    for who in "01":
        selling.join(sale, Join(show_id=1, purchase_id=who, customer_id=who))
    for wanted in baskets:
        request = Choose(show_id=1, purchase_id="0", wanted=tuple(wanted.items()))
        deadline_ms = sale.purchases["0"].deadline_ms
        first = selling.choose(sale, request)
        written = sale.book.ledger_seq
        assert selling.choose(sale, request) == first
        assert sale.book.ledger_seq == written
        assert sale.purchases["0"].deadline_ms == deadline_ms
        sale.stock.check()
