"""Our Telegram, asked by python-telegram-bot's own client over HTTP."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputTextMessageContent,
    LabeledPrice,
)
from telegram import error as telegram_error
from telegram.request import HTTPXRequest

from bot.local_api.server import LocalApi
from bot.local_api.trouble import Cut
from bot.local_api.updates import SECRET_HEADER
from bot.serving import serving
from tests.auxil.offices import HandClock


@pytest.fixture
async def api() -> AsyncIterator[LocalApi]:
    async with LocalApi(HandClock()) as api:
        yield api


@pytest.fixture
async def bot(api: LocalApi) -> AsyncIterator[Bot]:
    async with client(api) as bot:
        yield bot


def client(api: LocalApi) -> Bot:
    request = HTTPXRequest(httpx_kwargs={"trust_env": False})
    polling = HTTPXRequest(httpx_kwargs={"trust_env": False})
    return Bot(
        api.token,
        base_url=api.base_url,
        base_file_url=api.file_url,
        request=request,
        get_updates_request=polling,
    )


def _png(text: str) -> bytes:
    kept = io.BytesIO()
    segno.make(text).save(kept, kind="png", scale=4)
    return kept.getvalue()


KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Comprar", callback_data="buy:1")]])


async def test_a_text_goes_there_and_back(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    ana.send("/start hello")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/start hello"
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "pt-br"
    assert int(update.message.date.timestamp()) == HandClock().now_ms() // 1_000
    assert not await bot.get_updates(offset=update.update_id + 1, timeout=0)
    sent = await bot.send_message(ana.user_id, "<b>Olá</b> & tchau".replace("&", "&amp;"), "HTML")
    assert ana.messages[-1].text == "Olá & tchau"
    assert [entity.type for entity in sent.entities] == ["bold"]


async def test_what_is_not_confirmed_comes_again(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    ana.send("one")
    ana.send("two")
    first = await bot.get_updates()
    again = await bot.get_updates()
    assert [u.update_id for u in first] == [u.update_id for u in again]
    rest = await bot.get_updates(offset=first[0].update_id + 1)
    assert [u.message.text for u in rest if u.message] == ["two"]


async def test_a_tap_is_answered(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    await bot.send_message(ana.user_id, "Compre", reply_markup=KEYS)
    tapped = ana.press(await ana.sees("Compre"), "Comprar")
    (update,) = await bot.get_updates(timeout=5)
    query = update.callback_query
    assert query is not None
    assert query.data == "buy:1"
    await bot.edit_message_text("Comprado", ana.user_id, ana.messages[-1].message_id)
    await query.answer("Feito")
    assert (await tapped).text == "Feito"
    assert [m.text for m in ana.messages] == ["Comprado"]
    with pytest.raises(telegram_error.BadRequest, match=r"(?i)query is too old"):
        await query.answer("again")
    with pytest.raises(telegram_error.BadRequest, match=r"(?i)not modified"):
        await bot.edit_message_text("Comprado", ana.user_id, ana.messages[-1].message_id)


@pytest.mark.parametrize("data", ["x" * 65, "ção" * 20])
async def test_a_callback_of_more_than_64_bytes_is_refused(
    api: LocalApi, bot: Bot, data: str
) -> None:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data=data)]])
    with pytest.raises(telegram_error.BadRequest, match=r"(?i)BUTTON_DATA_INVALID"):
        await bot.send_message(api.person("Ana").user_id, "x", reply_markup=keys)


async def test_an_invoice_is_paid_once_the_bot_agrees(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    link = await bot.create_invoice_link(
        "Show", "2 ingressos", "pay-1", "BRL", [LabeledPrice("x", 100)], provider_token="p"
    )
    paying = asyncio.create_task(ana.pay(link))
    (update,) = await bot.get_updates(timeout=5)
    assert update.pre_checkout_query is not None
    assert update.pre_checkout_query.invoice_payload == "pay-1"
    await update.pre_checkout_query.answer(ok=True)
    payment = await paying
    (update,) = await bot.get_updates(offset=update.update_id + 1, timeout=5)
    assert update.message is not None
    assert update.message.successful_payment is not None
    assert update.message.successful_payment.telegram_payment_charge_id == payment.charge_id
    refused = asyncio.create_task(ana.pay(link))
    (update,) = await bot.get_updates(offset=update.update_id + 1, timeout=5)
    assert update.pre_checkout_query is not None
    await update.pre_checkout_query.answer(ok=False, error_message="esgotado")
    assert (await refused).trouble == "esgotado"


async def test_stars_are_given_back_once(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    link = await bot.create_invoice_link("Show", "x", "p", "XTR", [LabeledPrice("x", 9)])
    paying = asyncio.create_task(ana.pay(link))
    (update,) = await bot.get_updates(timeout=5)
    assert update.pre_checkout_query is not None
    await update.pre_checkout_query.answer(ok=True)
    charge = (await paying).charge_id
    assert await bot.refund_star_payment(ana.user_id, charge)
    with pytest.raises(telegram_error.BadRequest, match=r"(?i)ALREADY_REFUNDED"):
        await bot.refund_star_payment(ana.user_id, charge)


async def test_nobody_answers_a_checkout_in_time(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    link = await bot.create_invoice_link("Show", "x", "p", "XTR", [LabeledPrice("x", 9)])
    payment = await ana.pay(link, patience_s=0.01)
    assert not payment.paid
    assert "in time" in payment.trouble


async def test_files_are_sent_and_fetched(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    content = bytes(range(256)) + b"\r\n--\r\n" + b"%PDF"
    sent = await bot.send_document(ana.user_id, content, filename="ingressos.pdf", caption="aqui")
    assert api.download(ana.messages[-1].file_id) == content
    assert sent.document is not None
    kept = await bot.get_file(sent.document.file_id)
    assert bytes(await kept.download_as_bytearray()) == content
    again = await bot.send_document(ana.user_id, sent.document.file_id)
    assert again.document == sent.document
    photo = await bot.send_photo(ana.user_id, _png("bilheteria"))
    assert photo.photo[-1].width == photo.photo[-1].height > 21
    album = [InputMediaDocument(b"one", filename="1.pdf"), InputMediaDocument(b"two")]
    assert len(await bot.send_media_group(ana.user_id, album)) == 2
    with pytest.raises(telegram_error.BadRequest, match=r"(?i)IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ana.user_id, b"no picture")


async def test_a_flood_is_refused_with_the_pause_to_keep(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    api.trouble.flood("sendMessage", retry_after_s=7)
    with pytest.raises(telegram_error.RetryAfter) as refused:
        await bot.send_message(ana.user_id, "x")
    assert refused.value.retry_after == timedelta(seconds=7)
    await bot.send_message(ana.user_id, "x")
    assert len(ana.messages) == 1


@pytest.mark.parametrize(("where", "arrived"), [(Cut.BEFORE, 0), (Cut.AFTER, 1)])
async def test_a_connection_is_cut(api: LocalApi, bot: Bot, where: Cut, arrived: int) -> None:
    ana = api.person("Ana")
    api.trouble.cut("sendMessage", where=where)
    with pytest.raises(telegram_error.NetworkError):
        await bot.send_message(ana.user_id, "x")
    assert len(ana.messages) == arrived


async def test_who_blocked_the_bot_and_who_is_gone(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    ana.block()
    with pytest.raises(telegram_error.Forbidden, match="blocked"):
        await bot.send_message(ana.user_id, "x")
    (update,) = await bot.get_updates(timeout=5)
    assert update.my_chat_member is not None
    ana.unblock()
    await bot.send_message(ana.user_id, "x")
    ana.delete_account()
    with pytest.raises(telegram_error.Forbidden, match="deactivated"):
        await bot.send_message(ana.user_id, "x")
    with pytest.raises(telegram_error.BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(42, "x")


async def test_groups(api: LocalApi, bot: Bot) -> None:
    ana = api.person("Ana")
    group = api.group("Amigos")
    ana.send("what nobody asked the bot", to=group)
    ana.send("/start", to=group)
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    await update.message.reply_text("oi")
    assert [shown.text for shown in api.in_group(group)] == ["oi"]
    moved = api.migrate(group, ana)
    with pytest.raises(telegram_error.ChatMigrated) as refused:
        await bot.send_message(group.chat_id, "x")
    assert refused.value.new_chat_id == moved.chat_id


async def test_inline_queries(api: LocalApi, bot: Bot) -> None:
    searching = asyncio.create_task(api.person("Ana").search("samba"))
    (update,) = await bot.get_updates(timeout=5)
    assert update.inline_query is not None
    article = InlineQueryResultArticle("1", "Samba", InputTextMessageContent("Samba!"))
    await update.inline_query.answer([article])
    assert [result["title"] for result in await searching] == ["Samba"]


async def test_what_the_bot_says_of_itself_is_kept_by_language(api: LocalApi, bot: Bot) -> None:
    await bot.set_my_commands([("tickets", "My tickets")])
    await bot.set_my_commands([("tickets", "Meus ingressos")], language_code="pt")
    assert (await bot.get_my_commands(language_code="pt"))[0].description == "Meus ingressos"
    await bot.set_my_description("Tickets")
    await bot.set_my_description("Ingressos", "pt")
    assert (await bot.get_my_description("pt")).description == "Ingressos"
    assert (await bot.get_my_description("fr")).description == "Tickets"


async def test_a_webhook_is_called_until_it_answers(api: LocalApi, bot: Bot) -> None:
    brought: list[tuple[str, str]] = []

    async def take(request: Request) -> Response:
        text = json.loads(await request.body())["message"]["text"]
        brought.append((request.headers[SECRET_HEADER], text))
        return Response(status_code=500 if len(brought) == 1 else 200)

    async with serving(Starlette(routes=[Route("/hook", take, methods=["POST"])])) as port:
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
        with pytest.raises(telegram_error.Conflict):
            await bot.get_updates()
        api.person("Ana").send("oi")
        while api.world.updates.confirmed < 1:
            await asyncio.sleep(0.01)
        assert brought == [("s3cret", "oi")] * 2
        assert (await bot.get_webhook_info()).pending_update_count == 0
        await bot.delete_webhook()
        assert not await bot.get_updates()


async def test_a_later_fetch_ends_an_earlier_one(api: LocalApi, bot: Bot) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    while api.world.updates._fetching is None:
        await asyncio.sleep(0.001)
    assert not await bot.get_updates()
    with pytest.raises(telegram_error.Conflict):
        await waiting


async def test_a_wrong_token_and_an_unknown_method(api: LocalApi, bot: Bot) -> None:
    async with httpx.AsyncClient(trust_env=False) as web:
        assert (await web.get(f"{api.base_url}1:x/getMe")).status_code == 401
        assert (await web.get(f"{api.base_url}{api.token}/makeCoffee")).status_code == 404
