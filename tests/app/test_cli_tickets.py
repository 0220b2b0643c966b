"""Tickets: codes that only the house can make, and that let one person in once."""

import string
import time
from pathlib import Path

import pytest

from app.keys import make_key, read_key, read_public_key
from core.receipts import read_ticket_code
from tests.app.conftest import Run


@pytest.fixture
def codes(run: Run, house: Path) -> list[str]:
    sale = ["sell", "pequeno", "--take", "Inteira=1", "--take", "Social=1", "--cash", "200"]
    return [ticket["code"] for ticket in run(*sale, "--json").json["tickets"]]


def order_of(run: Run) -> str:
    again = ["sell", "pequeno", "--take", "Inteira=1", "--cash", "60", "--key", "k", "--json"]
    return run(*again).json["order"]


def test_genuine_codes_verify_anywhere(spawn: Run, codes: list[str], folder: Path) -> None:
    (folder / "door").mkdir()
    public = (folder / "bilheteria.key.pub").rename(folder / "door" / "house.pub")
    (folder / "bilheteria.db").unlink()
    (folder / "bilheteria.toml").write_text("nonsense")
    for number, code in enumerate(codes, 1):
        answer = spawn("ticket", "verify", code, "--public-key", str(public))
        assert answer.code == 0, answer
        assert f"ticket {number}" in answer.out


def test_verify_takes_the_key_of_the_settings(run: Run, codes: list[str]) -> None:
    assert run("ticket", "verify", codes[0]).code == 0
    assert run("ticket", "verify", f" {codes[0].lower()} ", "--json").json["ticket_no"] == 1


def test_a_code_with_any_character_changed_is_forged(codes: list[str], house: Path) -> None:
    verifier = read_public_key(house / "bilheteria.key.pub")
    code = codes[0]
    assert read_ticket_code(code, verifier)
    for place in range(len(code)):
        for other in set(string.ascii_uppercase + string.digits + ".") - {code[place]}:
            assert read_ticket_code(code[:place] + other + code[place + 1 :], verifier) is None


@pytest.mark.parametrize("change", ["", "B1.1.1.1.1", "B1.1.1.1.1.AAAA", "é" * 50, "A" * 5_000])
def test_what_is_no_code_is_not_genuine(run: Run, house: Path, change: str) -> None:
    run("ticket", "verify", change).refused(1, "NOT GENUINE")
    run("ticket", "check-in", change, "--where", "Gate 1").refused(1, "NOT GENUINE")


def test_another_houses_ticket_is_not_genuine(run: Run, codes: list[str], folder: Path) -> None:
    make_key(folder / "other.key")
    answer = run("ticket", "verify", codes[0], "--public-key", "other.key.pub", "--json")
    assert (answer.code, answer.json["ok"]) == (1, False)
    signed = codes[0].rpartition(".")[0]
    forged = f"{signed}.{read_key(folder / 'other.key').sign(signed)}"
    run("ticket", "check-in", forged, "--where", "Gate 1").refused(1, "NOT GENUINE")


def test_a_missing_public_key(run: Run, codes: list[str]) -> None:
    run("ticket", "verify", codes[0], "--public-key", "none.pub").refused(4, "no key file")


def test_a_ticket_lets_one_person_in_once(run: Run, codes: list[str]) -> None:
    inside = run("ticket", "check-in", codes[1], "--where", "Gate 2")
    assert inside.code == 0
    assert "ASK FOR THE PROOF" in inside.out
    again = run("ticket", "check-in", codes[1], "--where", "Gate 1")
    again.refused(1, "ALREADY USED", "Gate 2")
    told = run("ticket", "check-in", codes[1], "--where", "Gate 1", "--json")
    assert (told.code, told.json["answer"], told.json["where"]) == (1, "AlreadyUsed", "Gate 2")
    assert run("ticket", "check-in", codes[0], "--where", "Gate 1", "--json").json["ok"] is True


def test_a_refunded_ticket_is_genuine_but_lets_nobody_in(run: Run, house: Path) -> None:
    order = order_of(run)
    listed = run("ticket", "list", order, "--json").json["tickets"]
    assert run("refund", order, "--reason", "ill").code == 0
    code = listed[0]["code"]
    assert run("ticket", "verify", code).code == 0
    run("ticket", "check-in", code, "--where", "Gate 1").refused(1, "NOT VALID", "refunded")
    assert run("ticket", "list", order, "--json").json["tickets"][0]["code"] == ""


def test_a_used_ticket_is_not_refunded(run: Run, house: Path) -> None:
    order = order_of(run)
    code = run("ticket", "list", order, "--json").json["tickets"][0]["code"]
    assert run("ticket", "check-in", code, "--where", "Gate 1").code == 0
    run("refund", order, "--reason", "ill").refused(1, "refunded or used")
    assert "used" in run("ticket", "list", order).out


def test_a_genuine_code_of_a_ticket_that_was_never_sold(run: Run, house: Path) -> None:
    key = read_key(house / "bilheteria.key")
    for name in ("B1.1.77.1.1", "B1.99.1.1.1"):
        answer = run("ticket", "check-in", f"{name}.{key.sign(name)}", "--where", "Gate 1")
        answer.refused(1, "do not let in")


def test_verify_is_quick(spawn: Run, codes: list[str]) -> None:
    began = time.monotonic()
    assert spawn("ticket", "verify", codes[0], "--public-key", "bilheteria.key.pub").code == 0
    assert time.monotonic() - began < 5  # 0.3 s on an idle machine
