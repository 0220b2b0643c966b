"""What Stripe's webhook says: its signature first, then what it means.

Events come twice, late, out of order or not at all. One that tells of progress (authorised,
captured) is believed as it stands: the office lets no older state undo a newer. Of all others only
the occasion is taken: the payment is looked at where it is, and its present state decides. An
event about nothing of ours (the account may serve others) is no error.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from core.payments import PaymentState
from core.ports import GatewayReport
from payments.stripe.calls import Json, StripeCalls
from payments.stripe.reading import Marks, intent_report, marks_of

TOLERANCE_S = 300
"""How far the time of a signature may lie from ours, either way."""
EVENTS = (
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
)
"""What the endpoint in Stripe's dashboard is to send; other events are taken and ignored."""
_PROGRESS = {"payment_intent.amount_capturable_updated", "payment_intent.succeeded"}


class Forged(Exception):
    """The body does not bear the signature of our endpoint's secret, or one too old or too new."""


class Misshapen(Exception):
    """The body is signed, and still no event that can be read."""


class WrongMode(Exception):
    """A live event at an office with test keys, or the other way round."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event says of one of our payments; without a report, that it is to be looked at."""

    event_id: str
    marks: Marks
    report: GatewayReport | None


class StripeEvents:
    """Reads what one webhook endpoint receives."""

    def __init__(
        self, calls: StripeCalls, secret: str, house: str, tolerance_s: int = TOLERANCE_S
    ) -> None:
        self._calls = calls
        self._secret = secret
        self._house = house
        self._tolerance_s = tolerance_s

    def verify(self, body: bytes, signature: str, now_ms: int) -> Json:
        """Return the event of a raw body; raises `Forged`, `Misshapen` or `WrongMode`."""
        from stripe import SignatureVerificationError, WebhookSignature  # noqa: PLC0415 - slow

        try:
            text = body.decode()
            # The library measures age by the machine's clock, and the past alone: ours does both.
            verify = cast("Callable[[str, str, str], bool]", WebhookSignature.verify_header)
            verify(text, signature, self._secret)
            # One time alone: of two, the library would sign the one and we believe the other.
            (at_s,) = (int(part[2:]) for part in signature.split(",") if part.startswith("t="))
        except (SignatureVerificationError, ValueError, TypeError):  # TypeError: no ASCII.
            raise Forged from None
        if abs(now_ms // 1_000 - at_s) > self._tolerance_s:
            raise Forged
        try:
            event: Json = json.loads(text)
            known = isinstance(event["data"]["object"], dict) and bool(event["id"])
            live = bool(event["livemode"])
        except (ValueError, KeyError, TypeError):
            raise Misshapen from None
        if not known or not isinstance(event.get("type"), str):
            raise Misshapen
        if live != self._calls.live:
            raise WrongMode
        return event

    async def read(self, event: Json) -> Heard | None:
        """Say what an event means; None: nothing to us. Raises `StripeTrouble`."""
        kind, thing = str(event["type"]), cast("Json", event["data"]["object"])
        if kind not in EVENTS:
            return None
        marks = marks_of(thing, self._house)
        if marks is None:
            # Refunds and disputes bear no marks; their intent does.
            intent_id = thing.get("payment_intent")
            if not isinstance(intent_id, str):
                return None
            marks = marks_of(await self._calls.intent(intent_id), self._house)
        if marks is None:
            return None
        report = intent_report(thing, str(event["id"])) if kind in _PROGRESS else None
        if report is not None and report.state == PaymentState.PENDING:
            report = None
        return Heard(str(event["id"]), marks, report)
