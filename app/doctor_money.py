"""What the doctor says of payments: keys tried without moving money, and whether it could move."""

from typing import Literal

from app.payment_gateways import live_keys, stripe_calls
from app.settings import Settings
from data.condition import Told
from payments.stripe.calls import StripeRefused, StripeTrouble
from payments.telegram import is_test


async def look_at_payments(settings: Settings) -> list[Told]:
    """Look at what is set up for payments, and ask providers who we are."""
    found: list[Told] = []
    provider = settings.secret("telegram_provider_token")
    calls = stripe_calls(settings)
    live = live_keys(settings)
    if settings.sandbox and live:
        said = "the sandbox is on and the keys are live"
        found.append(_told("payments", "wrong", said, "turn the sandbox off, or take test keys"))
    if calls is not None and provider and calls.live == is_test(provider):
        said = "of Stripe's key and Telegram's provider one is live and one is for tests"
        found.append(_told("payments", "wrong", said, "take both of one kind"))
    if calls is not None:
        try:
            account = await calls.account()
        except (StripeTrouble, StripeRefused) as trouble:
            advice = "check stripe_key, and that this machine reaches Stripe"
            found.append(_told("stripe", "wrong", trouble.safe, advice))
        else:
            kind = "live keys: real money moves" if calls.live else "test keys: no money moves"
            found.append(_told("stripe", "ok", f"account {account['id']}, {kind}"))
            if not account.get("charges_enabled", True):
                advice = "finish the account's set-up in Stripe's dashboard"
                found.append(_told("stripe", "wrong", "the account may not charge yet", advice))
        finally:
            await calls.close()
        if not settings.secret("stripe_webhook_secret"):
            advice = "set stripe_webhook_secret and run `bilheteria serve`"
            said = "no webhook: payments are heard of by the reconciler alone, minutes later"
            found.append(_told("stripe", "note", said, advice))
    if not found:
        found.append(_told("payments", "ok", "only the counter takes money" + _sandbox(settings)))
    return found


def _sandbox(settings: Settings) -> str:
    return ", and the sandbox, which moves none" if settings.sandbox else ""


def _told(what: str, state: Literal["ok", "note", "wrong"], said: str, advice: str = "") -> Told:
    return Told(what=what, state=state, said=said, advice=advice)
