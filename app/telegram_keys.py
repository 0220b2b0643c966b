"""The buttons under the notifier's Telegram messages: the bot's, made when Telegram is set up."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.wiring import Open
    from bot.keyboards import Keyboards


def keyboards_of(an_office: "Open") -> "Keyboards | None":
    """Return what gives messages their buttons; None where no bot is set up."""
    if not an_office.settings.secret("telegram_token"):
        return None
    from app.telegram import marks_of  # noqa: PLC0415 - slow to load
    from bot.keyboards import Keyboards  # noqa: PLC0415 - the same

    return Keyboards(marks_of(an_office))
