"""Ids: ordered, unguessable, unique."""

import re
import threading

from hypothesis import given
from hypothesis import strategies as st

from app.clock import SystemClock
from app.ids import TimeOrderedIds
from core import limits
from tests.auxil.offices import HandClock


def test_an_id_is_26_characters_without_those_that_are_misread() -> None:
    made = TimeOrderedIds(SystemClock()).new()
    assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", made)
    assert len(made) <= limits.ID_LENGTH


@given(st.lists(st.integers(min_value=0, max_value=2**47), min_size=1, max_size=200))
def test_later_ids_sort_after_earlier_ones_whatever_the_clock_does(times: list[int]) -> None:
    clock = HandClock()
    ids = TimeOrderedIds(clock)
    made: list[str] = []
    for clock.ms in times:
        made += [ids.new() for _ in range(3)]
    assert made == sorted(set(made))


def test_ids_of_two_offices_in_the_same_millisecond_differ() -> None:
    clock = HandClock()
    one, other = TimeOrderedIds(clock), TimeOrderedIds(clock)
    assert len({one.new() for _ in range(500)} | {other.new() for _ in range(500)}) == 1_000


def test_the_id_after_one_in_the_same_millisecond_is_far_from_it() -> None:
    ids = TimeOrderedIds(HandClock())
    made = [ids.new() for _ in range(200)]
    assert {one[:10] for one in made} == {made[0][:10]}
    assert len({one[-4:] for one in made}) > 190


def test_threads_share_one_maker() -> None:
    ids = TimeOrderedIds(HandClock())
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(ids.new() for _ in range(2_000)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000
