"""Stripe's webhook: checked, read, and told to the office before Stripe hears that it was taken."""

import logging
from collections.abc import Mapping

from api.hooks import Verdict
from app.reporting import Money, ReportRefused
from core.outcomes import UnknownPayment, UnknownShow
from core.ports import Clock
from payments.stripe.calls import StripeRefused
from payments.stripe.events import Forged, Heard, Misshapen, StripeEvents, WrongMode
from payments.stripe.reading import NAME

_log = logging.getLogger("bilheteria.stripe")


class StripeHook:
    """An `api.hooks.Hook`."""

    def __init__(self, events: StripeEvents, money: Money, clock: Clock) -> None:
        self._events = events
        self._money = money
        self._clock = clock

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> Verdict:
        """Take in one event. What fails (Stripe, the database) is raised: again later."""
        signature = headers.get("stripe-signature", "")
        try:
            event = self._events.verify(body, signature, self._clock.now_ms())
        except Forged:
            return Verdict.FORGED
        except Misshapen:
            return Verdict.MALFORMED
        except WrongMode:
            _log.error("an event of live mode came to test keys, or the other way round")
            return Verdict.MALFORMED
        try:
            heard = await self._events.read(event)
        except StripeRefused:
            return Verdict.IGNORED
        return await self._act(heard) if heard is not None else Verdict.IGNORED

    async def _act(self, heard: Heard) -> Verdict:
        marks = heard.marks
        if heard.report is None:
            await self._money.check(marks.show_id, marks.purchase_id, marks.payment_id)
            return Verdict.TAKEN
        try:
            await self._money.report(
                marks.show_id, marks.payment_id, NAME, (heard.report,), heard.event_id
            )
        except ReportRefused as refused:
            if not isinstance(refused.answer, UnknownPayment | UnknownShow):
                raise
            _log.error("money for a payment that is not known here: %s", heard.report.reference)
            return Verdict.STRANGE
        return Verdict.TAKEN
