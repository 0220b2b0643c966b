"""`bilheteria messages` and `bilheteria work`: a receipt that goes astray, seen and mended."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.messaging import set_up
from app.settings import load_settings
from app.wiring import open_office
from core.requests import Register
from tests.app.conftest import Run
from tests.auxil.fans import Fan
from tests.auxil.mailbox import Mailbox, serving


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server in a thread of its own, as the commands run their own loops."""
    box, ready = Mailbox(), threading.Event()
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        async with serving(box):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield box
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


@pytest.fixture
def post(mailbox: Mailbox, house: Path, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setenv("BILHETERIA_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("BILHETERIA_SMTP_PORT", str(mailbox.port))
    monkeypatch.setenv("BILHETERIA_SMTP_SECURITY", "none")
    monkeypatch.setenv("BILHETERIA_SMTP_FROM", "caixa@clube.example")
    return mailbox


def sold_to(run: Run, house: Path, *addresses: str) -> None:
    """Sell a ticket to each of some people with an e-mail address."""

    async def sell() -> None:
        async with open_office(load_settings()) as an_office:
            office = an_office.office
            show_id = await office.look.show_id("pequeno")
            assert show_id is not None
            for address in addresses:
                name = address.partition("@")[0]
                contacts = (("email", address),)
                await office.register(Register(customer_id=name, contacts=contacts))
                await Fan(office, show_id, name).buy(1)

    assert run("show", "open", "pequeno").code == 0
    asyncio.run(sell())


def test_work_sends_what_waits_and_the_list_says_so(run: Run, house: Path, post: Mailbox) -> None:
    sold_to(run, house, "ana@example.org")
    assert [one["state"] for one in run("messages", "list", "--json").json] == ["waiting"] * 2
    assert run("work", "--once").code == 0
    assert [mail["To"] for mail in post.visible] == ["ana@example.org"]
    (receipt,) = run("messages", "list", "--kind", "receipt", "--json").json
    assert receipt["state"] == "done"
    whole = run("messages", "show", receipt["key"], "--json").json
    assert [(a["channel"], a["state"]) for a in whole["attempts"]] == [("email", "sent")]
    assert "email" in run("messages", "show", receipt["key"]).out


def test_what_was_refused_is_mended_and_sent_again(run: Run, house: Path, post: Mailbox) -> None:
    post.says["ana@example.org"] = ["550 no such user"]
    sold_to(run, house, "ana@example.org")
    run("work", "--once")
    assert not post.received
    (dead,) = run("messages", "list", "--state", "dead", "--json").json
    assert "refuses the address" in dead["error"]
    assert "resend" in run("doctor").out
    assert run("messages", "resend", "--json").json["sent_again"] == [dead["key"]]
    run("work", "--once")
    assert len(post.visible) == 1
    assert not run("messages", "list", "--state", "dead", "--json").json


def test_what_has_a_wrong_address_is_sent_to_the_right_one(
    run: Run, house: Path, post: Mailbox
) -> None:
    post.says["ana@exmaple.org"] = ["550 no such domain"]
    sold_to(run, house, "ana@exmaple.org")
    run("work", "--once")
    (dead,) = run("messages", "list", "--state", "dead", "--json").json
    assert "--to email:" in run("messages", "show", dead["key"]).out
    right = ("messages", "resend", dead["key"], "--to")
    run(*right, "ana@example.org").refused(2, "no contact")
    run(*right, "pigeon:loft 3").refused(2, "reaches nobody")
    run(*right, "email:" + "a" * 999).refused(2)
    run(*right, "email:ana@example.org", "--channel", "email").refused(2, "names the channel")
    run("messages", "resend", "--to", "email:ana@example.org").refused(2, "the key of a message")
    assert run(*right, "email:ana@example.org", "--json").json["sent_again"] == [dead["key"]]
    run("work", "--once")
    assert [mail["To"] for mail in post.visible] == ["ana@example.org"]
    assert not run("messages", "list", "--state", "dead", "--json").json


def test_a_receipt_that_got_lost_is_sent_once_more(run: Run, house: Path, post: Mailbox) -> None:
    sold_to(run, house, "ana@example.org")
    run("work", "--once")
    (sent,) = run("messages", "list", "--state", "done", "--json").json
    assert run("messages", "resend", sent["key"], "--channel", "email").code == 0
    run("work", "--once")
    assert len(post.visible) == 2


def test_lists_are_narrowed_and_nonsense_is_refused(run: Run, house: Path, post: Mailbox) -> None:
    sold_to(run, house, "ana@example.org")
    found = run("messages", "list", "--contact", "email:ana@example.org", "--show", "pequeno")
    assert "receipt" in found.out
    run("messages", "list", "--contact", "email:bia@example.org").refused(1, "nobody has")
    run("messages", "list", "--contact", "ana").refused(2, "no contact")
    run("messages", "list", "--state", "lost").refused(2, "no state")
    run("messages", "list", "--kind", "gossip").refused(2, "no kind")
    run("messages", "list", "--show", "nothing").refused(1, "no show")
    run("messages", "show", "nonsense").refused(2, "no key")
    run("messages", "show", "9.9.9").refused(1, "no message")
    run("messages", "resend", "9.9.9").refused(1, "no message")
    (receipt,) = run("messages", "list", "--kind", "receipt", "--json").json
    run("messages", "resend", receipt["key"]).refused(1, "still waits")
    run("messages", "resend", receipt["key"], "--kind", "receipt").refused(2, "not both")


def test_an_operator_sees_and_changes_how_somebody_is_written_to(
    run: Run, house: Path, post: Mailbox
) -> None:
    sold_to(run, house, "ana@example.org")
    whose = "email:ana@example.org"
    assert "in pt-BR, by email" in run("messages", "prefer", whose).out
    chosen = run("messages", "prefer", whose, "--language", "en", "--channels", "email", "--json")
    assert chosen.json == {"customer": "ana", "language": "en", "ways": ["email"]}
    run("messages", "prefer", whose, "--channels", "phone").refused(2, "choose one")
    run("messages", "prefer", whose, "--language", "tlh").refused(2, "pt-BR, en")
    run("messages", "prefer", "email:bia@example.org").refused(1, "nobody has")
    assert run("messages", "prefer", whose, "--channels", "all").code == 0
    run("work", "--once")
    (mail,) = post.visible
    assert mail["Subject"].startswith("Your ticket for")


def states(run: Run) -> dict[str, str]:
    return {one["what"]: one["state"] for one in run("doctor", "--json").json["found"]}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TELEGRAM_TOKEN": "12345"}, "no token"),
        ({"SMTP_SECURITY": "none", "SMTP_HOST": "mail.example.org"}, "for everyone"),
        ({"SMS_URL": "nonsense://{address}"}, "no service"),
        ({"PUSH_URL_FILE": "/nowhere/at/all"}, "can't be read"),
        ({"SMTP_USER": "box"}, "without a password"),
    ],
)
def test_the_doctor_sees_what_is_wrong_with_a_channel(
    run: Run, post: Mailbox, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"BILHETERIA_{name}", value)
    told = run("doctor")
    assert said in told.out
    assert told.code == 1


def test_the_doctor_is_content_with_channels_that_can_work(run: Run, post: Mailbox) -> None:
    assert "email" in run("doctor").out


def test_secrets_come_from_files_and_are_never_printed(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "token"
    secret.write_text("123456:very-secret\n")
    monkeypatch.setenv("BILHETERIA_TELEGRAM_TOKEN_FILE", str(secret))
    monkeypatch.setenv("BILHETERIA_SMTP_PASSWORD", "hush-hush")
    settings = load_settings()
    assert settings.secret("telegram_token") == "123456:very-secret"
    assert set_up(settings) == ["telegram"]
    assert "hush-hush" not in repr(settings)


def test_a_worker_killed_in_the_middle_loses_nothing(
    run: Run, house: Path, folder: Path, post: Mailbox
) -> None:
    """Two `bilheteria work`: one is killed while the mail server holds its messages back."""
    people = [f"{name}@example.org" for name in ("ana", "bia", "caio", "duda")]
    sold_to(run, house, *people)
    post.pause_s = 60.0
    command = [sys.executable, "-m", "app", "work"]
    workers: list[subprocess.Popen[bytes]] = []
    for _ in range(2):
        workers.append(
            subprocess.Popen(command, env=os.environ, cwd=folder, stderr=subprocess.DEVNULL)
        )
        wait_until(lambda: post.tried > 0)
    killed, heir = workers
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not post.received
    post.pause_s = 0.0
    # The dead worker's leases would end by themselves in a minute.
    with sqlite3.connect(house / "bilheteria.db", timeout=30) as office:
        office.execute("update effects set due_ms = 0 where state = 'waiting' and leased_by <> ''")
    office.close()
    wait_until(lambda: len(post.visible) == len(people))
    heir.send_signal(signal.SIGTERM)
    assert heir.wait(30) == 0
    assert sorted(str(mail["To"]) for mail in post.visible) == people
    assert len(post.received) == len(people)
    told = run("messages", "list", "--kind", "receipt", "--json").json
    assert {one["state"] for one in told} == {"done"}
    assert json.loads(run("audit", "--json").out)["ok"]


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for another process, which the test's own time limit bounds."""
    pause = threading.Event()
    while not true():
        pause.wait(0.02)
