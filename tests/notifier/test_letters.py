"""Every kind of message in both languages: whole, and with what to do next."""

import dataclasses
from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.ledger import encode
from core.messages import LANES, MESSAGE_KINDS, Effect, Kind
from core.requests import CancelShow, Claim, Leave, Refund
from core.terms import HOUR_MS
from core.views import CustomerView
from language import speech
from notifier.channels.outside import longer, short
from notifier.facts import doors_text
from notifier.letters import Letter, environment
from notifier.standing import early_ms, stands
from tests.auxil.drafts import T0_MS, show, tier
from tests.auxil.fans import Fan
from tests.auxil.post import Post, letters_of, posting

DATA: dict[str, object] = {
    "number": 12,
    "ahead": 3,
    "claim_ms": 180_000,
    "amount_minor": 12_345,
    "currency": "BRL",
    "payment": "ana-pay",
}


@pytest.fixture
async def post(tmp_path: Path) -> AsyncGenerator[Post]:
    draft = show(tier("Pista", 6), slug="s", limit_per_customer=6)
    async with posting(tmp_path, draft=draft) as opened:
        await opened.bought("ana", ("email", "ana@example.org"))
        yield opened


def effect_of(kind: Kind, name: str = "ana", **data: object) -> Effect:
    text = encode({**DATA, **data})
    return Effect(1, 99, 0, LANES[kind], kind, name, name, text, "waiting", T0_MS, 1)


async def letter(
    post: Post, kind: Kind, language: str, name: str = "Ana Lima", **data: object
) -> Letter:
    a_show, view = await post.office.look.show(1), await post.office.look.purchase(1, "ana")
    assert a_show is not None
    assert view is not None
    person = CustomerView("ana", name, language, (), (("email", "ana@example.org"),))
    link = "https://t.me/circo"
    effect = effect_of(kind, "ana", **data)
    return letters_of(post.office, link).compose(effect, person, a_show, view)


def test_there_is_a_template_for_every_kind_and_no_other():
    kept = set(environment().list_templates(extensions=["txt"]))
    assert kept == {f"{kind}.txt" for kind in MESSAGE_KINDS}


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("kind", sorted(MESSAGE_KINDS))
async def test_every_message_is_whole_and_says_what_to_do_next(
    post: Post, kind: Kind, language: str
):
    told = await letter(post, kind, language)
    assert "Show s" in told.title
    assert told.body
    assert told.next
    assert told.text.startswith("Olá, Ana Lima." if language == "pt-BR" else "Hello, Ana Lima.")
    for text in (told.title, told.text):
        assert "{" not in text
        assert "None" not in text
        assert "\n\n\n" not in text
        assert text == text.strip()


@pytest.mark.parametrize("kind", sorted(MESSAGE_KINDS))
async def test_the_languages_differ_in_every_message(post: Post, kind: Kind):
    portuguese, english = await letter(post, kind, "pt-BR"), await letter(post, kind, "en")
    assert portuguese.title != english.title
    assert portuguese.next != english.next


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "Você é a próxima pessoa."),
        (1, "Há 1 pessoa à sua frente."),
        (1_204, "Há 1.204 pessoas à sua frente."),
    ],
)
async def test_how_many_are_ahead_is_said_as_people_count(post: Post, ahead: int, said: str):
    for kind in (Kind.DRAW_RESULT, Kind.MILESTONE, Kind.PLACE_CONFIRMED, Kind.SECOND_CHANCE):
        assert said in (await letter(post, kind, "pt-BR", ahead=ahead)).body


async def test_who_has_no_name_is_not_greeted_by_one(post: Post):
    told = await letter(post, Kind.RECEIPT, "en", name="")
    assert "Hello" not in told.text


async def test_a_receipt_lists_what_was_bought(post: Post):
    told = await letter(post, Kind.RECEIPT, "pt-BR")
    assert told.title == "Seus 2 ingressos para Show s"
    assert "2 × Pista · inteira: R$\N{NO-BREAK SPACE}2,00" in told.body
    assert "Taxa de serviço: R$\N{NO-BREAK SPACE}0,20" in told.body
    assert "Total: R$\N{NO-BREAK SPACE}2,20" in told.body
    assert "terça-feira, 16 de abril de 2030, 14:46 (Horário Padrão de Brasília)" in told.body
    assert told.bundle is not None
    assert len(told.bundle.pictures) == 2


async def test_only_receipts_bring_papers(post: Post):
    for kind in MESSAGE_KINDS - {Kind.RECEIPT}:
        assert (await letter(post, kind, "en")).bundle is None


@pytest.mark.parametrize("kind", sorted(MESSAGE_KINDS))
async def test_short_messages_say_what_to_do_next_and_lead_somewhere(post: Post, kind: Kind):
    told = await letter(post, kind, "pt-BR")
    for text in (short(told), longer(told)):
        assert (told.bare or told.next) in text
        assert text.endswith("https://t.me/circo")
        assert told.code in text or kind not in {Kind.RECEIPT, Kind.REMINDER}
    assert "\n\n" not in short(told)
    assert len(short(told)) <= 400


async def test_an_sms_of_what_can_not_wait_says_how_long_and_how(post: Post):
    assert "3 minutos" in short(await letter(post, Kind.YOUR_TURN, "pt-BR"))
    assert "Para pagar" in short(await letter(post, Kind.PAYMENT_READY, "pt-BR"))
    for kind in (Kind.REMINDER, Kind.SHOW_CHANGED, Kind.SHOW_CANCELLED):
        assert "terça-feira, 16 de abril de 2030, 14:46" in short(await letter(post, kind, "pt-BR"))


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.REMINDER])
async def test_who_gets_no_papers_is_sent_for_them_to_the_box_office(post: Post, kind: Kind):
    told = await letter(post, kind, "en")
    assert "QR" in told.text
    for text in (short(told), longer(told)):
        assert "QR" not in text
        assert "the box office prints" in text
        assert told.code in text


async def test_a_long_push_is_cut_before_what_to_do_next(post: Post):
    told = dataclasses.replace(await letter(post, Kind.REMINDER, "en"), body="ã" * 2_000)
    assert len(longer(told)) < 1_100
    assert "ã…\n\n" in longer(told)
    assert told.bare in longer(told)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pt-BR", "Abertura da casa: sábado, 5 de outubro de 2030, às 23:00"),
        ("en", "Doors open on Saturday, 5 October 2030, at 23:00"),
    ],
)
def test_doors_of_a_show_at_midnight_open_on_the_day_before(language: str, said: str):
    zone = "America/Sao_Paulo"
    midnight_ms = int(datetime(2030, 10, 6, tzinfo=ZoneInfo(zone)).timestamp() * 1_000)
    say = speech(language, "notifier")
    assert doors_text(midnight_ms - HOUR_MS, midnight_ms, zone, say) == said
    assert "00:00" in doors_text(midnight_ms, midnight_ms + HOUR_MS, zone, say)
    assert "2030" not in doors_text(midnight_ms, midnight_ms + HOUR_MS, zone, say)
    assert not doors_text(None, midnight_ms, zone, say)


async def standing(post: Post, kind: Kind, name: str = "ana", **data: object) -> bool:
    a_show, view = await post.office.look.show(1), await post.office.look.purchase(1, name)
    assert a_show is not None
    assert view is not None
    return stands(effect_of(kind, name, **data), a_show, view, post.clock.ms)


async def test_waiting_messages_are_for_who_still_waits(post: Post):
    await post.registered("bia", ("email", "bia@example.org"))
    await post.registered("caio", ("email", "caio@example.org"))
    await Fan(post.office, 1, "bia").buy(4)
    await Fan(post.office, 1, "caio").join()
    kinds = (Kind.MILESTONE, Kind.END_OF_LINE, Kind.PLACE_CONFIRMED, Kind.SECOND_CHANCE)
    assert all([await standing(post, kind, "caio") for kind in kinds])
    await post.office.leave(Leave(show_id=1, purchase_id="caio"))
    assert not any([await standing(post, kind, "caio") for kind in kinds])


async def test_a_call_is_for_who_is_called_by_it(post: Post):
    await post.registered("bia", ("email", "bia@example.org"))
    await post.registered("caio", ("email", "caio@example.org"))
    await Fan(post.office, 1, "bia").buy(4)
    await Fan(post.office, 1, "caio").join()
    back = Refund(show_id=1, purchase_id="ana", refund_id="r", reason="ill", ticket_nos=(1,))
    await post.office.refund(back)
    assert await standing(post, Kind.YOUR_TURN, "caio", called_ms=post.clock.ms)
    assert not await standing(post, Kind.YOUR_TURN, "caio", called_ms=post.clock.ms - 1)
    await post.office.claim(Claim(show_id=1, purchase_id="caio"))
    assert not await standing(post, Kind.YOUR_TURN, "caio", called_ms=post.clock.ms)


async def test_a_receipt_is_for_who_holds_tickets(post: Post):
    assert await standing(post, Kind.RECEIPT)
    assert await standing(post, Kind.REMINDER)
    await post.office.refund(Refund(show_id=1, purchase_id="ana", refund_id="r", reason="ill"))
    assert not await standing(post, Kind.RECEIPT)
    assert not await standing(post, Kind.REMINDER)


async def test_nobody_is_reminded_of_a_show_that_began_or_is_cancelled(post: Post):
    post.clock.ms += 30 * 86_400_000
    assert not await standing(post, Kind.REMINDER)
    assert await standing(post, Kind.RECEIPT)
    await post.office.run(CancelShow(show_id=1))
    assert not await standing(post, Kind.RECEIPT)


async def test_a_changed_show_says_how_it_was_and_how_it_is(post: Post):
    a_show, view = await post.office.look.show(1), await post.office.look.purchase(1, "ana")
    assert a_show is not None
    assert view is not None
    person = CustomerView("ana", "", "pt-BR", (), ())
    before: dict[str, Any] = {
        "starts_ms": a_show.card.starts_ms - 86_400_000,
        "where": "Lona, Rua velha, Rio",
    }
    told = letters_of(post.office).compose(
        effect_of(Kind.SHOW_CHANGED, **before), person, a_show, view
    )
    assert "Nova data: terça-feira, 16 de abril de 2030, 14:46" in told.body
    assert "Antes: segunda-feira, 15 de abril de 2030, 14:46" in told.body
    assert "Novo local: Circo Voador, Rua dos Arcos, s/n, Rio de Janeiro" in told.body
    assert "Antes: Lona, Rua velha, Rio" in told.body
    assert "continuam valendo" in told.next


async def test_a_change_is_told_to_who_waits_or_holds_tickets(post: Post):
    assert await standing(post, Kind.SHOW_CHANGED)
    await post.office.refund(Refund(show_id=1, purchase_id="ana", refund_id="r", reason="ill"))
    assert not await standing(post, Kind.SHOW_CHANGED)


async def test_a_reminder_waits_for_the_new_date(post: Post):
    a_show = await post.office.look.show(1)
    assert a_show is not None
    due_ms = a_show.card.starts_ms - 86_400_000
    assert early_ms(effect_of(Kind.REMINDER), a_show, due_ms - 5) == 5
    assert early_ms(effect_of(Kind.REMINDER), a_show, due_ms) <= 0
    assert early_ms(effect_of(Kind.RECEIPT), a_show, due_ms - 5) == 0


async def test_a_payment_is_asked_for_while_it_is_under_way(post: Post):
    await post.registered("bia", ("email", "bia@example.org"))
    fan = Fan(post.office, 1, "bia")
    await fan.join()
    await fan.choose(1)
    await fan.check_out(outside=1)
    assert not await standing(post, Kind.PAYMENT_READY, "bia", payment="bia-pay"), "she looks at it"
    post.clock.ms += 15_000
    assert await standing(post, Kind.PAYMENT_READY, "bia", payment="bia-pay")
    assert not await standing(post, Kind.PAYMENT_READY, "ana", payment="ana-pay")


async def test_who_pays_at_the_window_is_told_how_at_once(post: Post):
    await post.registered("bia", ("email", "bia@example.org"))
    fan = Fan(post.office, 1, "bia", "window")
    await fan.join()
    await fan.choose(1)
    await fan.check_out(outside=1)
    assert await standing(post, Kind.PAYMENT_READY, "bia", payment="bia-pay")
