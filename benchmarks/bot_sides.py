"""The bot of `benchmarks.bot`, as a process of its own: ours, or the bare library beside it.

`python -m benchmarks.bot_sides ours|bare` answers each line on stdin with one of JSON: the
processor seconds it has used, and how long each checkout since the last line took it, in ms: from
when it was taken up to when its answer was on its way.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ExtBot,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from app.clock import SystemClock
from app.loop import answer_soon
from app.pace import Pace, Rate
from app.settings import Settings
from app.telegram import telegram_bot
from app.wiring import open_office
from benchmarks.loops import run
from bot.front import AT_ONCE, Json
from bot.opening import Line
from bot.polling import Poller
from payments.telegram import TelegramTill

API, DATABASE, KEY, PEOPLE_AT_ONCE = "BENCH_API", "BENCH_DATABASE", "BENCH_KEY", "BENCH_AT_ONCE"
"""Environment variables: 'TOKEN ROOT' of the server, two files, and how many are served at once."""
TAP = "tap"
"""What the bare library's button says."""
_UNPACED = 1_000_000
_TEXT = "<b>{name}</b>\n\n" + "Inteira: R$ 180,00 + R$ 18,00 (500 left)\n" * 6
_ROWS = 5


def _line() -> Line:
    token, root = os.environ[API].split()
    return Line(token=token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")


@asynccontextmanager
async def _ours() -> AsyncGenerator[list[float]]:
    """Answer as `bilheteria bot` does, at no pace but its own."""
    answer_soon()
    settings = Settings(database=os.environ[DATABASE], key_file=Path(os.environ[KEY]))
    pace = Pace(SystemClock(), Rate(per_s=_UNPACED), patient=True)
    at_once = int(os.environ.get(PEOPLE_AT_ONCE, AT_ONCE))
    async with (
        open_office(settings) as an_office,
        telegram_bot(
            an_office, _line(), pace, till=TelegramTill(an_office.office), at_once=at_once
        ) as opened,
    ):
        stop = asyncio.Event()
        took_ms: list[float] = []
        begun: dict[object, float] = {}
        calls = opened.bot.request
        call = calls.do_request

        async def timed(url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
            if url.endswith("/answerPreCheckoutQuery"):
                took_ms.append(1_000 * (perf_counter() - begun[asyncio.current_task()]))
            return await call(url, *args, **kwargs)

        async def take(facts: Json) -> None:
            begun[asyncio.current_task()] = perf_counter()
            await opened.front.take(facts)
            del begun[asyncio.current_task()]

        # What Telegram itself takes to hear the answer is not our time.
        calls.do_request = timed
        polling = asyncio.create_task(Poller(opened.bot, take).run(stop))
        yield took_ms
        stop.set()
        await polling


async def _message(update: Update, _: object) -> None:
    message = update.effective_message
    assert message is not None, "a message was filtered for"
    await message.reply_text(_text("x"), ParseMode.HTML, reply_markup=_keys())


async def _tap(update: Update, _: object) -> None:
    query = update.callback_query
    assert query is not None, "a tap was filtered for"
    await query.answer("")
    await query.edit_message_text(_text(query.id), ParseMode.HTML, reply_markup=_keys())


def _text(name: str) -> str:
    return _TEXT.format(name=name)


def _keys() -> InlineKeyboardMarkup:
    """Return as many buttons as a screen of ours has, with as much in them."""
    data = "0123456789abcdef" * 3
    rows = [[InlineKeyboardButton(f"{TAP} {n}", callback_data=data)] for n in range(_ROWS)]
    return InlineKeyboardMarkup(rows)


@asynccontextmanager
async def _bare() -> AsyncGenerator[list[float]]:
    """Answer each update with as many calls as the bot makes, and nothing in between."""
    line = _line()
    calls, fetches = (HTTPXRequest(httpx_kwargs={"trust_env": False}) for _ in range(2))
    bot = ExtBot(line.token, line.base_url, request=calls, get_updates_request=fetches)
    application = Application.builder().bot(bot).job_queue(None).build()
    application.add_handler(MessageHandler(filters.TEXT, _message))
    application.add_handler(CallbackQueryHandler(_tap))
    assert application.updater is not None, "it is built with one"
    async with application:
        await application.start()
        await application.updater.start_polling()
        yield []
        await application.updater.stop()
        await application.stop()


async def _main(side: str) -> None:
    async with _ours() if side == "ours" else _bare() as took_ms:
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps({"cpu_s": process_time(), "checkouts_ms": took_ms}), flush=True)
            took_ms.clear()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        run(_main(sys.argv[1]))
