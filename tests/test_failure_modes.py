"""The failure table names the tests that show each row; they exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "failure-modes.md"
NAMED = re.compile(r"`(tests/[\w./-]+)(?:::(\w+))?`")
ROW = re.compile(r"^\| (?!what happens|---).+\|$", re.MULTILINE)


def test_every_test_named_is_there() -> None:
    named = NAMED.findall(PAGE.read_text(encoding="utf-8"))
    assert named
    assert [path for path, _ in named if not (ROOT / path).exists()] == []
    unsaid = [
        f"{path}::{test}"
        for path, test in named
        if test and f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert unsaid == []


def test_every_row_names_a_test() -> None:
    rows: list[str] = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert rows
    assert [row for row in rows if not NAMED.search(row)] == []
