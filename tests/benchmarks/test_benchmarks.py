"""Each measure runs at a tiny size and says what it found; what they stand on is sound."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES, ON_POSTGRES
from benchmarks.buyers import buy, crowd
from benchmarks.finished import fill
from benchmarks.ground import Room, draft, ground, open_terms, tier
from benchmarks.replay import Script, Writer, same_rows
from benchmarks.results import Figure, Result, quantile, show
from data.auditing import audit
from data.sqlite import connect

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {
    "purchases": {"purchases_per_s", "floor_per_s", "ratio", "of_ceiling", "p50_ms", "p99_ms"},
    "joins": {"ratio"},
    "alone": {"ratio"},
    "long_line": {"position_p99_ms", "call_500_ms", "draw_longest_pause_ms", "memory_mb"},
    "handover": {"p99_ms"},
    "growth": {"ratio"},
    "changes": {"p99_ms"},
    "window": {"first_paint_ratio", "key_p95_ms", "seen_p95_ms", "memory_mb"},
    "notifier": {
        "messages_per_s",
        "cpu_ms_per_ticket",
        "lost",
        "doubled",
        "repeated_where_unnamed",
        "call_ms",
    },
    "bot": {"ratio", "updates_per_s", "pre_checkout_p99_ms"},
    "fairness": {"slow_minus_fast_points", "inversions", "places_lost"},
}
SIZES = {
    "purchases": 60,
    "joins": 120,
    "alone": 5,
    "long_line": 3_000,
    "handover": 40,
    "changes": 8,
    "window": 5,
    "notifier": 9,
    "bot": 4,
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments, "--dir", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_measure_has_its_goal() -> None:
    assert set(NAMES) == set(FIELDS)


@pytest.mark.parametrize("name", NAMES)
def test_a_measure_ends_with_its_figures(name: str, tmp_path: Path) -> None:
    size = str(SIZES.get(name, 200))
    done = run(tmp_path, name, "--json", "--size", size, "--rounds", "1")
    assert done.returncode == 0, done.stderr
    *table, last = done.stdout.splitlines()
    found = json.loads(last)
    assert found.keys() >= FIELDS[name]
    assert all(isinstance(value, int | float) for value in found.values())
    assert any("machine: " in line for line in table)
    assert not list(tmp_path.iterdir()), "a measure clears its files away"


def test_fairness_is_measured_through_the_bot(tmp_path: Path) -> None:
    done = run(tmp_path, "fairness", "--face", "bot", "--json", "--size", "10")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == FIELDS["fairness"]
    assert found["inversions"] == 0
    refused = run(tmp_path, "joins", "--face", "bot")
    assert "--face bot has fairness" in refused.stderr
    assert not list(tmp_path.iterdir()), "a measure clears its files away"


@pytest.mark.parametrize("name", ON_POSTGRES)
def test_a_measure_on_a_server_ends_with_its_figures(name: str, tmp_path: Path) -> None:
    size = {"purchases": "40", "long_line": "600", "changes": "8"}.get(name, "100")
    done = run(tmp_path, name, "--engine", "postgres", "--json", "--size", size, "--rounds", "1")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    wanted = {"ratio", "four_on_one_show", "four_on_four_shows"}
    assert found.keys() >= (wanted if name == "purchases" else FIELDS[name])
    assert not list(tmp_path.iterdir()), "a measure clears its files away"


def test_what_a_server_is_not_measured_by_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "fairness", "--engine", "postgres")
    assert done.returncode == 2
    assert "--engine postgres has purchases" in done.stderr


def test_a_profile_names_statements_and_functions(tmp_path: Path) -> None:
    done = run(tmp_path, "profile", "purchases", "--size", "60")
    assert done.returncode == 0, done.stderr
    assert "write ledger_insert" in done.stdout
    assert "garbage collection" in done.stdout


@pytest.mark.parametrize("wrong", [("nothing",), ("joins", "--size", "0"), ("alone", "--size")])
def test_bad_arguments_are_refused_with_the_usage(wrong: tuple[str, ...], tmp_path: Path) -> None:
    done = run(tmp_path, *wrong)
    assert done.returncode == 2
    assert "usage: python -m benchmarks" in done.stderr


async def sold(place: Room) -> tuple[Path, Path]:
    """A file before and after twenty purchases at two shows."""
    base = place.file("base")
    async with ground(base) as here:
        drafts = [draft(f"s{n}", [tier("Pista", 50)], open_terms()) for n in range(2)]
        await here.open(*drafts)
        people = await here.register(20)
    written = place.copy(base, "written")
    async with ground(written) as here:
        await crowd(people, 7, lambda number, one: buy(here, 1 + number % 2, one))
    return base, written


@pytest.mark.parametrize("together", [False, True])
async def test_floor_and_ceiling_write_what_the_office_wrote(
    tmp_path: Path, together: bool
) -> None:
    place = Room(tmp_path)
    base, written = await sold(place)
    copy = place.copy(base, "copy")
    assert not same_rows(copy, written)
    script = Script(base, written)
    with closing(Writer(copy)) as writer:
        if together:
            writer.together(script.steps(), 10)
        else:
            writer.one_by_one(script.steps())
        assert writer.steps == script.length == 80
        assert writer.seconds > 0
    assert same_rows(copy, written)
    assert audit(copy).ok


async def test_one_different_cell_is_found(tmp_path: Path) -> None:
    place = Room(tmp_path)
    _, written = await sold(place)
    copy = place.copy(written, "copy")
    assert same_rows(copy, written)
    with closing(connect(copy)) as connection:
        connection.execute("update tickets set price_minor = price_minor + 1 where order_no = 3")
    assert not same_rows(copy, written)


async def test_finished_purchases_are_what_the_office_would_have_made(tmp_path: Path) -> None:
    path = Room(tmp_path).file("finished")
    async with ground(path) as here:
        drafts = [draft(f"s{n}", [tier("Pista", 4_000)], open_terms()) for n in range(2)]
        shows = await here.open(*drafts)
        await fill(here, shows, 2_000)
        await buy(here, shows[0], (await here.register(1))[0])
        whole = await here.office.look.purchase_by_number(shows[1], 1)
    assert whole is not None
    assert whole.purchase.state == "completed"
    assert len(whole.tickets) == 2
    verdict = audit(path)
    assert verdict.ok, verdict.problems
    assert [show["purchases"] for show in verdict.shows.values()] == [1_001, 1_000]


def test_a_goal_is_met_or_missed(capsys: pytest.CaptureFixture[str]) -> None:
    figures = (
        Figure(field="ratio", what="times the floor", value=6.4, least=6),
        Figure(field="p99_ms", what="the longest", value=120.0, unit=" ms", most=100),
        Figure(field="points", what="apart", value=-2.5, least=-2, most=2),
        Figure(field="seen", what="no goal", value=3),
    )
    assert [figure.verdict for figure in figures] == ["met", "missed", "missed", ""]
    show(Result(name="some", work="work", figures=figures), as_json=True)
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last) == {"ratio": 6.4, "p99_ms": 120, "points": -2.5, "seen": 3}


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile(list(range(1, 101)), 0.99) == 100
    assert quantile([5.0], 0.5) == 5.0
