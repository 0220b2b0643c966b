"""A receipt reaches people over real sockets: by every channel, and by each in another's place."""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from telegram import InlineKeyboardButton

from bot.local_api.server import LocalApi
from bot.local_api.trouble import Cut
from core import limits
from core.caretaker import Caretaker
from core.messages import Kind
from core.outcomes import Malformed
from core.requests import Choose, Leave, Prefer, Refund, Register, SendAgain
from core.terms import MINUTE_MS
from notifier.channels import Channel
from tests.auxil.drafts import fare, show, tier
from tests.auxil.fans import Fan
from tests.auxil.mailbox import Mailbox, serving
from tests.auxil.offices import SIGNER, HandClock
from tests.auxil.post import Post, mail_of, posting, push_of, sms_of, telegram_of
from tests.auxil.recorder import Recorder, recording


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def api(clock: HandClock) -> AsyncGenerator[LocalApi]:
    async with LocalApi(clock) as serving_api:
        yield serving_api


@pytest.fixture
async def mailbox() -> AsyncGenerator[Mailbox]:
    async with serving(Mailbox()) as box:
        yield box


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@pytest.fixture
async def post(
    tmp_path: Path, clock: HandClock, api: LocalApi, mailbox: Mailbox, recorder: Recorder
) -> AsyncGenerator[Post]:
    channels: list[Channel] = [
        telegram_of(api),
        mail_of(mailbox, clock),
        sms_of(recorder),
        push_of(recorder),
    ]
    async with posting(tmp_path, *channels, clock=clock) as opened:
        yield opened


async def test_everyone_gets_the_receipt_by_the_channel_they_have(
    post: Post, api: LocalApi, mailbox: Mailbox, recorder: Recorder
):
    ana = api.person("Ana")
    await post.bought("ana", ("telegram", str(ana.user_id)))
    await post.bought("bia", ("email", "bia@example.org"))
    await post.bought("caio", ("phone", "5511999990001"))
    await post.bought("duda", ("push", "duda-topic"))
    await post.deliver()

    text, *photos = ana.messages
    assert "Seus 2 ingressos para Show s" in text.text
    assert api.download(text.file_id).startswith(b"%PDF")
    assert len(photos) == 2
    assert all(api.download(photo.file_id).startswith(b"\x89PNG") for photo in photos)
    (mail,) = mailbox.visible
    assert mail["To"] == "bia@example.org"
    assert mail["Subject"] == "Seus 2 ingressos para Show s"
    kinds = [part.get_content_type() for part in mail.walk()]
    assert {"text/plain", "text/html", "application/pdf", "text/calendar"} <= set(kinds)
    (sms,) = recorder.to("5511999990001")
    view = await post.office.look.purchase(1, "caio")
    assert view is not None
    assert f"Pedido {view.order_code}" in sms["message"]
    assert not sms["title"]
    (push,) = recorder.to("duda-topic")
    assert push["title"] == "Seus 2 ingressos para Show s"
    for name in ("ana", "bia", "caio", "duda"):
        assert (await post.message(Kind.RECEIPT, name)).effect.state == "done"


async def test_only_the_first_contact_gets_it_when_all_is_well(
    post: Post, api: LocalApi, mailbox: Mailbox, recorder: Recorder
):
    ana = api.person("Ana")
    contacts = (("telegram", str(ana.user_id)), ("email", "ana@example.org"), ("phone", "551"))
    await post.bought("ana", *contacts)
    await post.deliver()
    assert len(ana.messages) == 3
    assert not mailbox.received
    assert not recorder.posted
    assert await post.attempts(Kind.RECEIPT, "ana") == [
        ("telegram", 0, "sent", ""),
        ("telegram", 1, "sent", ""),
    ]


async def test_a_person_is_written_to_as_they_choose(
    post: Post, api: LocalApi, mailbox: Mailbox, recorder: Recorder
):
    ana = api.person("Ana")
    contacts = (("telegram", str(ana.user_id)), ("email", "ana@example.org"), ("phone", "551"))
    await post.registered("ana", *contacts)
    choice = Prefer(customer_id="ana", language="en", channels=("email", "telegram"))
    await post.office.prefer(choice)
    mailbox.says["ana@example.org"] = ["550 no such user"]
    await post.bought("ana")
    await post.deliver()
    assert not mailbox.received
    assert "Your 2 tickets for Show s" in ana.messages[0].text
    assert not recorder.posted  # She left SMS out.
    tried = [(channel, state) for channel, _, state, _ in await post.attempts(Kind.RECEIPT, "ana")]
    assert tried == [("email", "refused"), ("telegram", "sent"), ("telegram", "sent")]


async def test_a_channel_that_was_left_out_is_no_fall_back(
    post: Post, mailbox: Mailbox, recorder: Recorder
):
    await post.registered("ana", ("email", "ana@example.org"), ("phone", "551"))
    await post.office.prefer(Prefer(customer_id="ana", channels=("email",)))
    mailbox.says["ana@example.org"] = ["550 no such user"]
    await post.bought("ana")
    await post.deliver()
    assert not recorder.posted
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "dead"


CONTACTS = {
    "telegram": ("telegram", "7001"),
    "email": ("email", "ana@example.org"),
    "sms": ("phone", "5511999990001"),
    "push": ("push", "ana-topic"),
}
PAIRS = [(first, second) for first in CONTACTS for second in CONTACTS if first != second]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
async def test_each_channel_is_the_fall_back_of_each_other(
    post: Post, api: LocalApi, mailbox: Mailbox, recorder: Recorder, first: str, second: str
):
    ana = api.person("Ana", user_id=7001)
    match first:
        case "telegram":
            ana.block()
        case "email":
            mailbox.says["ana@example.org"] = ["550 no such user"]
        case _:
            recorder.answers = [503] * 3
    await post.registered("ana", CONTACTS[first], CONTACTS[second])
    ways = (CONTACTS[first][0], CONTACTS[second][0])
    await post.office.prefer(Prefer(customer_id="ana", channels=ways))
    await post.bought("ana")
    await post.deliver_all(6)
    match second:
        case "telegram":
            assert len(ana.messages) == 3
        case "email":
            assert len(mailbox.visible) == 1
        case _:
            (posted,) = recorder.to(CONTACTS[second][1])
            assert "Show s" in posted["title"] + posted["message"]
    tried = await post.attempts(Kind.RECEIPT, "ana")
    assert tried[0][0] == first
    assert tried[0][2] in {"refused", "failed"}
    assert {(channel, state) for channel, _, state, _ in tried[-1:]} == {(second, "sent")}
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"


async def test_a_passing_failure_is_tried_again_where_it_was(
    post: Post, api: LocalApi, mailbox: Mailbox
):
    ana = api.person("Ana")
    api.trouble.fail("sendDocument", times=2)
    await post.bought("ana", ("telegram", str(ana.user_id)), ("email", "ana@example.org"))
    await post.deliver_all(5)
    assert len(ana.messages) == 3
    assert not mailbox.received
    states = [state for _, _, state, _ in await post.attempts(Kind.RECEIPT, "ana")]
    assert states == ["failed", "failed", "sent", "sent"]


async def test_an_address_that_is_refused_for_good_is_a_dead_letter(post: Post, mailbox: Mailbox):
    mailbox.says["ana@example.org"] = ["550 no such user"]
    await post.bought("ana", ("email", "ana@example.org"))
    await post.deliver()
    told = await post.message(Kind.RECEIPT, "ana")
    assert told.effect.state == "dead"
    assert told.error == "the mail server refuses the address: ask the person for another (550)"
    assert await post.attempts(Kind.RECEIPT, "ana") == [("email", 0, "refused", told.error)]


async def test_a_server_that_never_takes_it_is_given_up_after_its_attempts(
    post: Post, mailbox: Mailbox
):
    mailbox.says["ana@example.org"] = ["451 later"] * 100
    await post.bought("ana", ("email", "ana@example.org"))
    await post.deliver_all(limits.EFFECT_ATTEMPTS + 3)
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "dead"
    assert mailbox.tried == limits.EFFECT_ATTEMPTS


async def test_what_is_sent_again_starts_anew_whatever_befell_it_before(
    post: Post, mailbox: Mailbox
):
    failing = ["451 later"] * limits.EFFECT_ATTEMPTS
    mailbox.says["ana@example.org"] = [*failing, *failing[:3], "550 no such user", "451 later"]
    await post.bought("ana", ("email", "ana@example.org"))
    for _ in range(2):
        await post.deliver_all(limits.EFFECT_ATTEMPTS)
        effect = (await post.message(Kind.RECEIPT, "ana")).effect
        assert effect.state == "dead"
        again = SendAgain(show_id=1, ledger_seq=effect.ledger_seq, item=effect.item)
        await post.office.send_again(again)
    await post.deliver_all(2)
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"
    kept = [state for _, _, state, _ in await post.attempts(Kind.RECEIPT, "ana")]
    assert kept == ["failed"] * (limits.EFFECT_ATTEMPTS + 3) + ["refused", "failed", "sent"]


async def test_an_answer_cut_off_makes_one_visible_copy(post: Post, mailbox: Mailbox):
    mailbox.data_says = ["cut"]
    await post.bought("ana", ("email", "ana@example.org"))
    await post.deliver_all(3)
    assert len(mailbox.received) == 2
    assert len(mailbox.visible) == 1


async def test_the_pause_that_telegram_asks_for_is_no_failure(
    post: Post, api: LocalApi, clock: HandClock
):
    ana = api.person("Ana")
    api.trouble.flood("sendDocument", retry_after_s=30)
    await post.bought("ana", ("telegram", str(ana.user_id)))
    before_ms = clock.ms
    await post.deliver()
    told = await post.message(Kind.RECEIPT, "ana")
    assert told.effect.state == "waiting"
    assert told.effect.due_ms >= before_ms + 30_000
    assert not ana.messages


async def test_however_many_pauses_are_asked_for_none_counts_as_a_failure(
    post: Post, api: LocalApi, mailbox: Mailbox
):
    ana = api.person("Ana")
    api.trouble.flood("sendDocument", retry_after_s=30, times=limits.EFFECT_ATTEMPTS)
    api.trouble.fail("sendDocument")
    await post.bought("ana", ("telegram", str(ana.user_id)), ("email", "ana@example.org"))
    await post.deliver_all(limits.EFFECT_ATTEMPTS + 2)
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"
    assert len(ana.messages) == 3
    assert not mailbox.received


async def test_what_was_sent_of_a_receipt_is_not_sent_again(
    post: Post, api: LocalApi, clock: HandClock
):
    ana = api.person("Ana")
    api.trouble.fail("sendMediaGroup")
    await post.bought("ana", ("telegram", str(ana.user_id)))
    await post.deliver()
    assert len(ana.messages) == 1
    clock.ms += limits.BACKOFF_MAX_MS
    await post.deliver()
    assert len(ana.messages) == 3
    first, second, third = await post.attempts(Kind.RECEIPT, "ana")
    assert {first, second} == {
        ("telegram", 0, "sent", ""),
        ("telegram", 1, "failed", "Telegram can't be reached, or has trouble of its own"),
    }
    assert third == ("telegram", 1, "sent", "")


async def test_a_chosen_channel_is_tried_first(post: Post, api: LocalApi, mailbox: Mailbox):
    ana = api.person("Ana")
    await post.bought("ana", ("telegram", str(ana.user_id)), ("email", "ana@example.org"))
    await post.deliver()
    told = len(ana.messages)
    assert not mailbox.visible
    effect = (await post.message(Kind.RECEIPT, "ana")).effect
    again = SendAgain(
        show_id=effect.show_id, ledger_seq=effect.ledger_seq, item=effect.item, channel="email"
    )
    await post.office.send_again(again)
    await post.deliver()
    assert [mail["To"] for mail in mailbox.visible] == ["ana@example.org"]
    assert len(ana.messages) == told


async def test_who_has_no_contact_is_told_nothing_and_nothing_is_dead(post: Post):
    await post.bought("ana", ("walk_in", "sale-1"))
    await post.deliver()
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"
    assert not await post.attempts(Kind.RECEIPT, "ana")


async def test_a_contact_that_no_channel_reaches_is_a_dead_letter_that_says_so(post: Post):
    await post.bought("ana", ("pigeon", "loft 3"))
    await post.deliver()
    told = await post.message(Kind.RECEIPT, "ana")
    assert told.effect.state == "dead"
    assert "no channel is set up for this person's contacts" in told.error
    assert told.error.endswith("(pigeon)")


async def called(post: Post, *contacts: tuple[str, str]) -> None:
    """Everything is sold, somebody waits, and a ticket comes back."""
    await post.registered("bia", ("walk_in", "x"))
    await post.registered("ana", *contacts)
    await Fan(post.office, 1, "bia").buy(6)
    await Fan(post.office, 1, "ana").join()
    back = Refund(show_id=1, purchase_id="bia", refund_id="r", reason="ill", ticket_nos=(1,))
    await post.office.refund(back)


@pytest.fixture
async def small(
    tmp_path: Path, clock: HandClock, api: LocalApi, mailbox: Mailbox
) -> AsyncGenerator[Post]:
    draft = show(tier("Pista", 6), slug="s")
    channels = (telegram_of(api), mail_of(mailbox, clock))
    async with posting(tmp_path, *channels, draft=draft, clock=clock) as opened:
        yield opened


async def test_the_delivery_of_a_call_starts_its_clock(
    small: Post, api: LocalApi, clock: HandClock
):
    ana = api.person("Ana")
    await called(small, ("telegram", str(ana.user_id)))
    clock.ms += 5 * MINUTE_MS
    await small.deliver()
    (told,) = [one for one in ana.messages if "É a sua vez" in one.text]
    assert "3 minutos" in told.text
    view = await small.office.look.purchase(1, "ana")
    assert view is not None
    assert view.purchase.deadline_ms == clock.ms + 3 * MINUTE_MS


async def test_a_call_goes_to_the_next_contact_at_once(
    small: Post, api: LocalApi, mailbox: Mailbox
):
    ana = api.person("Ana")
    api.trouble.fail("sendMessage", times=50)
    await called(small, ("telegram", str(ana.user_id)), ("email", "ana@example.org"))
    await small.deliver()
    assert "É a sua vez: Show s" in [mail["Subject"] for mail in mailbox.visible]
    assert (await small.message(Kind.YOUR_TURN, "ana")).effect.state == "done"


async def test_a_call_that_was_missed_meanwhile_is_not_spoken(
    small: Post, api: LocalApi, clock: HandClock
):
    ana = api.person("Ana")
    await called(small, ("telegram", str(ana.user_id)))
    await small.office.leave(_leave("ana"))
    await small.deliver()
    assert not [one for one in ana.messages if "É a sua vez" in one.text]
    assert (await small.message(Kind.YOUR_TURN, "ana")).effect.state == "done"


async def test_who_misses_a_call_is_told_of_the_second_chance_and_called_again(
    small: Post, mailbox: Mailbox, clock: HandClock
):
    await called(small, ("email", "ana@example.org"))
    await small.registered("caio", ("walk_in", "y"))  # Called in her place meanwhile.
    await Fan(small.office, 1, "caio").join()
    for _ in range(3):
        await small.deliver()
        clock.ms += 4 * MINUTE_MS
        await Caretaker(small.office, SIGNER).round()
    await small.deliver()
    assert [mail["Subject"] for mail in mailbox.visible] == [
        "É a sua vez: Show s",
        "Você perdeu a sua vez: Show s",
        "É a sua vez: Show s",
        "Você perdeu a última chamada: Show s",
    ]
    missed = mailbox.visible[1].get_body(("plain",))
    assert missed is not None
    assert "Você é a próxima pessoa." in missed.get_content()
    assert "Chamaremos você mais uma vez" in missed.get_content()


async def test_the_day_before_the_show_a_reminder_comes(
    post: Post, mailbox: Mailbox, clock: HandClock
):
    await post.bought("ana", ("email", "ana@example.org"))
    await post.bought("bia", ("email", "bia@example.org"))
    back = Refund(show_id=1, purchase_id="bia", refund_id="r", reason="ill")
    await post.office.refund(back)
    a_show = await post.office.look.show(1)
    assert a_show is not None
    due_ms = a_show.card.starts_ms - limits.REMIND_BEFORE_MS
    for at_ms in (due_ms - 1, due_ms):
        clock.ms = at_ms
        before = len(mailbox.visible)
        await post.deliver()
    (told,) = mailbox.visible[before:]
    assert (told["To"], told["Subject"]) == ("ana@example.org", "Está chegando: Show s")


def _leave(name: str) -> Leave:
    return Leave(show_id=1, purchase_id=name)


async def test_a_hostile_name_is_only_a_name(post: Post, api: LocalApi, mailbox: Mailbox):
    evil = "Ana\u202e\r\nBcc: eve@example.org\r\n\r\n<b>x</b> [y](z) {0} %s " + "ã" * 100
    contacts = (("telegram", str(api.person("Ana").user_id)),)
    for name, ways in (("ana", contacts), ("bia", (("email", "bia@example.org"),))):
        await post.office.register(Register(customer_id=name, contacts=ways, name=evil))
        await Fan(post.office, 1, name).buy(1)
    await post.deliver()
    told = "AnaBcc: eve@example.org<b>x</b> [y](z) {0} %s " + "ã" * 100
    (ana,) = api.people
    assert told in ana.messages[0].text
    (mail,) = mailbox.visible
    assert "Bcc" not in mail
    assert mail["To"] == "bia@example.org"
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert told in " ".join(plain.get_content().split())
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"
    huge = Register(customer_id="caio", contacts=(("telegram", "9"),), name="x" * 10_000)
    assert isinstance(await post.office.register(huge), Malformed)


@pytest.mark.parametrize("address", ["+55 (11) 9999-0000", "../a?cto=0&x=@evil.example:1/#é%2F"])
async def test_a_hostile_number_is_only_an_address(post: Post, recorder: Recorder, address: str):
    await post.bought("ana", ("phone", address))
    await post.deliver()
    ((path, _),) = recorder.posted
    assert unquote(path).strip("/") == address
    huge = Register(customer_id="bia", contacts=(("phone", "5" * 10_000),))
    assert isinstance(await post.office.register(huge), Malformed)


async def test_one_person_s_trouble_holds_up_nobody_else(
    post: Post, api: LocalApi, clock: HandClock
):
    people = [api.person(f"P{number}") for number in range(8)]
    people[0].block()
    for number, person in enumerate(people):
        await post.bought(f"p{number}", ("telegram", str(person.user_id)))
    await post.deliver()
    assert [len(person.messages) for person in people] == [0] + [3] * 7


async def test_two_workers_send_everything_once(post: Post, mailbox: Mailbox):
    for number in range(40):
        await post.bought(f"p{number}", ("email", f"p{number}@example.org"))
    await asyncio.gather(post.deliver(), post.deliver())
    assert len(mailbox.received) == len(mailbox.visible) == 40


async def test_telegram_s_answer_cut_off_is_at_least_one_copy(
    post: Post, api: LocalApi, clock: HandClock
):
    ana = api.person("Ana")
    api.trouble.cut("sendDocument", where=Cut.AFTER)
    await post.bought("ana", ("telegram", str(ana.user_id)))
    await post.deliver_all(3)
    receipts = [one for one in ana.messages if "Seus 2 ingressos" in one.text]
    assert 1 <= len(receipts) <= 2
    assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"


async def test_buttons_come_from_whoever_knows_them(
    tmp_path: Path, clock: HandClock, api: LocalApi
):
    def keys(kind: str, show_id: int, purchase_id: str, speech: object):
        return [[InlineKeyboardButton(kind, callback_data=f"{show_id}:{purchase_id}")]]

    ana = api.person("Ana")
    async with posting(tmp_path, telegram_of(api, keys), clock=clock) as post:
        await post.bought("ana", ("telegram", str(ana.user_id)))
        await post.deliver()
    assert [(one.text, one.data) for one in ana.messages[0].buttons] == [("receipt", "1:ana")]


FACES = "\N{PERFORMING ARTS}"


@pytest.mark.parametrize(("fares", "under"), [(1, True), (5, False), (20, False)])
async def test_telegram_s_limits_are_counted_as_telegram_counts(
    tmp_path: Path, clock: HandClock, api: LocalApi, fares: int, under: bool
):
    """In UTF-16: an emoji is two. A text too long for a caption, or for a message, still comes."""
    ana = api.person("Ana")
    listed = [fare(f"{number:02}" + FACES * 38, 1_000, 0) for number in range(fares)]
    draft = show(tier(FACES * 40, 100, *listed), slug="s", limit_per_customer=30)
    venue = dataclasses.replace(draft.venue, address=FACES * 100)
    draft = dataclasses.replace(draft, title=FACES * 120, venue=venue)
    async with posting(tmp_path, telegram_of(api), draft=draft, clock=clock) as post:
        await post.registered("ana", ("telegram", str(ana.user_id)))
        fan = Fan(post.office, 1, "ana")
        await fan.join()
        wanted = tuple((number, 1) for number in range(1, fares + 1))
        await post.office.choose(Choose(show_id=1, purchase_id="ana", wanted=wanted))
        await fan.check_out()
        await fan.pay(1_000 * fares)
        await post.deliver()
        assert (await post.message(Kind.RECEIPT, "ana")).effect.state == "done"
    told = ana.messages[0]
    assert FACES * 120 in told.text
    assert f"{min(fares, 15) - 1:02}{FACES * 38}" in told.text
    assert told.text.endswith("…") == (fares == 20)
    assert bool(told.file_id) == under
    assert len([one for one in ana.messages if one.file_id]) == 1 + fares


async def test_a_large_order_comes_whole(post: Post, api: LocalApi, tmp_path: Path):
    ana = api.person("Ana")
    draft = show(tier("Pista", 100), slug="s", limit_per_customer=30)
    (tmp_path / "large").mkdir()
    async with posting(
        tmp_path / "large", telegram_of(api), draft=draft, clock=post.clock
    ) as large:
        await large.registered("ana", ("telegram", str(ana.user_id)))
        await Fan(large.office, 1, "ana").buy(25)
        await large.deliver_all(5)
        told = await large.message(Kind.RECEIPT, "ana")
    assert told.effect.state == "done"
    assert len(ana.messages) == 26
