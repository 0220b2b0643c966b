"""What `bilheteria serve` runs: the HTTP application, on loopback unless told else."""

import logging
from collections.abc import Iterable

import uvicorn
from starlette.applications import Starlette

from api.figures import Figure
from api.hooks import Hook
from api.server import build
from app.logs import write_logs
from app.loop import run
from app.payment_gateways import stripe_calls
from app.reporting import Money
from app.settings import Settings
from app.wiring import Open, open_office
from core.messages import EffectState

_log = logging.getLogger("bilheteria.http")
_BACKLOG = 2_048
_AT_ONCE = 1_000
"""Requests served at a time; past that uvicorn says 503 and providers send again."""
_OPEN_MAX = 10_000


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; what was taken in is answered first."""
    write_logs(settings)
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with open_office(settings) as an_office:
        config = uvicorn.Config(
            application(an_office),
            host=settings.serve_host,
            port=settings.serve_port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            backlog=_BACKLOG,
            limit_concurrency=_AT_ONCE,
        )
        _log.info("serving at http://%s:%d", settings.serve_host, settings.serve_port)
        await uvicorn.Server(config).serve()


def application(an_office: Open) -> Starlette:
    """Build the application of an open office."""

    async def ready() -> str | None:
        await an_office.look.next_due_ms()
        return None

    async def look_up() -> Iterable[Figure]:
        return await figures(an_office)

    return build(hooks(an_office), ready, look_up)


def hooks(an_office: Open) -> dict[str, Hook]:
    """Return the webhooks that are set up, by the last part of their address."""
    made: dict[str, Hook] = {}
    settings = an_office.settings
    calls, secret = stripe_calls(settings), settings.secret("stripe_webhook_secret")
    if calls is not None and secret:
        from app.stripe_hook import StripeHook  # noqa: PLC0415 - only where it is set up
        from payments.stripe.events import StripeEvents  # noqa: PLC0415 - the same

        money = Money(an_office.office, an_office.gateways)
        made["stripe"] = StripeHook(
            StripeEvents(calls, secret, an_office.signer.name), money, an_office.clock
        )
    return made


async def figures(an_office: Open) -> list[Figure]:
    """Look up what is told when it is asked for."""
    look, now_ms = an_office.look, an_office.clock.now_ms()
    found: list[Figure] = []
    for one in await look.outbox():
        found.append(Figure("outbox_effects", (one.kind, one.state), one.count))
        if one.state == EffectState.WAITING:
            late_s = max(0, now_ms - one.first_due_ms) / 1_000
            found.append(Figure("outbox_oldest_seconds", (one.kind,), late_s))
    open_now: dict[str, int] = {}
    for payment in await look.payments_open(now_ms, _OPEN_MAX):
        open_now[payment.gateway] = open_now.get(payment.gateway, 0) + 1
    found += [Figure("payments_open", (name,), count) for name, count in open_now.items()]
    return found
