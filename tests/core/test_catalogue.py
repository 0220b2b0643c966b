"""The rules of the catalogue: what makes a show that can be sold."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import (
    CAPACITY_MAX,
    Allotment,
    Fare,
    Quota,
    Series,
    ShowDraft,
    Tier,
    Venue,
    check,
    zone_known,
)
from core.plain import as_plain, from_plain
from core.search import normalise, words
from core.terms import DAY_MS, HOUR_MS, Terms

STARTS_MS = 2_000_000_000_000
TERMS = Terms(sale_opens_ms=STARTS_MS - 30 * DAY_MS, sale_closes_ms=STARTS_MS)
FULL = Fare(
    name="Inteira", price_minor=12_000, fee_minor=1_200, quota=None, proof=False, document=False
)
HALF = Fare(
    name="Meia-entrada",
    price_minor=6_000,
    fee_minor=600,
    quota="concession",
    proof=True,
    document=False,
)
WINDOW = Allotment(channel="window", quantity=20, release_ms=STARTS_MS - HOUR_MS)
STALLS = Tier(name="Plateia", capacity=100, fares=(FULL, HALF), allotments=(WINDOW,))
DRAFT = ShowDraft(
    slug="opera-do-boto",
    title="A Ópera do Boto",
    description="Em dois atos.\nCom tambores.",
    language="pt-BR",
    series=Series(slug="boto", title="Temporada do Boto"),
    venue=Venue(
        name="Teatro Vitória-Régia",
        address="Praça dos Remadores, s/n",
        city="Manaus",
        region="AM",
        country="BR",
        time_zone="America/Manaus",
    ),
    starts_ms=STARTS_MS,
    doors_ms=STARTS_MS - HOUR_MS,
    currency="BRL",
    tiers=(STALLS,),
    quotas=(Quota(name="concession", capacity=40),),
    terms=TERMS,
)


def with_venue(**changes: object) -> ShowDraft:
    return replace(DRAFT, venue=replace(DRAFT.venue, **changes))


def with_terms(**changes: object) -> ShowDraft:
    return replace(DRAFT, terms=replace(TERMS, **changes))


def with_tier(**changes: object) -> ShowDraft:
    return replace(DRAFT, tiers=(replace(STALLS, **changes),))


def with_fare(**changes: object) -> ShowDraft:
    return with_tier(fares=(replace(FULL, **changes), HALF))


def with_allotment(**changes: object) -> ShowDraft:
    return with_tier(allotments=(replace(WINDOW, **changes),))


def with_quota(**changes: object) -> ShowDraft:
    return replace(DRAFT, quotas=(replace(DRAFT.quotas[0], **changes),))


BROKEN: list[tuple[ShowDraft, str, str]] = [
    (replace(DRAFT, slug=""), "slug", "missing"),
    (replace(DRAFT, slug="Ópera"), "slug", "other characters"),
    (replace(DRAFT, slug="a" * 49), "slug", "other characters"),
    (replace(DRAFT, slug="boto\n"), "slug", "other characters"),
    (replace(DRAFT, title=" "), "title", "title is missing"),
    (replace(DRAFT, title="x" * 121), "title", "121 characters"),
    (replace(DRAFT, title="Boto "), "title", "begins or ends"),
    (replace(DRAFT, title="Bo\x1b[31mto"), "title", "control character"),
    (replace(DRAFT, title="Bo\u202eto"), "title", "control character"),
    (replace(DRAFT, title="Bo\ud800to"), "title", "control character"),
    (replace(DRAFT, title="Bo\nto"), "title", "line break"),
    (replace(DRAFT, description="x" * 4_001), "description", "4001 characters"),
    (replace(DRAFT, description="a\x00b"), "description", "control character"),
    (replace(DRAFT, language="pt"), "language", "language"),
    (replace(DRAFT, currency="R$"), "currency", "ISO 4217"),
    (replace(DRAFT, doors_ms=STARTS_MS + 1), "doors_ms", "after the show starts"),
    (replace(DRAFT, doors_ms=0), "doors_ms", "2000 to 2099"),
    (replace(DRAFT, starts_ms=5_000_000_000_000), "starts_ms", "2000 to 2099"),
    (replace(DRAFT, series=Series(slug="", title="T")), "series.slug", "missing"),
    (replace(DRAFT, series=Series(slug="t", title="")), "series.title", "missing"),
    (with_venue(name=""), "venue.name", "missing"),
    (with_venue(city=""), "venue.city", "city is missing"),
    (with_venue(address="x" * 201), "venue.address", "201 characters"),
    (with_venue(country="Brasil"), "venue.country", "ISO 3166"),
    (with_venue(time_zone="America/Atlantis"), "venue.time_zone", "time zone"),
    (with_venue(time_zone="../etc/passwd"), "venue.time_zone", "time zone"),
    (with_venue(time_zone="America"), "venue.time_zone", "time zone"),
    (with_venue(time_zone=""), "venue.time_zone", "time zone"),
    (replace(DRAFT, tiers=(), quotas=()), "tiers", "no tier"),
    (replace(DRAFT, tiers=(STALLS, replace(STALLS, name="PLATÉIA"))), "tiers[1].name", "another"),
    (with_tier(name=""), "tiers[0].name", "missing"),
    (with_tier(name="x" * 41), "tiers[0].name", "41 characters"),
    (with_tier(capacity=CAPACITY_MAX + 1), "tiers[0].capacity", "outside 1 to 1000000"),
    (with_tier(fares=(HALF, HALF)), "tiers[0].fares[1].name", "another fare"),
    (with_tier(fares=(FULL,) * 21), "tiers[0].fares", "21 fares"),
    (with_fare(price_minor=-1), "tiers[0].fares[0].price_minor", "outside"),
    (with_fare(price_minor=10**13), "tiers[0].fares[0].price_minor", "outside"),
    (with_fare(fee_minor=-1), "tiers[0].fares[0].fee_minor", "outside"),
    (with_fare(quota="idosos"), "tiers[0].fares[0].quota", "no quota named 'idosos'"),
    (with_allotment(channel="fax"), "tiers[0].allotments[0].channel", "this channel"),
    (with_allotment(quantity=0), "tiers[0].allotments[0].quantity", "outside 1"),
    (with_allotment(quantity=101), "tiers[0].allotments", "101 tickets"),
    (with_allotment(release_ms=STARTS_MS), "tiers[0].allotments[0].release_ms", "closed"),
    (with_tier(allotments=(WINDOW, WINDOW)), "tiers[0].allotments[1].channel", "another"),
    (with_quota(capacity=101), "quotas[0].capacity", "more than the 100"),
    (with_quota(capacity=0), "quotas[0].capacity", "outside 1"),
    (
        replace(DRAFT, quotas=(*DRAFT.quotas, Quota(name="idle", capacity=1))),
        "quotas[1].name",
        "no fare counts",
    ),
    (with_terms(sale_opens_ms=STARTS_MS), "terms.sale_opens_ms", "at or after"),
    (with_terms(sale_closes_ms=STARTS_MS + 1), "terms.sale_closes_ms", "after the show"),
    (with_terms(refunds_until_ms=4_000_000_000_000), "terms.refunds_until_ms", "after the show"),
    (with_terms(lobby_opens_ms=TERMS.sale_opens_ms), "terms.lobby_opens_ms", "at or after"),
    (with_terms(sale_opens_ms=1_700_000_000), "terms.sale_opens_ms", "2000 to 2099"),
    (with_terms(claim_ms=0), "terms.claim_ms", "outside 1 second"),
    (with_terms(delivery_cap_ms=5 * HOUR_MS), "terms.delivery_cap_ms", "outside 1 second"),
    (with_terms(claim_ms=1_500_001), "terms.claim_ms", "longer than the longest"),
    (with_terms(paying_ms=1_500_001), "terms.paying_ms", "longer than the longest"),
    (with_terms(limit_per_customer=0), "terms.limit_per_customer", "outside 1"),
    (with_terms(calls_per_s=0), "terms.calls_per_s", "outside 1"),
    (with_terms(calls_max=-1), "terms.calls_max", "outside 0"),
    (with_terms(second_chance_places=-1), "terms.second_chance_places", "outside 0"),
    (with_terms(gateway="Stripe!"), "terms.gateway", "gateway"),
]


def test_a_good_draft_has_no_problem():
    assert check(DRAFT) == ()


@pytest.mark.parametrize(
    ("draft", "where", "what"),
    BROKEN,
    ids=[f"{number}-{where}" for number, (_, where, _) in enumerate(BROKEN)],
)
def test_a_broken_rule_is_told(draft: ShowDraft, where: str, what: str):
    problems = check(draft)
    assert where in [problem.where for problem in problems]
    assert any(what in problem.what for problem in problems if problem.where == where)
    assert all(problem.advice for problem in problems)


def test_each_broken_rule_alone_is_told_once():
    several = {"tiers[0].fares", "starts_ms"}  # many equal fares; a start after the closing
    for draft, where, _ in BROKEN:
        if where not in several:
            assert [p.where for p in check(draft)].count(where) == 1, where


def test_all_problems_are_told_at_once():
    draft = replace(with_fare(price_minor=-1), title="", currency="?", slug="?")
    assert {p.where for p in check(draft)} == {
        *("slug", "title", "currency"),
        "tiers[0].fares[0].price_minor",
    }


def test_zones_of_brazil_are_known():
    for city in ("Sao_Paulo", "Manaus", "Rio_Branco", "Recife", "Bahia", "Cuiaba", "Noronha"):
        assert zone_known(f"America/{city}")


NAMES = st.text(max_size=30)
NUMBERS = st.integers(-(2**62), 2**62)
FARES = st.builds(
    Fare,
    name=NAMES,
    price_minor=NUMBERS,
    fee_minor=NUMBERS,
    quota=st.none() | NAMES,
    proof=st.booleans(),
    document=st.booleans(),
)
ALLOTMENTS = st.builds(Allotment, channel=NAMES, quantity=NUMBERS, release_ms=NUMBERS)
TIERS = st.builds(
    Tier,
    name=NAMES,
    capacity=NUMBERS,
    fares=st.lists(FARES, max_size=3).map(tuple),
    allotments=st.lists(ALLOTMENTS, max_size=2).map(tuple),
)
DRAFTS = st.builds(
    ShowDraft,
    slug=NAMES,
    title=NAMES,
    description=NAMES,
    language=NAMES,
    series=st.none() | st.builds(Series, slug=NAMES, title=NAMES),
    venue=st.builds(
        Venue,
        name=NAMES,
        address=NAMES,
        city=NAMES,
        region=NAMES,
        country=NAMES,
        time_zone=NAMES | st.just("UTC"),
    ),
    starts_ms=NUMBERS,
    doors_ms=st.none() | NUMBERS,
    currency=NAMES,
    tiers=st.lists(TIERS, max_size=2).map(tuple),
    quotas=st.lists(st.builds(Quota, name=NAMES, capacity=NUMBERS), max_size=2).map(tuple),
    terms=st.builds(
        Terms,
        sale_opens_ms=NUMBERS,
        sale_closes_ms=NUMBERS,
        lobby_opens_ms=st.none() | NUMBERS,
        window_fee=st.booleans(),
        gateway=st.none() | NAMES,
    ),
)


@given(DRAFTS)
def test_any_draft_is_checked_and_survives_plain_data(draft: ShowDraft):
    check(draft)
    written = json.dumps(as_plain(draft))
    assert from_plain(json.loads(written)) == draft
    assert json.dumps(json.loads(written), sort_keys=True) == written


def test_a_setting_of_a_later_version_takes_its_default():
    plain = as_plain(DRAFT)
    terms = plain["terms"]
    assert isinstance(terms, dict)
    del terms["calls_per_s"]
    assert from_plain(plain) == DRAFT


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", None),
        ("starts_ms", "soon"),
        ("starts_ms", True),
        ("tiers", {}),
        ("venue", None),
        ("terms", {}),
        ("quotas", [{"name": "q", "capacity": 1.5}]),
        ("quotas", [{"name": "q", "capacity": True}]),
    ],
)
def test_damaged_plain_data_is_named(key: str, value: object):
    with pytest.raises(ValueError, match="not a draft"):
        from_plain(as_plain(DRAFT) | {key: value})


def test_searching_folds_accents_case_and_punctuation():
    assert normalise("São João -- BALCÃO!") == "sao joao balcao"
    assert normalise("Straße İzmir ﬁm") == "strasse izmir fim"
    assert normalise("★") == ""


@given(st.text())
def test_folding_twice_changes_nothing(text: str):
    assert normalise(normalise(text)) == normalise(text)


def test_a_show_is_found_by_what_it_is_and_where():
    found = words(DRAFT)
    for word in ("opera do boto", "temporada", "vitoria regia", "manaus", "am", "dois atos"):
        assert word in found
