"""A show as a form: what is filled in is read as files are, and drafts are written back."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.catalogue import ShowDraft
from core.terms import MINUTE_MS
from data.files import Supplied, read_catalogue
from data.files.forms import Value, form_of, read_form
from tests.auxil.drafts import T0_MS, fare, show, tier

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "sample").glob("*.*"))
FILLED: dict[str, Value] = {
    "title": "Trio Cascavel Azul",
    "slug": "trio",
    "venue.name": "Clube Sanhaço",
    "venue.city": "Recife",
    "venue.time_zone": "America/Recife",
    "series.slug": "",
    "series.title": "",
    "starts": "20/05/2030 21:00",
    "doors": "1 h before",
    "fee": "10 %",
    "half_price": True,
    "half_price_quota": "",
    "tier[0].name": "Pista",
    "tier[0].capacity": "280",
    "tier[0].price": "60,00",
    "tier[0].document": False,
}


def wrong(**filled: Value) -> list[tuple[str, str]]:
    values = FILLED | {path.replace("__", "."): value for path, value in filled.items()}
    draft, problems = read_form(values, now_ms=T0_MS)
    assert draft is None
    return [(problem.where, problem.advice) for problem in problems]


def test_what_is_filled_in_is_read_as_a_file_is() -> None:
    draft, problems = read_form(FILLED, now_ms=T0_MS)
    assert problems == ()
    assert draft is not None
    (pista,) = draft.tiers
    assert [(f.name, f.price_minor, f.fee_minor) for f in pista.fares] == [
        ("Inteira", 6_000, 600),
        ("Meia-entrada", 3_000, 300),
    ]
    assert draft.quotas[0].capacity == 112
    assert draft.doors_ms == draft.starts_ms - 60 * MINUTE_MS


def test_each_problem_stands_at_its_field() -> None:
    assert [where for where, _ in wrong(starts="tomorrow", slug="São")] == ["starts", "slug"]
    values = FILLED | {"tier[0].price": "1.234", "tier[1].name": "Camarote"}
    _, problems = read_form(values, now_ms=T0_MS)
    assert {p.where for p in problems} >= {"tier[0].price", "tier[1].capacity"}


def drafts() -> list[ShowDraft]:
    found: list[ShowDraft] = []
    for path in SAMPLES:
        supplied = Supplied(time_zone="America/Recife", currency="BRL", capacity=100)
        shows, problems = read_catalogue(path, now_ms=T0_MS, supplied=supplied)
        assert not problems, path
        found += shows
    odd = show(
        tier("Pista", 9, fare("Inteira", 1), fare("Social", 5, document=True), window=3),
        slug="odd",
        choosing_ms=61_500,
        lobby_opens_ms=T0_MS - 1,
        refunds_until_ms=T0_MS + 2,
        gateway="counter",
        window_fee=True,
    )
    yen = replace(odd, slug="yen", currency="JPY", doors_ms=odd.starts_ms - MINUTE_MS)
    # The clocks of New York go back then: 01:30 comes twice.
    venue = replace(odd.venue, time_zone="America/New_York")
    twice = replace(odd, slug="twice", venue=venue, starts_ms=1_919_914_200_000)
    return [*found, odd, yen, twice]


@pytest.mark.parametrize("draft", drafts(), ids=lambda draft: draft.slug)
def test_a_draft_written_as_a_form_is_read_back_the_same(draft: ShowDraft) -> None:
    again, _ = read_form(form_of(draft), now_ms=T0_MS)
    assert again == draft
