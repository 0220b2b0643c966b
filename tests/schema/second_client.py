"""A bot written with aiogram, as a second client of our Telegram: it does what it is told.

    second_client.py <root of the server> <token>

Everything it hears is read by aiogram's models. It ends when somebody writes 'stop'.
"""

import asyncio
import importlib
import sys
from typing import Any

aiogram = importlib.import_module("aiogram")
telegram = importlib.import_module("aiogram.client.telegram")
sessions = importlib.import_module("aiogram.client.session.aiohttp")
errors = importlib.import_module("aiogram.exceptions")
types = aiogram.types


def keys(*buttons: tuple[str, str]) -> Any:
    row = [types.InlineKeyboardButton(text=text, callback_data=data) for text, data in buttons]
    return types.InlineKeyboardMarkup(inline_keyboard=[row])


async def on_message(bot: Any, message: Any) -> None:
    chat = message.chat.id
    match message.text:
        case "/start":
            await bot.send_message(
                chat, "<b>olá</b>", parse_mode="HTML", reply_markup=keys(("a", "b"))
            )
        case "file":
            content = types.BufferedInputFile(b"one\r\ntwo", "f.txt")
            sent = await bot.send_document(chat, content, caption="file")
            kept = await bot.get_file(sent.document.file_id)
            content = (await bot.download_file(kept.file_path)).read()
            await bot.send_message(chat, f"downloaded {content!r}")
        case "invoice":
            price = types.LabeledPrice(label="ticket", amount=5)
            await bot.send_invoice(chat, "Show", "A ticket", "payload", "XTR", [price])
        case "about":
            await bot.set_my_commands([types.BotCommand(command="start", description="Start")])
            commands = await bot.get_my_commands()
            me, there = await bot.me(), await bot.get_chat(chat)
            hook = await bot.get_webhook_info()
            facts = [commands[0].command, me.username, there.first_name, hook.url or "polling"]
            await bot.send_message(chat, " ".join(facts))
        case None if message.successful_payment:
            charge = message.successful_payment.telegram_payment_charge_id
            await bot.refund_star_payment(message.from_user.id, charge)
            await bot.send_message(chat, "refunded")
        case _:
            await bot.send_message(chat, f"heard {message.text}")


async def take(bot: Any, update: Any) -> bool:
    """Answer an update; False if it was the last."""
    if update.message:
        if update.message.text == "stop":
            return False
        await on_message(bot, update.message)
    elif update.callback_query:
        query = update.callback_query
        await bot.edit_message_text(
            "tapped", chat_id=query.message.chat.id, message_id=query.message.message_id
        )
        await bot.answer_callback_query(query.id, text=query.data)
    elif update.pre_checkout_query:
        await bot.answer_pre_checkout_query(update.pre_checkout_query.id, ok=True)
    elif update.inline_query:
        said = types.InputTextMessageContent(message_text="found")
        article = types.InlineQueryResultArticle(id="1", title="found", input_message_content=said)
        await bot.answer_inline_query(update.inline_query.id, [article])
    return True


async def main(root: str, token: str) -> None:
    server = telegram.TelegramAPIServer.from_base(root)
    offset, more = None, True
    async with aiogram.Bot(token, session=sessions.AiohttpSession(api=server)) as bot:
        while more:
            try:
                updates = await bot.get_updates(offset=offset, timeout=20)
            except errors.TelegramRetryAfter:
                continue
            for update in updates:
                offset = update.update_id + 1
                more = await take(bot, update)
        await bot.get_updates(offset=offset)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
