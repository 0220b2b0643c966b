"""`bilheteria bot`, which answers in Telegram, and `bilheteria chat`, which tries it out here."""

from typing import Annotated

import typer

from app.cli.frame import Exit, Refused, settings_now


def bot() -> None:
    """Answer people in Telegram. Until interrupted."""
    from telegram.error import InvalidToken, TelegramError  # noqa: PLC0415 - only where it is used

    from app.keys import KeyTrouble  # noqa: PLC0415 - the same
    from app.settings import SettingsWrong  # noqa: PLC0415 - the same
    from app.talking import talk  # noqa: PLC0415 - the same

    try:
        talk(settings_now())
    except (KeyTrouble, SettingsWrong) as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble
    except InvalidToken as trouble:
        message = "telegram_token: Telegram knows no bot by this token: ask BotFather for it"
        raise Refused(message, Exit.SETTINGS) from trouble
    except TelegramError as trouble:
        message = f"Telegram can't be reached ({type(trouble).__name__}): try again in a moment"
        raise Refused(message) from trouble


def chat(
    fans: Annotated[int, typer.Option(min=1, max=4, help="How many people, side by side.")] = 2,
    language: Annotated[str, typer.Option(help="What their phones speak: pt-br, en.")] = "pt-br",
    slow: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds that everything takes to arrive.")
    ] = 0,
    loss: Annotated[
        float, typer.Option(min=0, max=0.9, help="The part of messages that never arrive.")
    ] = 0,
) -> None:
    """Try the bot out in this terminal: no token, no phone, no money, a database of its own."""
    from app.chat import run  # noqa: PLC0415 - only this command draws windows

    run(fans=fans, language=language, slow_s=slow, loss=loss)
