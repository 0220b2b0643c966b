"""The gateways of this process, made from its settings. What is not set up is not there."""

from collections.abc import Iterable

from app.settings import Settings
from core.ports import Gateway
from payments.counter import Counter
from payments.stripe.calls import API, StripeCalls, is_live
from payments.stripe.gateway import Stripe


def stripe_calls(settings: Settings) -> StripeCalls | None:
    """Return the way to Stripe, if a key is set up."""
    key = settings.secret("stripe_key")
    if not key:
        return None
    return StripeCalls(key, settings.stripe_url or API)


def gateways(settings: Settings) -> dict[str, Gateway]:
    """Return the gateways by name, in the order in which they are offered.

    Raises `SettingsWrong`: a gateway for trying out never stands beside live keys.
    """
    made: list[Gateway] = [Counter()]
    calls = stripe_calls(settings)
    if calls is not None:
        made.append(Stripe(calls, settings.stripe_return_url, pix=settings.stripe_pix))
    return {gateway.name: gateway for gateway in made}


async def close(gateways: Iterable[Gateway]) -> None:
    """Close what the gateways keep open."""
    for gateway in gateways:
        if isinstance(gateway, Stripe):
            await gateway.close()


def live_keys(settings: Settings) -> bool:
    """Whether real money would move."""
    return is_live(settings.secret("stripe_key"))
