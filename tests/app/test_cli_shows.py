"""Shows on the command line: import, find, look, run."""

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from tests.app.conftest import CATALOGUE, Run


def test_an_import_twice_changes_nothing(run: Run, house: Path) -> None:
    fixed = CATALOGUE.replace("in 40 days at 21:00", "20/03/2090 21:00").partition(
        '[[show]]\nslug = "s'
    )[0]
    (house / "fixed.toml").write_text(fixed.replace("pequeno", "fixo"), encoding="utf-8")
    first = run("show", "import", "fixed.toml", "--json").json
    again = run("show", "import", "fixed.toml", "--json").json
    assert again["shows"] == first["shows"]
    assert (first["unchanged"], again["unchanged"]) == ([], ["fixo"])
    assert "0 imported, 1 there already" in run("show", "import", "fixed.toml").out


@pytest.fixture
def fixed(run: Run, house: Path) -> str:
    """The text of a file with one show at a fixed time, imported."""
    text = CATALOGUE.replace("in 40 days at 21:00", "20/03/2090 21:00").partition(
        '[[show]]\nslug = "s'
    )[0]
    text = text.replace("pequeno", "fixo")
    (house / "fixed.toml").write_text(text, encoding="utf-8")
    assert run("show", "import", "fixed.toml").code == 0
    return text


def test_what_would_change_is_shown_and_asked_for(run: Run, house: Path, fixed: str) -> None:
    sold = run("sell", "fixo", "--take", "Inteira=1", "--cash", "60", "--json").json
    moved = fixed.replace("Show Pequeno", "Show Grande").replace("20/03/2090", "21/03/2090")
    (house / "fixed.toml").write_text(moved, encoding="utf-8")
    told = run("show", "import", "fixed.toml", "--json")
    told.refused(1, "--yes")
    fields = [one["field"] for one in told.json["changes"]["fixo"]]
    assert fields == ["starts_ms", "terms.sale_closes_ms", "title"]
    refused = run("show", "import", "fixed.toml", given="n\n")
    assert refused.code == 1
    assert "title: Show Pequeno -> Show Grande" in refused.out
    assert "Show Pequeno" in run("show", "view", "fixo").out
    done = run("show", "import", "fixed.toml", given="y\n")
    assert "0 imported, 1 changed, 0 there already" in done.out
    assert "is told" in done.out
    assert "Show Grande" in run("show", "view", "fixo").out
    assert run("order", "view", sold["order"]).code == 0
    assert run("audit").code == 0
    assert "1 there already" in run("show", "import", "fixed.toml", "--yes").out


def test_a_change_that_goes_too_far_is_refused_and_says_why(
    run: Run, house: Path, fixed: str
) -> None:
    run("sell", "fixo", "--take", "Inteira=2", "--cash", "120")
    head, _, rest = fixed.partition("capacity = ")
    small = f"{head}capacity = 1\n" + rest.partition("\n")[2]
    (house / "fixed.toml").write_text(small, encoding="utf-8")
    run("show", "import", "fixed.toml", "--yes").refused(1, "fixo stays as it was", "at least 2")
    assert run("show", "view", "fixo", "--json").json["tiers"][0]["capacity"] > 1


def test_a_broken_catalogue_tells_every_problem_and_imports_nothing(run: Run, house: Path) -> None:
    broken = CATALOGUE.replace('slug = "pequeno"', 'slug = "Novo!"')
    broken = broken.replace('slug = "sorteio"', 'slug = "outro"').replace('"100.00"', '"1.000"')
    (house / "broken.toml").write_text(broken, encoding="utf-8")
    answer = run("show", "import", "broken.toml")
    answer.refused(1, "nothing was imported")
    assert answer.err.count("broken.toml:") >= 2
    told = run("show", "import", "broken.toml", "--json")
    assert len(told.json["problems"]) == 2
    assert {one["slug"] for one in run("show", "list", "--json").json} == {"pequeno", "sorteio"}


@pytest.mark.parametrize("name", ["none.toml", "shows.pdf", "."])
def test_a_file_that_is_no_catalogue(run: Run, house: Path, name: str) -> None:
    answer = run("show", "import", name)
    answer.refused(1, "nothing was imported")


def test_published_events_take_what_they_lack_from_the_options(run: Run, house: Path) -> None:
    (house / "event.json").write_text(
        '{"@context": "https://schema.org", "@type": "MusicEvent", "name": "Orquestra",'
        ' "startDate": "2090-05-14T20:00", "location": {"@type": "Place", "name": "Teatro",'
        ' "address": {"addressLocality": "Manaus", "addressCountry": "BR"}},'
        ' "offers": [{"@type": "Offer", "name": "Inteira", "price": "110.00"}]}',
        encoding="utf-8",
    )
    run("show", "import", "event.json").refused(1, "nothing was imported")
    options = ["--time-zone", "America/Manaus", "--currency", "BRL", "--capacity", "700"]
    done = run("show", "import", "event.json", *options)
    assert done.code == 0, done
    (found,) = run("show", "search", "orquestra", "--json").json
    assert (found["capacity"], found["time_zone"]) == (700, "America/Manaus")


def test_shows_open_by_themselves_are_open_after_the_import(run: Run, house: Path) -> None:
    by_slug = {one["slug"]: one for one in run("show", "list", "--json").json}
    assert by_slug["pequeno"]["status"] == "open"
    assert by_slug["sorteio"]["status"] == "published"


def test_search_is_blind_to_accents_and_capitals(run: Run, house: Path) -> None:
    assert "pequeno" in run("show", "search", "SANHACO", "pequeno").out
    assert "sorteio" in run("show", "search", "--city", "recife").out
    run("show", "search", "pequeno", "--city", "Natal").refused(1, "no show was found")
    assert run("show", "search", "nothing", "--json").json["ok"] is False
    run("show", "search", "--date", "tomorrow").refused(2, "2027-03-20")
    run("show", "search", "--date", "2001-01-01").refused(1, "no show was found")
    run("show", "search", "--date", "1/1/2001").refused(1, "no show was found")


def test_a_show_is_told_whole(run: Run, house: Path) -> None:
    told = run("show", "view", "pequeno").out
    for said in ("Show Pequeno", "Pista/Social", "R$ 40,03", "proof", "CPF", "seed committed"):
        assert said in told
    assert run("show", "view", "1", "--json").json["card"]["slug"] == "pequeno"
    run("show", "view", "none").refused(1, "no show 'none'", "bilheteria show list")


def test_amounts_and_dates_are_in_the_houses_language(
    run: Run, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILHETERIA_LANGUAGE", "en")
    assert "R$40.03" in run("show", "view", "pequeno").out


def test_pause_and_resume(run: Run, house: Path) -> None:
    assert run("show", "pause", "pequeno").out == "pequeno: paused\n"
    assert run("show", "pause", "pequeno").code == 0
    run("show", "open", "pequeno").refused(1, "paused")
    waiting = run("sell", "pequeno", "--take", "Inteira=1", "--cash", "60", "--key", "a")
    assert waiting.code == 5
    assert run("show", "resume", "pequeno", "--json").json["status"] == "open"
    assert run("sell", "pequeno", "--take", "Inteira=1", "--cash", "60", "--key", "a").code == 0


def test_close_and_what_follows(run: Run, house: Path) -> None:
    assert run("show", "close", "pequeno").code == 0
    run("show", "resume", "pequeno").refused(1, "closed")
    refused = run("sell", "pequeno", "--take", "Inteira=1", "--cash", "60")
    refused.refused(1, "not on sale")


def test_cancel_asks_first_and_refunds_everyone(run: Run, house: Path) -> None:
    sold = run("sell", "pequeno", "--take", "Inteira=2", "--cash", "120", "--json").json
    assert run("show", "cancel", "pequeno", "--reason", "rain", given="n\n").code == 1
    assert run("show", "cancel", "pequeno", "--reason", "rain", given="y\n").code == 0
    told = run("order", "view", sold["order"], "--json").json
    assert {ticket["state"] for ticket in told["tickets"]} == {"refunded"}
    assert run("show", "cancel", "pequeno", "--reason", "rain", "--yes").code == 0
    assert run("audit").code == 0


def test_only_a_manager_runs_sales(run: Run, house: Path) -> None:
    for name, role in (("ana", "manager"), ("beto", "clerk")):
        run("clerk", "add", name, "--role", role, "--password-stdin", given="longenough\n")
    run("show", "pause", "pequeno", "--clerk", "beto").refused(1, "needs a manager")
    run("show", "pause", "pequeno", "--clerk", "caio").refused(1, "no clerk 'caio'")
    assert run("show", "pause", "pequeno", "--clerk", "ana").code == 0


def test_the_draw_orders_the_lobby_and_can_be_checked(run: Run, house: Path) -> None:
    run("draw", "verify", "sorteio").refused(1, "no draw")
    for key in ("a", "b", "c", "d", "e"):
        waiting = run("join", "sorteio", "--key", key, "--json").json
        assert (waiting["state"], waiting["number"]) == ("in_lobby", None)
    assert run("sell", "sorteio", "--take", "Plateia=1", "--cash", "100").code == 1
    assert run("show", "open", "sorteio").out == "sorteio: open\n"
    assert run("show", "open", "sorteio").code == 0
    checked = run("draw", "verify", "sorteio", "--json").json
    assert (checked["ok"], checked["drawn"]) == (True, 5)
    assert "right: 5" in run("draw", "verify", "sorteio").out
    line = run("line", "sorteio", "--json").json
    assert (line["waiting"], line["opened"]) == (2, 3)
    assert [person["number"] for person in line["line"]] == [4, 5]
    assert "in line 2" in run("line", "sorteio").out


def test_a_draw_that_was_changed_is_found(run: Run, house: Path) -> None:
    for key in ("a", "b", "c"):
        run("join", "sorteio", "--key", key)
    run("show", "open", "sorteio")
    with sqlite3.connect(house / "bilheteria.db") as office:
        office.execute("update purchases set number = -number where drawn = 1 and number < 3")
        office.execute("update purchases set number = 3 + number where number < 0")
    office.close()
    run("draw", "verify", "sorteio").refused(1, "WRONG", "number 1 was given to")


def test_a_report_for_people_spreadsheets_and_programs(run: Run, house: Path) -> None:
    assert run("report").out == "nothing was sold yet\n"
    run("sell", "pequeno", "--take", "Inteira=2", "--cash", "120")
    sold = run("sell", "pequeno", "--take", "Social=1", "--card", "77", "--json").json
    run("refund", sold["order"], "--reason", "ill")
    rows = list(csv.DictReader(io.StringIO(run("report", "--csv").out)))
    assert [(row["fare"], row["method"], row["sold"]) for row in rows] == [
        ("Inteira", "cash", "2"),
        ("Social", "card", "1"),
    ]
    first, second = run("report", "--show", "pequeno", "--json").json
    assert (first["price_minor"], second["refunded"], second["price_minor"]) == (12_000, 1, 0)
    assert "in all: sold 3, refunded 1, prices R$ 120,00" in run("report").out
    assert run("report", "--show", "sorteio", "--json").json == []


def test_a_spreadsheet_computes_no_name_that_someone_published(run: Run, house: Path) -> None:
    text = CATALOGUE.replace('"pequeno"', '"outro"').partition('[[show]]\nslug = "s')[0]
    (house / "other.toml").write_text(text.replace('"Pista"', '"=1+1"'), encoding="utf-8")
    run("show", "import", "other.toml")
    assert run("sell", "outro", "--take", "Social=1", "--cash", "100").code == 0
    (row,) = csv.DictReader(io.StringIO(run("report", "--csv").out))
    assert row["tier"] == "'=1+1"
