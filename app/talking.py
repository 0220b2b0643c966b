"""What `bilheteria bot` runs: the bot by long poll or webhook, and the staff chat."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette

from app.logs import write_logs
from app.loop import answer_soon, run
from app.pace import telegram_pace
from app.settings import Settings, SettingsWrong
from app.telegram import telegram_bot
from app.wiring import Open, open_office
from bot.front import CONNECTIONS
from bot.handlers import UPDATES
from bot.opening import Line, OpenBot, introduce
from bot.polling import Poller
from bot.serving import serving
from bot.staff import Staff
from bot.webhook import webhook_route
from payments.telegram import TelegramTill

_log = logging.getLogger("bilheteria.bot")
_STAFF_ROUND_S = 60
_SECRET = "telegram: webhook"  # noqa: S105 - a label; no show has a slug with a space


def line_of(settings: Settings) -> Line:
    """Return how the bot reaches Telegram; `SettingsWrong` if no token is set."""
    token = settings.secret("telegram_token")
    if not token:
        raise SettingsWrong(["telegram_token: no bot is set up: docs/bot.md says how to make one"])
    if not settings.telegram_api_url:
        return Line(token=token)
    root = settings.telegram_api_url.rstrip("/")
    return Line(token=token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")


def talk(settings: Settings) -> None:
    """Answer people until SIGINT or SIGTERM; what was taken in is answered first."""
    write_logs(settings)
    answer_soon()
    run(_talk(settings))


async def _talk(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: an interrupt ends it at once
            loop.add_signal_handler(number, stop.set)
    async with (
        open_office(settings) as an_office,
        telegram_bot(
            an_office,
            line_of(settings),
            telegram_pace(an_office, patient=True),
            papers=an_office.papers(),
            till=TelegramTill(an_office.office),
        ) as opened,
    ):
        await introduce(opened.bot)
        async with _staff(settings, opened):
            _log.info("answering as @%s, by %s", opened.bot.username, settings.telegram_mode)
            await answer(an_office, opened, stop)
        _log.info("stopped")


async def answer(an_office: Open, opened: OpenBot, stop: asyncio.Event) -> None:
    """Take what people write, in the way that the settings say, until told to stop."""
    settings = an_office.settings
    if settings.telegram_mode == "polling":
        await Poller(opened.bot, opened.front.take).run(stop)
        return
    if not settings.telegram_webhook_url:
        raise SettingsWrong(["telegram_webhook_url: a webhook needs its public https address"])
    secret = an_office.signer.seed(_SECRET)
    path = urlsplit(settings.telegram_webhook_url).path or "/"
    application = Starlette(routes=[webhook_route(path, opened.front, secret)])
    async with serving(application, port=settings.telegram_webhook_port):
        await opened.bot.set_webhook(
            settings.telegram_webhook_url,
            max_connections=CONNECTIONS,
            secret_token=secret,
            allowed_updates=UPDATES,
        )
        # Telegram keeps what comes while nobody listens, and brings it when somebody does.
        await stop.wait()


@asynccontextmanager
async def _staff(settings: Settings, opened: OpenBot) -> AsyncGenerator[None]:
    """Keep the staff chat told while inside, if there is one."""
    if not settings.telegram_staff_chat:
        yield
        return
    staff = Staff(opened.room, settings.telegram_staff_chat, settings.telegram_figures_at)
    task = asyncio.create_task(_rounds(staff))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _rounds(staff: Staff) -> None:
    while True:
        try:
            await staff.round()
        except Exception:  # noqa: BLE001 - one round's trouble must not end the others
            _log.exception("the staff chat could not be told")
        await asyncio.sleep(_STAFF_ROUND_S)
