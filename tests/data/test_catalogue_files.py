"""Catalogues from files: what each format says, and every way in which one can be wrong."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.catalogue import Allotment, Quota, Series, ShowDraft, check
from core.plain import as_plain
from core.terms import ALREADY_OPEN_MS, DAY_MS, HOUR_MS, MINUTE_MS, Problem
from data.files import BYTES_MAX, Supplied, read_catalogue
from data.files.csv_shows import COLUMNS
from data.files.shows import ALLOTMENT_KEYS, FARE_KEYS, QUOTA_KEYS, SHOW_KEYS, TIER_KEYS, VENUE_KEYS

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "sample"
NOW_MS = 1_795_000_000_000  # 2026-11-18T10:26:40Z, a Wednesday
RECIFE = Supplied(time_zone="America/Recife")

Read = tuple[tuple[ShowDraft, ...], tuple[Problem, ...]]


def read(folder: Path, name: str, content: str | bytes, supplied: Supplied | None = None) -> Read:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_catalogue(path, now_ms=NOW_MS, supplied=supplied)


def only_show(answer: Read) -> ShowDraft:
    shows, problems = answer
    assert problems == ()
    assert len(shows) == 1
    assert check(shows[0]) == ()
    return shows[0]


# --- samples and docs


@pytest.mark.parametrize("name", ["sample.toml", "sample.csv", "sample.jsonld"])
@pytest.mark.parametrize("years", [0, 3, 20])
def test_the_samples_can_be_sold_whenever_they_are_loaded(name: str, years: int):
    now_ms = NOW_MS + years * 365 * DAY_MS
    shows, problems = read_catalogue(SAMPLES / name, now_ms=now_ms, supplied=RECIFE)
    assert problems == ()
    assert shows
    assert all(show.starts_ms > now_ms and not check(show) for show in shows)


def test_the_sample_shows_what_there_is():
    shows, _ = read_catalogue(SAMPLES / "sample.toml", now_ms=NOW_MS)
    assert 8 <= len(shows) <= 12
    zones = {show.venue.time_zone for show in shows}
    assert {"America/Sao_Paulo", "America/Manaus", "America/Rio_Branco"} <= zones
    assert sum(show.series == shows[1].series for show in shows) == 3
    hot = shows[0]
    assert hot.terms.lobby_opens_ms is not None
    assert hot.quotas[0].capacity * 10 >= sum(tier.capacity for tier in hot.tiers) * 4
    assert any(tier.allotments for tier in hot.tiers)
    fares = {fare.name for show in shows for tier in show.tiers for fare in tier.fares}
    assert {"Inteira", "Meia-entrada", "Social (1 kg de alimento)"} <= fares


def page_examples() -> list[tuple[str, str]]:
    page = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    return re.findall(r"^```(toml|csv|json)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(page_examples())))
def test_the_examples_of_the_page_are_whole_files(tmp_path: Path, number: int):
    suffix, text = page_examples()[number]
    shows, problems = read(tmp_path, f"example.{suffix}", text, RECIFE)
    assert problems == ()
    assert len(shows) == 1


def test_the_page_tells_every_key_and_column():
    page = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    for key in SHOW_KEYS | TIER_KEYS | FARE_KEYS | ALLOTMENT_KEYS | QUOTA_KEYS | VENUE_KEYS:
        assert re.search(rf"\b{key}\b", page), key
    for column in COLUMNS:
        assert f"`{column}`" in page, column


# --- TOML

HEAD = """\
[venues.casa]
name = "Casa"
city = "Manaus"
time_zone = "America/Manaus"

[series.boto]
title = "Boto"

"""
SHOW = """\
[[show]]
slug = "boto"
title = "Boto"
venue = "casa"
starts = 2027-03-20T20:00:00
"""
TIER = """\
[[show.tier]]
name = "Pista"
capacity = 101
price = "45.55"
"""
STARTS_MS = 1_805_587_200_000  # 2027-03-21T00:00:00Z


def toml_show(tmp_path: Path, show: str = "", tier: str = "", head: str = "") -> ShowDraft:
    return only_show(read(tmp_path, "c.toml", head + HEAD + SHOW + show + TIER + tier))


def test_a_short_show_has_the_defaults(tmp_path: Path):
    show = toml_show(tmp_path)
    assert show.starts_ms == STARTS_MS
    assert (show.language, show.currency, show.venue.country) == ("pt-BR", "BRL", "BR")
    assert show.terms.sale_opens_ms == ALREADY_OPEN_MS
    assert show.terms.sale_closes_ms == STARTS_MS
    assert (show.doors_ms, show.terms.lobby_opens_ms, show.quotas) == (None, None, ())
    (fare,) = show.tiers[0].fares
    assert (fare.name, fare.price_minor, fare.fee_minor) == ("Inteira", 4_555, 0)
    assert (fare.quota, fare.proof, fare.document) == (None, False, False)


def test_half_price_is_half_rounded_down_with_the_quota_of_the_law(tmp_path: Path):
    show = toml_show(tmp_path, 'fee = "10 %"\nhalf_price = true\n')
    full, half = show.tiers[0].fares
    assert (full.price_minor, full.fee_minor, full.quota) == (4_555, 456, None)
    assert (half.name, half.price_minor, half.fee_minor) == ("Meia-entrada", 2_277, 228)
    assert (half.quota, half.proof) == ("meia-entrada", True)
    assert show.quotas == (Quota(name="meia-entrada", capacity=41),)


def test_the_quota_of_half_price_is_called_what_people_read(tmp_path: Path):
    show = toml_show(tmp_path, 'language = "en"\nhalf_price = true\n')
    assert show.tiers[0].fares[1].quota == "concession"
    assert [quota.name for quota in show.quotas] == ["concession"]


@pytest.mark.parametrize(("quota", "capacity"), [('"50 %"', 51), ("60", 60), ('"41,5%"', 42)])
def test_the_quota_of_half_price_can_be_set(tmp_path: Path, quota: str, capacity: int):
    show = toml_show(tmp_path, f"half_price = true\nhalf_price_quota = {quota}\n")
    assert show.quotas[0].capacity == capacity


def test_a_tier_says_for_itself_whether_it_has_half_price(tmp_path: Path):
    show = toml_show(tmp_path, "half_price = true\n", "half_price = false\n")
    assert len(show.tiers[0].fares) == 1


def test_fares_follow_the_full_price_and_its_half(tmp_path: Path):
    more = '[[show.tier.fare]]\nname = "Social"\nprice = 30\nfee = "5.00"\nproof = true\n'
    show = toml_show(tmp_path, 'half_price = true\nfee = "7,5 %"\n', more)
    assert [fare.name for fare in show.tiers[0].fares] == ["Inteira", "Meia-entrada", "Social"]
    assert show.tiers[0].fares[2].price_minor == 3_000
    assert show.tiers[0].fares[2].fee_minor == 500


def test_english_shows_have_english_fares(tmp_path: Path):
    show = toml_show(tmp_path, 'language = "en"\nhalf_price = true\n')
    assert [fare.name for fare in show.tiers[0].fares] == ["Full", "Concession"]


def test_defaults_and_series_are_laid_under_the_show(tmp_path: Path):
    head = '[defaults]\nlimit_per_customer = 2\nclaim = "90 s"\n\n'
    show = toml_show(tmp_path, 'series = "boto"\nclaim = "2 min"\n', head=head)
    assert show.terms.limit_per_customer == 2
    assert show.terms.claim_ms == 2 * MINUTE_MS
    assert show.series == Series(slug="boto", title="Boto")


@pytest.mark.parametrize(
    ("written", "instant_ms"),
    [
        ("2027-03-19T20:00:00", STARTS_MS - DAY_MS),
        ("2027-03-19T20:00:00-03:00", STARTS_MS - DAY_MS - HOUR_MS),
        ("2027-03-20T00:00:00Z", STARTS_MS - DAY_MS),
        ('"2027-03-19 20:00"', STARTS_MS - DAY_MS),
        ('"2027-03-19T20:00:00 -0300"', STARTS_MS - DAY_MS - HOUR_MS),
        ('"19/03/2027 20:00"', STARTS_MS - DAY_MS),
        ('"2 h before"', STARTS_MS - 2 * HOUR_MS),
        ('"1 day before at 18:00"', STARTS_MS - DAY_MS - 2 * HOUR_MS),
        ('"1 dia antes às 18:00"', STARTS_MS - DAY_MS - 2 * HOUR_MS),
        ('"1 dia antes às 18h"', STARTS_MS - DAY_MS - 2 * HOUR_MS),
        ('"1 dia antes às 17h30"', STARTS_MS - DAY_MS - 5 * HOUR_MS // 2),
        ('"em 2 dias às 10:00"', 1_795_183_200_000),
        ('"in 10 min"', NOW_MS + 10 * MINUTE_MS),
        # 2026-11-18 06:26 in Manaus; the day after tomorrow at 10:00 there is 14:00 UTC.
        ('"in 2 days at 10:00"', 1_795_183_200_000),
    ],
)
def test_times_are_those_of_the_venue(tmp_path: Path, written: str, instant_ms: int):
    assert toml_show(tmp_path, f"sale_opens = {written}\n").terms.sale_opens_ms == instant_ms


def test_the_lobby_counts_back_from_the_opening(tmp_path: Path):
    show = toml_show(tmp_path, 'sale_opens = "10 days before"\nlobby_opens = "30 min before"\n')
    assert show.terms.lobby_opens_ms == STARTS_MS - 10 * DAY_MS - 30 * MINUTE_MS
    assert show.terms.refunds_until_ms is None
    show = toml_show(tmp_path, 'refunds_until = "2 days before"\n')
    assert show.terms.refunds_until_ms == STARTS_MS - 2 * DAY_MS


def test_allotments_and_quotas_are_read(tmp_path: Path):
    show = toml_show(
        tmp_path,
        '[[show.quota]]\nname = "bairro"\ncapacity = "10 %"\n',
        '[[show.tier.fare]]\nname = "Bairro"\nprice = "0"\nquota = "bairro"\n'
        '[[show.tier.allotment]]\nquantity = 7\nrelease = "1 h before"\n',
    )
    assert show.quotas == (Quota(name="bairro", capacity=11),)
    allotment = Allotment(channel="window", quantity=7, release_ms=STARTS_MS - HOUR_MS)
    assert show.tiers[0].allotments == (allotment,)


def test_the_same_file_makes_the_same_shows(tmp_path: Path):
    content = HEAD + SHOW + TIER
    one = only_show(read(tmp_path, "c.toml", content))
    later, _ = read_catalogue(tmp_path / "c.toml", now_ms=NOW_MS + DAY_MS)
    assert as_plain(one) == as_plain(later[0])


BROKEN_TOML = [
    ("", "c.toml", "empty"),
    ("# none\n", "c.toml", "no show"),
    ("show = 1\n", "c.toml:1 show[0]", "not a table"),
    ("show = [1]\n", "c.toml:1 show[0]", "not a table"),
    ("[show]\n", "c.toml:1 show[0]", "not a table"),
    ("a = \n", "c.toml", "line 1"),
    ("a = " + "[" * 100_000, "c.toml", "too deep"),
    ("a" + ".a" * 1_001 + " = 1", "c.toml", "more than 1000 parts"),
    ("\n[a]" * 100_001, "c.toml", "more than 100000 tables"),
    ("a = " + "9" * 5_000, "c.toml", "number too long"),
    ("defaults = 1\n" + HEAD + SHOW + TIER, "c.toml:1 defaults", "a table belongs"),
    ("[shows]\n" + HEAD + SHOW + TIER, "c.toml:1 shows", "no key 'shows'"),
    (HEAD + SHOW, "c.toml:9 show[0].tier", "no tier"),
    (HEAD + SHOW + 'titel = "x"\n' + TIER, "c.toml:14 show[0].titel", "no key 'titel'"),
    (HEAD + SHOW + TIER + "prise = 1\n", "c.toml:18 show[0].tier[0].prise", "no key 'prise'"),
    (HEAD + SHOW + '"a\\u001bb" = 1\n' + TIER, "c.toml:9 show[0].a\\x1bb", "no key"),
    (HEAD + SHOW + SHOW.replace("boto", "b2") + TIER, "c.toml:9 show[0].tier", "no tier"),
    (HEAD + SHOW + TIER + SHOW + TIER, "c.toml:19 show[1].slug", "another show, at c.toml:10"),
    (HEAD + (SHOW + TIER).replace('"casa"', '"caza"'), "c.toml:12 show[0].venue", "'caza'"),
    (HEAD + (SHOW + TIER).replace('"casa"', "7"), "c.toml:12 show[0].venue", "not a table"),
    ((HEAD + SHOW + TIER).replace('time_zone = "America/Manaus"', ""), "c.toml:1 venues", "zone"),
    ((HEAD + SHOW + TIER).replace("Manaus", "Manaos"), "c.toml:4 venues.casa.time_zone", "zone"),
    (HEAD + (SHOW + TIER).replace('"Boto"', "7"), "c.toml:11 show[0].title", "7 is not a text"),
    (HEAD + (SHOW + TIER).replace('"Boto"', '""'), "c.toml:11 show[0].title", "title is missing"),
    (HEAD + SHOW.replace("starts", "doors") + TIER, "c.toml:9 show[0].starts", "start is missing"),
    (HEAD + SHOW.replace("20T", "32T") + TIER, "c.toml", "line 13"),
    (HEAD + SHOW.replace("T20:00:00", "") + TIER, "c.toml:13 show[0].starts", "date and a time"),
    (HEAD + SHOW.replace("2027", "0001") + TIER, "c.toml:13 show[0].starts", "year 1 "),
    (HEAD + SHOW.replace("2027", "9999") + TIER, "c.toml:13 show[0].starts", "year 9999"),
    (HEAD + SHOW.replace("2027", "1985") + TIER, "c.toml:13 show[0].starts", "2000 to 2099"),
    (HEAD + SHOW + 'doors = "soon"\n' + TIER, "c.toml:14 show[0].doors", "'soon' is not a date"),
    (HEAD + SHOW + 'doors = "31/02/2027 10:00"\n' + TIER, "c.toml:14 show[0].doors", "not exist"),
    (HEAD + SHOW + 'doors = "2 h before at 10:00"\n' + TIER, "c.toml:14 show[0].doors", "time of"),
    (HEAD + SHOW + 'doors = "1 day before at 25:00"\n' + TIER, "c.toml:14 show[0].doors", "exist"),
    (HEAD + SHOW + "claim = 180\n" + TIER, "c.toml:14 show[0].claim", "not a length of time"),
    (HEAD + SHOW + 'claim = "3 mins"\n' + TIER, "c.toml:14 show[0].claim", "not a length of time"),
    (HEAD + SHOW + 'claim = "26 min"\n' + TIER, "c.toml:14 show[0].claim", "longer than"),
    (HEAD + SHOW + "calls_max = 1.5\n" + TIER, "c.toml:14 show[0].calls_max", "whole number"),
    (HEAD + SHOW + "calls_max = true\n" + TIER, "c.toml:14 show[0].calls_max", "whole number"),
    (HEAD + SHOW + "window_fee = 2\n" + TIER, "c.toml:14 show[0].window_fee", "true nor false"),
    (HEAD + SHOW + 'currency = "REAL"\n' + TIER, "c.toml:14 show[0].currency", "ISO 4217"),
    (HEAD + SHOW + "tier = 1\n", "c.toml:14 show[0].tier", "not a list"),
    (HEAD + SHOW + "tier = [1]\n", "c.toml:14 show[0].tier", "no table"),
    (HEAD + SHOW + TIER.replace("101", "0"), "c.toml:16 show[0].tier[0].capacity", "0 is outside"),
    (HEAD + SHOW + TIER.replace("101", "-1"), "c.toml:16 show[0].tier[0].capacity", "-1 is out"),
    (HEAD + SHOW + TIER.replace("101", "9" * 4_000), "c.toml:16 show[0].tier[0].capacity", "long"),
    (HEAD + SHOW + TIER.replace("capacity = 101", ""), "c.toml:14 show[0].tier[0].capacity", "mi"),
    (HEAD + SHOW + TIER.replace('"45.55"', "45.55"), "c.toml:17 show[0].tier[0].price", "decimal"),
    (HEAD + SHOW + TIER.replace('"45.55"', "nan"), "c.toml:17 show[0].tier[0].price", "decimal"),
    (HEAD + SHOW + TIER.replace('"45.55"', "-inf"), "c.toml:17 show[0].tier[0].price", "decimal"),
    (HEAD + SHOW + TIER.replace('"45.55"', "-45"), "c.toml:17 show[0].tier[0].price", "-45 is not"),
    (HEAD + SHOW + TIER.replace("45.55", "1.234"), "c.toml:17 show[0].tier[0].price", "mean two"),
    (HEAD + SHOW + TIER.replace('price = "45.55"', ""), "c.toml:14 show[0].tier[0].fare", "fare"),
    (HEAD + SHOW + TIER + "fee = true\n", "c.toml:18 show[0].tier[0].fee", "true is not an amount"),
    ("[defaults]\nfee = 1.5\n" + HEAD + SHOW + TIER, "c.toml:2 defaults.fee", "decimal"),
    (
        HEAD + SHOW + 'half_price = true\nhalf_price_quota = "half"\n' + TIER,
        "c.toml:15 show[0].half_price_quota",
        "whole number",
    ),
    (
        HEAD + SHOW + 'half_price = true\nhalf_price_quota = "101 %"\n' + TIER,
        "c.toml:15 show[0].half_price_quota",
        "more than the 101",
    ),
    (
        HEAD + SHOW + TIER + '[[show.tier.fare]]\nname = "Inteira"\nprice = 1\n',
        "c.toml:19 show[0].tier[0].fare[0].name",
        "another fare",
    ),
    (
        HEAD + SHOW + TIER + '[[show.tier.fare]]\nname = "Social"\n',
        "c.toml:18 show[0].tier[0].fare[0].price",
        "price is missing",
    ),
    (
        HEAD + SHOW + TIER + '[[show.tier.fare]]\nname = "S"\nprice = 1\nquota = "q"\n',
        "c.toml:21 show[0].tier[0].fare[0].quota",
        "no quota named 'q'",
    ),
    (
        HEAD + SHOW + TIER + "[[show.tier.allotment]]\nquantity = 102\nrelease = '1 h before'\n",
        "c.toml:18 show[0].tier[0].allotment",
        "102 tickets",
    ),
    (
        HEAD + SHOW + TIER + "[[show.tier.allotment]]\n",
        "c.toml:18 show[0].tier[0].allotment[0].release",
        "time of release is missing",
    ),
    (
        HEAD + SHOW + TIER + '[[show]]\nslug = "b"\nseries = { slug = "boto", title = "X" }\n',
        "c.toml:18 show[1].venue",
        "venue is missing",
    ),
    (
        (HEAD + SHOW + TIER).replace("Manaus", "New_York").replace("03-20T20:00", "03-14T02:30"),
        "c.toml:13 show[0].starts",
        "the clocks change",
    ),
]


@pytest.mark.parametrize(
    ("content", "where", "what"),
    BROKEN_TOML,
    ids=[f"{number}-{where}"[:60] for number, (_, where, _) in enumerate(BROKEN_TOML)],
)
def test_what_is_wrong_with_a_toml_catalogue_is_told(
    tmp_path: Path, content: str, where: str, what: str
):
    shows, problems = read(tmp_path, "c.toml", content)
    assert shows == ()
    hits = [problem for problem in problems if problem.where.startswith(where)]
    assert any(what in problem.what for problem in hits), problems
    assert all(problem.advice for problem in problems)
    assert all(f"{p.where}{p.what}{p.advice}".isprintable() for p in problems)
    assert all(len(f"{p.where}{p.what}{p.advice}") < 1_000 for p in problems)


def test_one_mistake_is_told_once(tmp_path: Path):
    """A value that cannot be read breaks no other rule by the stand-in for it."""
    mistakes = [
        (SHOW.replace("T20:00:00", ""), TIER),
        (SHOW + 'sale_opens = "x"\nlobby_opens = "1 h before"\n', TIER),
        (SHOW + 'currency = "REAL"\n', TIER),
        (SHOW + "half_price = true\n", TIER.replace("101", '"many"')),
        (SHOW + "half_price = true\n", TIER.replace("45.55", "free")),
        (SHOW.replace('"casa"', '"caza"'), TIER),
        (SHOW, TIER.replace('"Pista"', "7")),
        (SHOW + 'fee = "x"\nhalf_price = true\n', TIER + TIER.replace("Pista", "Mesa")),
    ]
    for number, (show, tier) in enumerate(mistakes):
        _, problems = read(tmp_path, "c.toml", HEAD + show + tier)
        assert len(problems) == 1, (number, problems)


def test_all_mistakes_are_told_at_once(tmp_path: Path):
    broken = SHOW.replace('"boto"', '"BOTO"') + 'claim = "x"\nclame = 1\n'
    _, problems = read(tmp_path, "c.toml", HEAD + broken + TIER.replace("101", "0") + SHOW)
    assert {problem.where for problem in problems} == {
        "c.toml:10 show[0].slug",
        "c.toml:14 show[0].claim",
        "c.toml:15 show[0].clame",
        "c.toml:18 show[0].tier[0].capacity",
        "c.toml:20 show[1].tier",
    }


def test_a_misspelt_key_is_guessed(tmp_path: Path):
    _, problems = read(tmp_path, "c.toml", HEAD + SHOW + "limit_per_custommer = 2\n" + TIER)
    assert problems[0].advice == "did you mean 'limit_per_customer'?"


def test_a_flood_of_problems_is_cut(tmp_path: Path):
    keys = "".join(f"k{number} = 1\n" for number in range(5_000))
    _, problems = read(tmp_path, "c.toml", HEAD + SHOW + keys + TIER)
    assert len(problems) == 501
    assert "more than these 500" in problems[-1].what


# --- CSV

CSV = (
    "slug;title;venue;city;time_zone;starts;tier;capacity;fare;price;fee;quota;proof\n"
    "samba;São João;Casa;Belém;America/Belem;20/03/2027 21:00;Pista;300;Inteira;1.080,00;10 %;;\n"
    "samba;;;;;;Pista;;Meia;540,00;10 %;meia-entrada;sim\n"
    "samba;;;;;;Mesa;60;Inteira;120;;;\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_spreadsheet_is_read_as_it_was_saved(tmp_path: Path, encoding: str, line_end: str):
    content = CSV.replace("\n", line_end).encode(encoding)
    show = only_show(read(tmp_path, "c.csv", content))
    assert (show.title, show.venue.city) == ("São João", "Belém")
    assert [tier.name for tier in show.tiers] == ["Pista", "Mesa"]
    full, half = show.tiers[0].fares
    assert (full.price_minor, full.fee_minor) == (108_000, 10_800)
    assert (half.quota, half.proof) == ("meia-entrada", True)
    assert show.quotas == (Quota(name="meia-entrada", capacity=144),)
    assert only_show(read(tmp_path, "c.csv", CSV.replace("meia-entrada", "concession"))) == show


def test_commas_part_cells_too_and_quotes_hold_them(tmp_path: Path):
    content = (
        "slug,title,venue,city,time_zone,starts,tier,capacity,fare,price,series,series_title,"
        "window_tickets,window_release,quota,quota_capacity\n"
        'a,"A ""B"", C",Casa,Belém,America/Belem,2027-03-20 21:00,Pista,10,,"1,080.00",s,S,'
        "2,1 h before,q,5\n\n"
    )
    show = only_show(read(tmp_path, "c.csv", content))
    assert show.title == 'A "B", C'
    assert show.series == Series(slug="s", title="S")
    assert show.tiers[0].fares[0].name == "Inteira"
    assert show.tiers[0].fares[0].price_minor == 108_000
    assert show.tiers[0].allotments[0].quantity == 2
    assert show.quotas == (Quota(name="q", capacity=5),)


def test_empty_columns_at_the_end_say_nothing(tmp_path: Path):
    content = CSV.replace("\n", ";;\n")
    assert read(tmp_path, "c.csv", content) == read(tmp_path, "c.csv", CSV)
    _, problems = read(tmp_path, "c.csv", CSV.replace("\n", ";;x\n").replace(";;x\n", ";;\n", 1))
    assert {problem.where for problem in problems} == {"c.csv:2", "c.csv:3", "c.csv:4"}


BROKEN_CSV = [
    ("slug;title\n", "c.csv:1", "the column 'venue' is missing"),
    (CSV.replace("capacity", "capacidade"), "c.csv:1", "no column 'capacidade'"),
    (CSV.replace("fare;", "tier;"), "c.csv:1", "'tier' is there twice"),
    (CSV.partition("\n")[0] + "\n", "c.csv", "no row"),
    (CSV.replace("samba;;;;;;Mesa", ";;;;;;Mesa"), "c.csv:4 slug", "which show"),
    (CSV.replace("1.080,00", "1.080"), "c.csv:2 price", "could mean two"),
    (CSV.replace("540,00", ""), "c.csv:3 price", "price is missing"),
    (CSV.replace("Mesa;60", "Mesa;"), "c.csv:4 capacity", "capacity is missing"),
    (CSV.replace("Mesa;60", ";60"), "c.csv:4 tier", "name is missing"),
    (CSV.replace("Pista;;", "Pista;301;"), "c.csv:3 capacity", "contradicts '300' on line 2"),
    (CSV.replace("samba;;;;;;Pista", "samba;X;;;;;Pista"), "c.csv:3 title", "contradicts"),
    (CSV.replace("meia-entrada", "outra"), "c.csv:3 quota", "no quota named 'outra'"),
    (CSV.replace("sim", "talvez"), "c.csv:3 proof", "neither true nor false"),
    (CSV.replace("120;;;", "120;;;;x"), "c.csv:4", "14 cells"),
    (CSV + 'samba;"', "c.csv:5", "not CSV"),
    (CSV.replace("America/Belem", ""), "c.csv:2 time_zone", "time zone of the venue is missing"),
    (CSV.replace("Belém", ""), "c.csv:2 city", "city is missing"),
    ("a\tb\nc\td\n", "c.csv:1", "no column"),
    ("x" * 200_000, "c.csv:1", "not CSV"),
    (";".join(["a"] * 200_000), "c.csv:1", "'a' is there twice"),
]


@pytest.mark.parametrize(
    ("content", "where", "what"),
    BROKEN_CSV,
    ids=[f"{number}-{where}" for number, (_, where, _) in enumerate(BROKEN_CSV)],
)
def test_what_is_wrong_with_a_spreadsheet_is_told(
    tmp_path: Path, content: str, where: str, what: str
):
    shows, problems = read(tmp_path, "c.csv", content)
    assert shows == ()
    hits = [problem for problem in problems if problem.where == where]
    assert any(what in problem.what for problem in hits), problems


def test_a_row_that_spans_lines_is_told_by_its_first(tmp_path: Path):
    content = CSV.replace("samba;;;;;;Mesa;60", 'samba;;"Casa";;;;"Me\nsa";0')
    _, problems = read(tmp_path, "c.csv", content)
    assert {problem.where for problem in problems} == {"c.csv:4 tier", "c.csv:4 capacity"}


# --- JSON-LD

EVENT: dict[str, object] = {
    "@context": "https://schema.org",
    "@type": "MusicEvent",
    "name": "Frevo de Gala",
    "startDate": "2027-03-20T21:00-03:00",
    "doorTime": "20:00:00",
    "maximumAttendeeCapacity": 700,
    "location": {
        "@type": "Place",
        "name": "Teatro Mandacaru",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "Rua da Aurora Velha, 702",
            "addressLocality": "Recife",
            "addressRegion": "PE",
            "addressCountry": {"@type": "Country", "name": "Brasil"},
        },
    },
    "offers": [
        {"@type": "Offer", "name": "Inteira", "price": 110.50, "priceCurrency": "BRL"},
        {"@type": "Offer", "name": "Meia", "price": "55.25", "priceCurrency": "BRL"},
    ],
}
PRICED = {"@type": "Offer", "name": "Pista", "price": 10, "priceCurrency": "BRL"}


def event(**changes: object) -> dict[str, object]:
    """The event with some of its keys changed; None takes a key away."""
    return {key: value for key, value in (EVENT | changes).items() if value is not None}


def read_event(tmp_path: Path, tree: object, supplied: Supplied = RECIFE) -> Read:
    return read(tmp_path, "e.jsonld", json.dumps(tree), supplied)


def test_an_event_becomes_a_show(tmp_path: Path):
    show = only_show(read_event(tmp_path, EVENT))
    assert (show.slug, show.title) == ("frevo-de-gala-20270320-2100", "Frevo de Gala")
    assert show.starts_ms == STARTS_MS
    assert show.doors_ms == STARTS_MS - HOUR_MS
    assert (show.venue.city, show.venue.region, show.venue.country) == ("Recife", "PE", "BR")
    assert show.venue.time_zone == "America/Recife"
    (tier,) = show.tiers
    assert (tier.name, tier.capacity) == ("Geral", 700)
    assert [(f.name, f.price_minor) for f in tier.fares] == [("Inteira", 11_050), ("Meia", 5_525)]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda e: [e],
        lambda e: {"@graph": [{"@type": "WebSite", "name": "x"}, e]},
        lambda e: {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": e}]},
        lambda e: {"@type": "Place", "event": e},
        lambda e: e | {"@type": ["Thing", "https://schema.org/TheaterEvent"]},
        lambda e: e | {"@type": "schema:ComedyEvent"},
    ],
    ids=["list", "graph", "item list", "place", "several types", "prefixed type"],
)
def test_events_are_found_however_they_are_wrapped(
    tmp_path: Path, wrap: Callable[[dict[str, object]], object]
):
    assert only_show(read_event(tmp_path, wrap(EVENT))).title == "Frevo de Gala"


def test_events_within_an_event_are_a_series(tmp_path: Path):
    later = event(startDate="2027-03-21T21:00-03:00")
    tree = {"@type": "EventSeries", "name": "Semana do Frevo", "subEvent": [EVENT, later]}
    shows, problems = read_event(tmp_path, tree)
    assert problems == ()
    assert {show.series for show in shows} == {
        Series(slug="semana-do-frevo", title="Semana do Frevo")
    }
    assert len({show.slug for show in shows}) == 2


def test_offers_with_stock_are_tiers(tmp_path: Path):
    offers = [
        PRICED | {"inventoryLevel": {"value": 300}, "validFrom": "2027-01-10"},
        PRICED | {"name": "Mesa", "inventoryLevel": 40, "validThrough": "2027-03-20"},
    ]
    show = only_show(read_event(tmp_path, event(offers=offers, maximumAttendeeCapacity=None)))
    assert [(tier.name, tier.capacity) for tier in show.tiers] == [("Pista", 300), ("Mesa", 40)]
    assert show.tiers[0].fares[0].name == "Inteira"
    assert show.terms.sale_opens_ms == 1_799_550_000_000  # 2027-01-10T00:00-03:00
    assert show.terms.sale_closes_ms == STARTS_MS


def test_an_aggregate_stands_for_its_offers_or_its_one_price(tmp_path: Path):
    aggregate = {"@type": "AggregateOffer", "offers": EVENT["offers"], "lowPrice": 1}
    assert len(only_show(read_event(tmp_path, event(offers=aggregate))).tiers[0].fares) == 2
    one = {"@type": "AggregateOffer", "lowPrice": "10.00", "priceCurrency": "BRL"}
    show = only_show(read_event(tmp_path, event(offers=one)))
    assert [fare.price_minor for fare in show.tiers[0].fares] == [1_000]


def test_what_is_left_out_can_be_supplied(tmp_path: Path):
    offer = {"@type": "Offer", "priceSpecification": {"price": "10"}}
    supplied = Supplied(time_zone="America/Recife", currency="USD", capacity=50)
    tree = event(offers=offer, maximumAttendeeCapacity=None, startDate="2027-03-20T21:00")
    show = only_show(read_event(tmp_path, tree, supplied))
    assert (show.currency, show.tiers[0].capacity) == ("USD", 50)
    assert show.starts_ms == STARTS_MS


def test_a_free_event_needs_no_offer(tmp_path: Path):
    show = only_show(read_event(tmp_path, event(offers=None, isAccessibleForFree=True)))
    assert show.tiers[0].fares[0].price_minor == 0


def test_a_page_is_read_by_its_scripts(tmp_path: Path):
    page = (
        "<html><script>var a = '<b>';</script>"
        f'<script type="application/ld+json">{json.dumps(EVENT)}</script>'
        '<SCRIPT TYPE=\'application/ld+json\' id=x>{"@type": "Organization"}</SCRIPT></html>'
    )
    assert only_show(read(tmp_path, "p.html", page, RECIFE)).title == "Frevo de Gala"
    broken = page.replace('"price": "55.25"', '"price": "-1"')
    _, problems = read(tmp_path, "p.html", broken, RECIFE)
    assert [p.where for p in problems] == ["p.html script[0] $.offers[1].price"]


BROKEN_EVENTS = [
    ("", "e.jsonld", "empty"),
    ("{", "e.jsonld:1", "not JSON"),
    ("[" * 100_000, "e.jsonld", "too deep"),
    ("1", "e.jsonld", "no schema.org Event"),
    ('{"@type": "Organization"}', "e.jsonld", "no schema.org Event"),
    (event(name=None), "$.name", "title is missing"),
    (event(name=7), "$.name", "7 is not a text"),
    (event(name="Ala\ud800"), "$.name", "control character"),
    (event(startDate=None), "$.startDate", "start is missing"),
    (event(startDate="2027-03-20"), "$.startDate", "is not a date and time"),
    (event(startDate="2027-03-20T21:00-04:00", doorTime=None), "$.startDate", "written at -04:00"),
    (event(doorTime="2027-03-21T00:00-03:00"), "$.doorTime", "doors open after"),
    (event(eventStatus="https://schema.org/EventCancelled"), "$.eventStatus", "is cancelled"),
    (event(eventStatus="EventPostponed"), "$.eventStatus", "is postponed"),
    (event(eventStatus="schema:EventMovedOnline"), "$.eventStatus", "online"),
    (event(location=None), "$.location.name", "name is missing"),
    (event(location="Recife"), "$.location.address.addressLocality", "city is missing"),
    (event(location={"@type": "VirtualLocation"}), "$.location.name", "name is missing"),
    (event(inLanguage="fr"), "$.inLanguage", "language"),
    (event(maximumAttendeeCapacity=None), "$.maximumAttendeeCapacity", "capacity is missing"),
    (event(maximumAttendeeCapacity="all"), "$.maximumAttendeeCapacity", "'all' is not a whole"),
    (event(maximumAttendeeCapacity=-5), "$.maximumAttendeeCapacity", "-5 is outside"),
    (event(maximumAttendeeCapacity=10**30), "$.maximumAttendeeCapacity", "is not a whole"),
    (event(offers=None), "$.offers[0].price", "price is missing"),
    (event(offers=[]), "$.offers[0].price", "price is missing"),
    (event(offers=[PRICED, {**PRICED, "price": ""}]), "$.offers[1].price", "price is missing"),
    (event(offers={**PRICED, "price": float("nan")}), "$.offers.price", "NaN is not an amount"),
    (event(offers={**PRICED, "price": -1}), "$.offers.price", "-1 is not an amount"),
    (event(offers={**PRICED, "price": 1e30}), "$.offers.price", "is not an amount"),
    (event(offers={**PRICED, "price": 10.125}), "$.offers.price", "is not an amount"),
    (event(offers={**PRICED, "price": [1]}), "$.offers.price", "a list is not an amount"),
    (event(offers={**PRICED, "priceCurrency": ""}), "$.offers.priceCurrency", "currency is"),
    (
        event(offers=[PRICED, PRICED | {"name": "B", "priceCurrency": "USD"}]),
        "$.offers[1].priceCurrency",
        "several currencies",
    ),
    (
        event(offers=[PRICED | {"inventoryLevel": 5}, PRICED | {"name": "B"}]),
        "$.offers[1].inventoryLevel",
        "capacity is missing",
    ),
    (
        event(offers=[PRICED, PRICED]),
        "$.offers[1].name",
        "another fare",
    ),
    (
        event(offers={"@type": "AggregateOffer", "lowPrice": 1, "highPrice": 9}),
        "$.offers",
        "range of prices",
    ),
    (
        event(offers=[PRICED | {"validFrom": "2027-01-01"}, PRICED | {"validFrom": "2027-01-02"}]),
        "$.offers[1].validFrom",
        "sold at other times",
    ),
    (event(offers={**PRICED, "validFrom": "x"}), "$.offers.validFrom", "'x' is not a date"),
    ([EVENT, EVENT], "$[1].name", "the slug is that of another show, at e.jsonld $[0].name"),
]


@pytest.mark.parametrize(
    ("tree", "where", "what"),
    BROKEN_EVENTS,
    ids=[f"{number}-{where}" for number, (_, where, _) in enumerate(BROKEN_EVENTS)],
)
def test_what_is_wrong_with_an_event_is_told(tmp_path: Path, tree: object, where: str, what: str):
    content = tree if isinstance(tree, str) else json.dumps(tree)
    shows, problems = read(tmp_path, "e.jsonld", content, RECIFE)
    assert shows == ()
    where = where if where.startswith("e.jsonld") else f"e.jsonld {where}"
    hits = [problem for problem in problems if problem.where == where]
    assert any(what in problem.what for problem in hits), problems


def test_what_is_missing_to_sell_says_which_option_gives_it(tmp_path: Path):
    offer = {key: value for key, value in PRICED.items() if key != "priceCurrency"}
    tree = event(offers=offer, maximumAttendeeCapacity=None)
    _, problems = read_event(tmp_path, tree, Supplied())
    advice = {problem.where.removeprefix("e.jsonld "): problem.advice for problem in problems}
    assert "--time-zone" in advice["$.location"]
    assert "--capacity" in advice["$.maximumAttendeeCapacity"]
    assert "--currency" in advice["$.offers.priceCurrency"]


def test_a_file_of_too_many_events_is_refused(tmp_path: Path):
    _, problems = read_event(tmp_path, [{"@type": "Event"}] * 6_000)
    assert "more than 5000 shows" in problems[0].what


# --- any file


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("c.txt", b"x", "not a kind of catalogue"),
        ("c", b"x", "not a kind of catalogue"),
        ("c.toml", b"", "empty"),
        ("c.csv", b"\xef\xbb\xbf \r\n", "empty"),
        ("c.toml", "título = 1".encode("cp1252"), "encoding"),
        ("c.csv", "slug;título".encode("utf-16"), "encoding"),
        ("c.csv", b"slug\x81\xff", "encoding"),
        ("c.csv", b"slug;title\nPK\x03\x04", "control character (number 3)"),
        ("c.toml", b"a\x00", "control character (number 0)"),
        ("c.json", b"x" * (BYTES_MAX + 1), "larger than 8388608 bytes"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(
    tmp_path: Path, name: str, content: bytes, what: str
):
    shows, problems = read(tmp_path, name, content)
    assert shows == ()
    assert [what in problem.what for problem in problems] == [True]


@pytest.mark.parametrize("name", ["none.toml", "folder.toml", "a\0b.toml", "x" * 300 + ".toml"])
def test_a_path_without_a_file_is_refused(tmp_path: Path, name: str):
    (tmp_path / "folder.toml").mkdir()
    shows, problems = read_catalogue(tmp_path / name, now_ms=NOW_MS)
    assert shows == ()
    assert len(problems) == 1


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.toml")
    _, problems = read_catalogue(tmp_path / "pipe.toml", now_ms=NOW_MS)
    assert problems[0].what == "this is not a file"


SUFFIXES = st.sampled_from([".toml", ".csv", ".json", ".jsonld", ".html", ".txt"])
TOML_PIECES = st.sampled_from(
    [
        *("[[show]]", "[[show.tier]]", "[[show.tier.fare]]", "[[show.quota]]", "[venues.casa]"),
        *('venue = "casa"', "venue = {}", "tier = []", "starts = 2027-03-20T20:00:00"),
        *('starts = "in 9999 weeks at 00:00"', 'sale_opens = "9999 weeks before at 10:00"'),
        *("capacity = 1", "capacity = []", 'price = "1"', "price = {}", 'fee = "9999 %"'),
        *("half_price = true", 'name = "\\uFFFF"', "[defaults]", "[series]", 'series = "s"'),
        *("starts = 0001-01-01T00:00:00+23:59", 'time_zone = "America/Sao_Paulo"', "title = 1"),
    ]
)
CELLS = st.sampled_from(
    ["", "a", "1", "-1", "1,5", '"', "in 1 day", "20/03/2027 21:00", "concession", "10 %", "sim"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("@graph", "name", "startDate", "location", "address", "offers", "price"),
                    *("priceSpecification", "inventoryLevel", "value", "subEvent", "superEvent"),
                    *("doorTime", "eventStatus", "validFrom", "maximumAttendeeCapacity", "@value"),
                    *("isAccessibleForFree", "inLanguage", "lowPrice", "highPrice", "@type"),
                ]
            ),
            inner,
            max_size=6,
        ).map(lambda entries: {"@type": "Event"} | entries)
    ),
    max_leaves=20,
)
CONTENTS = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=400).map(lambda text: text.encode(errors="replace")),
    st.lists(TOML_PIECES, max_size=14).map(lambda lines: "\n".join(lines).encode()),
    st.lists(st.lists(CELLS, min_size=13, max_size=13), max_size=4).map(
        lambda rows: (CSV.partition("\n")[0] + "\n" + "\n".join(map(";".join, rows))).encode()
    ),
    JSON.map(lambda tree: json.dumps(tree).encode()),
)


@example(".csv", f'{CSV.partition(chr(10))[0]}\na;;;;;;;;;;;";\n;"'.encode(), None)
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=SUFFIXES, content=CONTENTS, zone=st.sampled_from([None, "America/Recife", "x"]))
def test_no_file_makes_the_reader_fail(
    tmp_path: Path, suffix: str, content: bytes, zone: str | None
):
    supplied = Supplied(time_zone=zone, capacity=10, currency="BRL")
    shows, problems = read(tmp_path, f"any{suffix}", content, supplied)
    assert bool(shows) != bool(problems)
    assert all(not check(show) for show in shows)
    assert all(f"{p.where}{p.what}{p.advice}".isprintable() for p in problems)
