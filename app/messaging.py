"""The messages of one process: the channels that are set up, and the workers that carry them out.

Each lane has a worker of its own, so that what waits in one takes no room from another; they share
the courier and with it each channel's pace, where lower lanes go first.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.effects import EffectWorker
from app.pace import Pace, Rate, telegram_pace
from app.settings import Settings
from app.wiring import Open
from core.messages import LANES, MESSAGE_KINDS, Lane

if TYPE_CHECKING:
    from notifier.channels.telegram import Keyboards
    from notifier.courier import Courier, Line

_IDLE_S = {Lane.CALLS: 0.1}
"""How soon a lane looks again; the others may take half a second."""
_AT_ONCE = 8
"""Messages of a lane on their way: enough for the pace of any channel, and few that a crash leaves
between a channel's answer and its record."""


def set_up(settings: Settings) -> list[str]:
    """Name the channels that the settings set up, in the default order of falling back."""
    able = {
        "telegram": settings.telegram_token.get_secret_value() or settings.telegram_token_file,
        "email": settings.smtp_host,
        "sms": settings.sms_url.get_secret_value() or settings.sms_url_file,
        "push": settings.push_url.get_secret_value() or settings.push_url_file,
    }
    return [name for name, value in able.items() if value]


def contacts(settings: Settings) -> frozenset[str]:
    """Return the contacts that can be written to: a phone is written to by SMS."""
    return frozenset("phone" if name == "sms" else name for name in set_up(settings))


def lines(an_office: Open, keyboards: "Keyboards | None") -> "Iterator[Line]":
    """Open the channels that are set up, each with its pace. What is slow to load, loads here."""
    from notifier.courier import Line  # noqa: PLC0415 - not every process sends

    settings, clock, turns = an_office.settings, an_office.clock, an_office.store
    able = set_up(settings)
    if "telegram" in able:
        from notifier.channels.telegram import Telegram, no_buttons  # noqa: PLC0415 - slow

        telegram = Telegram(
            settings.secret("telegram_token"), settings.telegram_api_url, keyboards or no_buttons
        )
        yield Line(telegram, telegram_pace(an_office))
    if "email" in able:
        from notifier.channels.mail import Mail, Server  # noqa: PLC0415 - the same

        server = Server(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            sender=settings.smtp_from,
            house=settings.house,
            user=settings.smtp_user,
            password=settings.secret("smtp_password"),
            ca_file=settings.smtp_ca_file,
            timeout_s=settings.smtp_timeout_s,
        )
        pace = Pace(clock, Rate(channel="email", per_s=settings.smtp_per_s), turns)
        yield Line(Mail(server, clock), pace)
    for name, per_s in (("sms", settings.sms_per_s), ("push", settings.push_per_s)):
        if name in able:
            from notifier.channels.outside import Outside  # noqa: PLC0415 - the same

            pace = Pace(clock, Rate(channel=name, per_s=per_s), turns)
            yield Line(Outside(name, settings.secret(f"{name}_url")), pace)


def _keyboards(an_office: Open) -> "Keyboards":
    """Return what gives messages in Telegram their buttons."""
    from app.telegram import marks_of  # noqa: PLC0415 - not every process sends
    from bot.keyboards import Keyboards  # noqa: PLC0415 - the same

    return Keyboards(marks_of(an_office))


@asynccontextmanager
async def open_courier(an_office: Open) -> "AsyncGenerator[Courier | None]":
    """Open the channels; None where none is set up: messages then wait in the outbox."""
    able = set_up(an_office.settings)
    if not able:
        yield None
        return
    keyboards = _keyboards(an_office) if "telegram" in able else None
    open_lines = list(lines(an_office, keyboards))
    from notifier.courier import Courier  # noqa: PLC0415 - not every process sends
    from notifier.letters import Letters  # noqa: PLC0415 - the same

    settings = an_office.settings
    letters = Letters(
        an_office.look,
        an_office.papers(),
        lambda _show_id, _purchase_id: settings.link_url,
        an_office.offers.moves_money,
        settings.language,
    )
    courier = Courier(an_office.office, letters, open_lines)
    try:
        yield courier
    finally:
        await courier.close()


def message_workers(an_office: Open, courier: "Courier") -> list[EffectWorker]:
    """Return a worker for each lane that has messages."""
    workers: list[EffectWorker] = []
    for lane in Lane:
        kinds = [kind for kind in MESSAGE_KINDS if LANES[kind] is lane]
        if kinds:
            name, idle_s = an_office.ids.new(), _IDLE_S.get(lane, 0.5)
            workers.append(
                EffectWorker(
                    an_office.office, name, kinds, courier, idle_s=idle_s, at_once=_AT_ONCE
                )
            )
    return workers
