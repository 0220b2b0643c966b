"""The gateways of this process, made from its settings. What is not set up is not there."""

from collections.abc import Iterable

from app.settings import Settings, SettingsWrong
from core.ports import Clock, Gateway
from payments.counter import Counter
from payments.sandbox import Sandbox
from payments.stripe.calls import API, StripeCalls, is_live
from payments.stripe.gateway import Stripe, TelegramRefunds
from payments.telegram import Telegram, is_test


def stripe_calls(settings: Settings) -> StripeCalls | None:
    """Return the way to Stripe, if a key is set up."""
    key = settings.secret("stripe_key")
    if not key:
        return None
    return StripeCalls(key, settings.stripe_url or API)


def gateways(settings: Settings, clock: Clock, house: str) -> dict[str, Gateway]:
    """Return the gateways by name, in the order in which they are offered.

    `house` is written on what they make at providers: what others make there is left alone.

    Raises `SettingsWrong`: the gateway for trying out never stands beside live keys.
    """
    if settings.sandbox and live_keys(settings):
        problem = "sandbox: real money could move here; turn it off, or take test keys"
        raise SettingsWrong([problem])
    made: list[Gateway] = [Counter()]
    calls = stripe_calls(settings)
    if calls is not None:
        made.append(Stripe(calls, settings.stripe_return_url, house, pix=settings.stripe_pix))
    token, provider = settings.secret("telegram_token"), settings.secret("telegram_provider_token")
    if token and provider:
        ours = TelegramRefunds(calls) if calls is not None else None
        url = settings.telegram_api_url
        made.append(Telegram(token, provider, clock, api_url=url, provider=ours))
    if settings.sandbox:
        made.append(Sandbox(clock))
    return {gateway.name: gateway for gateway in made}


async def close(gateways: Iterable[Gateway]) -> None:
    """Close what the gateways keep open."""
    for gateway in gateways:
        if isinstance(gateway, Stripe | Telegram):
            await gateway.close()


def live_keys(settings: Settings) -> bool:
    """Whether real money could move by what is set up."""
    provider = settings.secret("telegram_provider_token")
    return is_live(settings.secret("stripe_key")) or bool(provider and not is_test(provider))
