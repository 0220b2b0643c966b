"""The page that tells how a request travels shows the code as it is now."""

from core.purchase import TRANSITIONS, State
from scripts.draw_lifecycle import PAGE, PARTS, answers, lifecycle, redrawn

ANEW = "run .venv/bin/python -m scripts.draw_lifecycle"


def test_the_page_holds_what_is_generated_now() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in PARTS if f"<!-- {name} -->" not in page] == []
    assert redrawn(page) == page, ANEW


def test_the_diagram_shows_every_step_and_every_state() -> None:
    drawn = lifecycle()
    for (state, event), then in TRANSITIONS.items():
        assert f"{state} --> {then}: {event}\n" in drawn
    assert all(f" {state}" in drawn for state in State)


def test_the_table_tells_answers_from_refusals() -> None:
    rows = [row.split(" | ") for row in answers().splitlines()[2:]]
    joins = next(row for row in rows if "`Join`" in row[0])
    assert joins[2] == "`Standing`"
    assert "`NotOnSale`" in joins[3]
