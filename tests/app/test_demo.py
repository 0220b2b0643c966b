"""The demonstration, small: it sells out, tells the truth, and plays the same twice."""

import io
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from app import demo
from app.demo.chance import Chance
from app.demo.fairness import LOBBY, OPEN_LINE, at_the_office
from app.demo.links import FAST, SLOW, Link
from app.demo.scramble import at_the_site
from app.demo.tally import Order
from app.demo.timeline import Timeline
from app.keys import read_key
from data.auditing import audit

FANS = 420


@dataclass(frozen=True)
class Played:
    code: int
    text: str
    database: Path


def play(database: Path, capsys: pytest.CaptureFixture[str]) -> Played:
    code = demo.run(seconds=0, fans=FANS, seed=3, plain=True, keep=database)
    return Played(code, capsys.readouterr().out, database)


def figures(text: str) -> dict[str, str]:
    """Read the table at the end: name to value."""
    cells = [line.strip("│ ").split("│") for line in text.splitlines() if line.startswith("│")]
    return {name.strip(): value.strip() for name, value in cells}


def one(database: Path, sql: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchone()[0]


def test_a_small_demo_is_fair_proved_and_the_same_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played = play(tmp_path / "first.db", capsys)
    told = figures(played.text)

    assert played.code == 0
    assert told["oversold"] == told["people overtaken in line"] == "0"
    assert told["places lost to the connection"] == "0"
    assert told["audit"] == "clean"
    assert audit(played.database).ok

    sold = "select count(*) from tickets where state = 'valid'"
    refunded = "select count(*) from tickets where state = 'refunded'"
    assert int(told["sold"]) == one(played.database, sold) > 0
    assert int(told["refunded, and sold again to the next in line"]) == one(
        played.database, refunded
    )
    waiting = "select count(*) from effects where state <> 'done' and kind <> 'reminder'"
    assert one(played.database, waiting) == 0, "every message and every call was carried out"
    live = "select count(*) from purchases where ended_ms is null"
    assert one(played.database, live) == 0, "everyone was told how it ended"
    assert "bilheteria init" in played.text
    assert "\x1b" not in played.text

    key = read_key(played.database.with_name("first.db.key"))
    assert key.verify("a ticket", key.sign("a ticket"))

    again = play(tmp_path / "second.db", capsys)
    assert figures(again.text) == told


def test_the_picture_keeps_its_pace_and_its_place(tmp_path: Path) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, height=24, color_system=None)
    code = demo._show(console, tmp_path / "demo.db", seconds=5, fans=60, seed=1, plain=False)
    frames = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).splitlines()
    assert code == 0
    assert any("slow links (3 s, 1 in 5 lost)" in line for line in frames)
    assert any("▒ in a basket" in line for line in frames), "each part of a bar has a sign"
    assert max(map(len, frames)) <= 80


def test_a_file_that_is_there_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.db"
    kept.write_text("mine")
    assert demo.run(seconds=0, plain=True, keep=kept) == 2
    assert kept.read_text() == "mine"
    assert "name a new file" in capsys.readouterr().out


@pytest.mark.parametrize("variant", [LOBBY, OPEN_LINE])
async def test_a_slow_link_loses_no_place(variant: str, tmp_path: Path) -> None:
    fairness = await at_the_office(
        tmp_path / "fair.db", variant=variant, seed=1, fans=600, tickets=120
    )
    assert fairness.sold == 120
    assert fairness.oversold == fairness.inversions == fairness.places_lost == 0
    assert abs(fairness.slow_minus_fast_points) < 10, "chance alone, in a crowd this small"


async def test_whoever_retries_first_is_no_line() -> None:
    site = await at_the_site(seed=1, fans=4_000, tickets=400)
    assert site.sold == 400
    assert site.slow_success < site.fast_success
    assert site.inversions > 100


@pytest.mark.parametrize(
    ("story", "inversions"),
    [
        ("serve 1, serve 2, serve 3", 0),
        ("serve 2, serve 1", 1),
        ("serve 3, serve 2, serve 1", 2),
        ("leave 1, serve 2", 0),
        ("serve 2, leave 1", 1),
        ("wait 1, serve 2, serve 3", 2),
        ("serve 1, serve 2, serve 1, serve 3", 0),
    ],
)
def test_who_was_overtaken_is_counted(story: str, inversions: int) -> None:
    order = Order()
    for act in story.split(", "):
        verb, number = act.split()
        order.numbers.add(int(number))
        if verb == "serve":
            order.serve(int(number))
        elif verb == "leave":
            order.leave(int(number))
    assert order.inversions() == inversions


def test_links_are_as_slow_and_as_deaf_as_they_say() -> None:
    fast, slow = (Link(kind, Chance(1, kind.name)) for kind in (FAST, SLOW))
    at_ms = range(0, 3_000_000, 300)
    assert all(45 <= (fast.trip(ms) or 0) - ms <= 55 for ms in at_ms)
    trips = [slow.trip(ms) for ms in at_ms]
    arrived = [trip - ms for trip, ms in zip(trips, at_ms, strict=True) if trip is not None]
    assert all(2_700 <= took <= 3_300 for took in arrived)
    # A fifth is lost, and all of the tenth of the time that is an outage.
    assert 0.26 < 1 - len(arrived) / len(trips) < 0.30
    assert all(slow.push(ms) > ms for ms in at_ms), "a message always arrives in the end"


async def test_time_stands_still_until_everyone_is_answered() -> None:
    timeline = Timeline(start_ms=0, window_ms=100)
    heard: list[tuple[str, int]] = []

    async def answer(word: str) -> str:
        return word

    def ask(word: str) -> None:
        timeline.ask(answer(word), lambda said: heard.append((said, timeline.now_ms())))

    for at_ms, word in ((10, "a"), (60, "b"), (200, "c")):
        timeline.at(at_ms, lambda word=word: ask(word))
    await timeline.advance(1_000)
    assert heard == [("a", 60), ("b", 60)], "what comes within a window is answered together"
    await timeline.advance(1_000)
    assert heard[2:] == [("c", 200)]
    await timeline.advance(1_000)
    assert timeline.now_ms() == 1_000
