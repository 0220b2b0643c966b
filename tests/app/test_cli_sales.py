"""Sales on the command line: sell once, whatever happens; refund once."""

import re
from pathlib import Path

import pytest

from tests.app.conftest import Run

CPF = "529.982.247-25"


def sell(run: Run, *more: str, take: str = "Pista/Inteira=1", cash: str = "60") -> dict[str, str]:
    answer = run("sell", "pequeno", "--take", take, "--cash", cash, "--json", *more)
    assert answer.code == 0, answer
    return answer.json


def test_a_sale_in_cash_tells_tickets_and_change(spawn: Run, run: Run, house: Path) -> None:
    sold = spawn("sell", "pequeno", "--take", "Pista/Inteira=2", "--cash", "200")
    assert (sold.code, sold.err) == (0, "")
    for said in ("2 x Pista/Inteira  R$ 60,00", "total R$ 120,00", "change R$ 80,00", "B1.1.1.2."):
        assert said in sold.out
    order = re.search(r"\b\d+-\d+-\w{4}\b", sold.out)
    assert order is not None
    told = run("order", "view", order[0]).out
    assert "captured, R$ 120,00 (R$ 200,00 given, R$ 80,00 change)" in told


def test_what_coins_do_not_reach_the_customer_keeps(run: Run, house: Path) -> None:
    answer = sell(run, take="Social=1", cash="40,00")
    assert (answer["total_minor"], answer["change_minor"]) == (4_003, 0)
    assert run("audit").code == 0


def test_a_sale_by_card_keeps_its_reference(run: Run, house: Path) -> None:
    sold = run("sell", "pequeno", "--take", "inteira=1", "--card", "004512", "--json").json
    assert "004512" in run("order", "view", sold["order"]).out
    run("sell", "pequeno", "--take", "inteira=1", "--card", " ").refused(2, "reference")


def test_the_same_key_sells_once(run: Run, house: Path) -> None:
    first, again = sell(run, "--key", "till-7/31"), sell(run, "--key", "till-7/31")
    assert again["order"] == first["order"]
    assert again["tickets"] == first["tickets"]
    assert again["change_minor"] is None
    told = run("sell", "pequeno", "--take", "inteira=1", "--cash", "60", "--key", "till-7/31")
    assert "take no money again" in told.out
    assert run("report", "--json").json[0]["sold"] == 1


@pytest.mark.parametrize(
    ("take", "code", "said"),
    [
        ("Pista/Nada=1", 1, "no fare"),
        ("Balcão/Inteira=1", 1, "no fare"),
        ("Inteira", 2, "write TIER/FARE=2"),
        ("Inteira=", 2, "write TIER/FARE=2"),
        ("Inteira=0", 2, "write TIER/FARE=2"),
        ("Inteira=-1", 2, "write TIER/FARE=2"),
        ("Inteira=1.5", 2, "write TIER/FARE=2"),
        ("Inteira=99999999999999999999", 2, "write TIER/FARE=2"),
        ("Inteira=999999", 1, "100 of a fare"),
        ("Inteira=7", 1, "6 tickets"),
        ("Inteira=5", 1, "not enough tickets in Pista: 4 can be had"),
        ("Moradores=1", 1, "CPF"),
    ],
)
def test_what_cannot_be_sold_is_refused_and_lets_go(
    run: Run, house: Path, take: str, code: int, said: str
) -> None:
    run("sell", "pequeno", "--take", take, "--cash", "9000").refused(code, said)
    card = run("show", "view", "pequeno", "--json").json
    assert (card["card"]["free"], card["opened"], card["paying"]) == (4, 0, 0)


@pytest.mark.parametrize(
    ("cash", "code", "said"),
    [
        ("59.90", 1, "R$ 60,00 is due and R$ 59,90 was given"),
        ("-60", 2, "no amount"),
        ("sixty", 2, "no amount"),
        ("1.234", 2, "no amount"),
        ("", 2, "no amount"),
    ],
)
def test_money_that_is_not_right(run: Run, house: Path, cash: str, code: int, said: str) -> None:
    run("sell", "pequeno", "--take", "Inteira=1", f"--cash={cash}").refused(code, said)
    assert run("show", "view", "pequeno", "--json").json["card"]["free"] == 4


def test_a_fare_that_needs_a_document(run: Run, house: Path) -> None:
    sale = ["sell", "pequeno", "--take", "Moradores=1", "--cash", "10"]
    run(*sale, "--document", "111.111.111-11").refused(1, "CPF")
    assert run(*sale, "--document", CPF).code == 0
    assert "529" not in run("report", "--json").out


def test_a_key_must_be_one(run: Run, house: Path) -> None:
    run("join", "pequeno", "--key", "").refused(2, "--key")
    run("join", "pequeno", "--key", "x" * 101).refused(2, "--key")


def test_who_comes_when_all_is_sold_gets_a_number_and_the_ticket_that_comes_back(
    run: Run, house: Path
) -> None:
    sold = sell(run, take="Inteira=4", cash="240")
    waits = run("sell", "pequeno", "--take", "Inteira=1", "--cash", "60", "--key", "late")
    assert waits.code == 5
    assert "number 2 in the line of pequeno, 0 ahead" in waits.out
    assert "returned tickets" in waits.out
    third = run("join", "pequeno", "--key", "later", "--json").json
    assert (third["state"], third["number"], third["ahead"]) == ("in_line", 3, 1)
    assert run("refund", sold["order"], "--ticket", "3", "--reason", "ill").code == 0
    assert run("join", "pequeno", "--key", "late", "--json").json["state"] == "called"
    assert sell(run, "--key", "late")["order"]
    assert run("line", "pequeno", "--json").json["waiting"] == 1
    assert run("audit").code == 0


def test_a_refund_is_made_once(run: Run, house: Path) -> None:
    order = sell(run, take="Inteira=3", cash="180")["order"]
    one = run("refund", order, "--ticket", "2", "--reason", "ill")
    assert "refunded R$ 60,00: ticket 2" in one.out
    assert "hand back R$ 60,00 in cash" in one.out
    run("refund", order, "--ticket", "2", "--reason", "ill").refused(1, "refunded or used already")
    run("refund", order, "--ticket", "9", "--reason", "ill").refused(1, "nothing to refund")
    rest = run("refund", order, "--reason", "moved", "--json").json
    assert (rest["amount_minor"], rest["ticket_nos"]) == (12_000, [1, 3])
    run("refund", order, "--reason", "moved").refused(1, "refunded or used already")
    told = run("order", "view", order).out
    assert told.count(": done, R$ ") == 2
    assert run("audit").code == 0


def test_a_refund_of_a_card_names_its_terminal(run: Run, house: Path) -> None:
    sold = run("sell", "pequeno", "--take", "inteira=1", "--card", "004512", "--json").json
    assert "NSU 004512" in run("refund", sold["order"], "--reason", "ill").out


@pytest.mark.parametrize("code", ["", "x", "1-1", "1-1-AAAA", "9-9-AAAA", "999999999-1-AAAA"])
def test_an_order_that_is_not_there(run: Run, house: Path, code: str) -> None:
    sell(run)
    run("order", "view", code).refused(1, "order")
    run("refund", code, "--reason", "x").refused(1, "order")


def test_an_order_is_found_in_any_case(run: Run, house: Path) -> None:
    order = sell(run)["order"]
    assert run("order", "view", order.lower()).code == 0
    assert run("order", "view", order, "--json").json["order_code"] == order


def test_the_ledger_says_who_sold(run: Run, house: Path) -> None:
    for name, role in (("ana", "clerk"), ("dora", "door")):
        run("clerk", "add", name, "--role", role, "--password-stdin", given="longenough\n")
    sell(run, "--clerk", "ana")
    refused = run("sell", "pequeno", "--take", "Inteira=1", "--cash", "60", "--clerk", "dora")
    refused.refused(1, "dora's role is door: this needs a clerk or manager")


def test_clerks(run: Run, house: Path) -> None:
    assert "no clerks yet" in run("clerk", "list").out
    run("clerk", "add", "ana", "--password-stdin", given="short\n").refused(1, "8 to 200")
    run("clerk", "add", "ana").refused(2, "--password-stdin")
    assert run("clerk", "add", "ana", "--password-stdin", given="longenough\n").code == 0
    again = run("clerk", "add", "ana", "--password-stdin", given="longenough\n")
    again.refused(1, "there is a clerk 'ana' already")
    assert run("clerk", "role", "ana", "manager").out == "ana is a manager\n"
    run("clerk", "role", "bia", "door").refused(1, "add the clerk first")
    assert run("clerk", "password", "ana", "--password-stdin", given="another one\n").code == 0
    assert run("clerk", "list", "--json").json == [{"name": "ana", "role": "manager"}]
    run("clerk", "role", "ana", "boss").refused(2, "'boss' is no role: give one of clerk,")
    assert run("clerk", "role", "ana", "disabled").out == "ana is disabled\n"
    run("show", "pause", "pequeno", "--clerk", "ana").refused(1, "role is disabled")
    assert "argon2" not in run("clerk", "list").out
    kept = (house / "bilheteria.db").read_bytes()
    assert b"another one" not in kept
    assert run("audit").code == 0


def test_a_refused_sale_with_a_key_keeps_its_place(run: Run, house: Path) -> None:
    """Too little cash, then too many tickets: the person called still has the ticket."""
    first = ("sell", "pequeno", "--key", "b")
    run(*first, "--take", "Inteira=1", "--cash", "1").refused(1, "is due", "--key b")
    run(*first, "--take", "Inteira=99", "--cash", "6000").refused(1, "--key b")
    assert sell(run, "--key", "b")["order"]


def test_a_place_can_be_given_up(run: Run, house: Path) -> None:
    run("join", "pequeno", "--key", "goes")
    assert run("leave", "pequeno", "--key", "goes", "--json").json["state"] == "left"
    assert "left" in run("leave", "pequeno", "--key", "goes").out
    run("leave", "pequeno", "--key", "never came").refused(1, "no")
