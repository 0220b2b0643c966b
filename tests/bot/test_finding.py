"""What people write when they look for shows, as the bot reads it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.finding import WORDS_BYTES, read_day, words_of
from bot.marks import DATA_MAX, Do, Marks, Tap

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("28/11", date(2026, 11, 28)),
        ("23/11", TODAY),
        ("22/11", date(2027, 11, 22)),
        ("1/2", date(2027, 2, 1)),
        ("28/11/26", date(2026, 11, 28)),
        ("28.11.2026", date(2026, 11, 28)),
        ("2026-11-28", date(2026, 11, 28)),
        ("28 de novembro", date(2026, 11, 28)),
        ("1º de março", date(2027, 3, 1)),
        ("28 Nov", date(2026, 11, 28)),
        ("28 november 2027", date(2027, 11, 28)),
        ("Hoje", TODAY),
        ("amanhã", date(2026, 11, 24)),
        ("tomorrow", date(2026, 11, 24)),
        ("28/11/2020", date(2020, 11, 28)),
        ("31/02", None),
        ("29/02", None),
        ("29/02/2028", date(2028, 2, 29)),
        ("28/13", None),
        ("31/12/9999", None),
        ("0001-01-01", None),
        ("7 marias", None),
        ("12 homens", None),
        ("28", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None) -> None:
    assert read_day(text, TODAY) == day


@given(st.text(max_size=80))
def test_any_search_fits_the_buttons_that_turn_its_pages(text: str) -> None:
    words = words_of(text)
    assert len(words.encode()) <= WORDS_BYTES
    tap = Tap(do=Do.SHOWS, args=(36**2 - 1,), text=words)
    assert len(Marks("secret").write(tap).encode()) <= DATA_MAX
    assert Marks("secret").read(Marks("secret").write(tap)) == tap
