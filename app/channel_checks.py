"""What can be said of the channels without sending anything: the doctor's look at them."""

import re
import ssl
from collections.abc import Iterator

from app.messaging import set_up
from app.settings import Settings, SettingsWrong
from data.condition import Told

_TOKEN = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,60}")
_HERE = ("localhost", "127.", "::1")


def look_at_channels(settings: Settings) -> Iterator[Told]:
    """Say which channels are set up, and what is wrong with how they are."""
    able = set_up(settings)
    if not able:
        advice = "set one up (docs/messages.md): until then messages wait"
        yield Told(what="channels", state="note", said="none is set up", advice=advice)
        return
    wrong = [problem for name in able for problem in _problems(settings, name)]
    for said, advice in wrong:
        yield Told(what="channels", state="wrong", said=said, advice=advice)
    if not wrong:
        yield Told(what="channels", state="ok", said=", ".join(able))


def _problems(settings: Settings, name: str) -> Iterator[tuple[str, str]]:
    try:
        match name:
            case "telegram":
                if not _TOKEN.fullmatch(settings.secret("telegram_token")):
                    yield "telegram_token is no token of a bot", "copy it again from BotFather"
            case "email":
                yield from _mail_problems(settings)
            case _:
                yield from _service_problems(name, settings.secret(f"{name}_url"))
    except SettingsWrong as wrong:
        yield wrong.problems[0], "let the office's user read it"


def _mail_problems(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.smtp_security == "none" and not settings.smtp_host.startswith(_HERE):
        said = f"mail goes to {settings.smtp_host} for everyone on the way to read"
        yield said, "set smtp_security to starttls or tls"
    if settings.smtp_user and not settings.secret("smtp_password"):
        yield "smtp_user signs in without a password", "set smtp_password"
    if settings.smtp_ca_file is not None:
        try:
            ssl.create_default_context(cafile=settings.smtp_ca_file)
        except OSError:
            yield f"smtp_ca_file {settings.smtp_ca_file} holds no certificate", "correct it"


def _service_problems(name: str, url: str) -> Iterator[tuple[str, str]]:
    from notifier.channels.outside import PLACE, understood  # noqa: PLC0415 - slow to load

    if PLACE not in url:
        yield f"{name}_url has no {PLACE}", "put it where the person's address goes"
    elif not understood(url):
        yield f"{name}_url is of no service that is known", "see github.com/caronc/apprise"
