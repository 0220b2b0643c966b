"""The gateway: payments through Stripe, cards and Pix.

A card is paid on Stripe's own page (Checkout), authorised first and captured once the tickets are
sold. A Pix is a code that lives as long as the hold. All that is made at Stripe bears marks (show,
purchase, payment) and an idempotency key of the payment's own, so that made twice it is one.
Before anything is changed there it is looked at, and what it says then is what is reported.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from core.bills import Bill
from core.offers import Offer
from core.payments import Payment, PaymentState, Refund, RefundState
from core.ports import Account, GatewayReport, Seen
from core.terms import DAY_MS, MINUTE_MS
from payments.stripe.calls import StripeCalls, StripeRefused, StripeReplayed, StripeTrouble
from payments.stripe.reading import (
    CARD,
    NAME,
    OTHER_UNITS,
    PIX,
    Json,
    Marks,
    account_of,
    intent_of,
    intent_report,
    marks_of,
    money_went_back,
    refund_marks,
    returned_of,
    seen_of,
    session_report,
)

_SESSION_MIN_MS = 31 * MINUTE_MS
"""Stripe lets a Checkout Session live for 30 minutes at least: ours is expired by call before."""
_BACK_ALREADY = frozenset({"charge_already_refunded"})
_OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_NAME_MAX = 250
_REFUND_KEYS = 100
"""Keys tried for one refund: one is used up by each failure that Stripe keeps."""
_BACK_DAYS = 60
"""How long after it was made a refund may still fail: banks take up to 30 days, and some more."""


class Stripe:
    """A `core.ports.Gateway` outside the office."""

    name = NAME
    outside = 1

    def __init__(
        self, calls: StripeCalls, return_url: str, house: str, *, pix: bool = True
    ) -> None:
        self.moves_money = calls.live
        """With test keys no money moves, and faces say so."""
        self._calls = calls
        self._return_url = return_url
        self._house = house
        self._pix = pix

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        """Offer Pix for reais, and cards; a clerk shows the code or link to who stands there."""
        del channel
        if currency in OTHER_UNITS:
            return ()
        ways = [PIX, CARD] if self._pix and currency == "BRL" else [CARD]
        real = self.moves_money
        return [Offer(gateway=NAME, method=way, outside=1, moves_money=real) for way in ways]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        """Make the page or the code; what Stripe refuses to make is a declined payment."""
        payment = bill.payment
        if not bill.total_minor:
            return (_nothing_to_pay(payment),)
        try:
            if payment.method == PIX:
                return (intent_report(await self._make_pix(bill)),)
            made = await self._make_session(bill)
            return (session_report(made, payment.until_ms),)
        except StripeRefused as refused:
            return (_failed(payment, refused),)

    async def _make_session(self, bill: Bill) -> Json:
        payment = bill.payment
        metadata = self._metadata(payment)
        # Said again later it must be the same: nothing in it depends on when it is made.
        dies_ms = max(payment.until_ms, payment.created_ms) + _SESSION_MIN_MS
        currency = payment.currency.lower()
        items = [
            (f"{line.name} - {bill.title}", line.quantity, line.price_minor) for line in bill.lines
        ]
        fee = {"pt-BR": "Taxa de serviço"}.get(bill.language, "Service fee")
        items += [
            (f"{fee} - {line.name}", line.quantity, line.fee_minor)
            for line in bill.lines
            if line.fee_minor
        ]
        params: Json = {
            "mode": "payment",
            "payment_method_types": ["card"],
            "client_reference_id": payment.payment_id,
            "metadata": metadata,
            "payment_intent_data": {
                "capture_method": "manual",
                "metadata": metadata,
                "description": f"{bill.order_code} {bill.title}"[:_NAME_MAX],
            },
            "line_items": [
                {
                    "quantity": quantity,
                    "price_data": {
                        "currency": currency,
                        "unit_amount": amount_minor,
                        "product_data": {"name": name[:_NAME_MAX]},
                    },
                }
                for name, quantity, amount_minor in items
            ],
            "success_url": self._return_url,
            "cancel_url": self._return_url,
            "expires_at": dies_ms // 1_000,
            "locale": "pt-BR" if bill.language == "pt-BR" else "en",
        }
        return await self._calls.make_session(params, f"{payment.payment_id}-make")

    async def _make_pix(self, bill: Bill) -> Json:
        payment = bill.payment
        params: Json = {
            "amount": payment.amount_minor,
            "currency": payment.currency.lower(),
            "payment_method_types": ["pix"],
            "payment_method_data": {"type": "pix"},
            "payment_method_options": {"pix": {"expires_at": payment.until_ms // 1_000}},
            "confirm": True,
            "description": f"{bill.order_code} {bill.title}"[:_NAME_MAX],
            "metadata": self._metadata(payment),
        }
        return await self._calls.make_intent(params, f"{payment.payment_id}-make")

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        """Capture what is authorised, and say how it stands then."""
        intent = await self._intent(payment)
        if intent is None:
            return ()
        if intent["status"] == "requires_capture":
            key = f"{payment.payment_id}-capture"
            try:
                intent = await self._calls.capture(str(intent["id"]), key)
            except StripeRefused:  # It expired, or somebody was faster: it says itself.
                intent = await self._calls.intent(str(intent["id"]))
        return (intent_report(intent),)

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        """Close the page or cancel the code if it is unpaid, and say how it stands then."""
        if not payment.amount_minor:
            return (_nothing_to_pay(payment),)
        if not _is_known(payment):
            # It was begun first: nothing there means that Stripe refused to make it.
            return (_failed(payment, None),)
        if not _is_session(payment):
            return (
                await self._settle_intent(
                    await self._calls.intent(payment.reference), payment, void=void
                ),
            )
        session = await self._calls.session(payment.reference)
        if session["status"] == "open":
            with suppress(StripeRefused):  # Paid or being paid in this moment: it says itself.
                await self._calls.expire_session(payment.reference, f"{payment.payment_id}-expire")
            session = await self._calls.session(payment.reference)
        intent = intent_of(session)
        if session["status"] == "complete" and intent is not None:
            return (await self._settle_intent(intent, payment, void=void),)
        return (session_report(session),)

    async def _settle_intent(self, intent: Json, payment: Payment, *, void: bool) -> GatewayReport:
        intent_id = str(intent["id"])
        if intent["status"] in _OPEN or (void and intent["status"] == "requires_capture"):
            key = f"{payment.payment_id}-cancel"
            try:
                intent = await self._calls.cancel(intent_id, key)
            except StripeRefused:
                intent = await self._calls.intent(intent_id)
        return intent_report(intent)

    async def refund(self, refund: Refund, payment: Payment) -> str:
        """Give money back once, however often it is asked: the refund bears our mark."""
        if not refund.amount_minor:
            return RefundState.DONE
        if refund.reference.startswith("pi_"):  # Money that came a second time, by another intent.
            return await _give_back(self._calls, {"payment_intent": refund.reference}, refund)
        intent = await self._intent(payment)
        if intent is None:
            return RefundState.FAILED
        return await _give_back(self._calls, {"payment_intent": str(intent["id"])}, refund)

    async def look(self, payment: Payment) -> Account | None:
        """Say how a payment stands and what of its money went back, whoever sent it."""
        if not _is_known(payment):
            return None
        if _is_session(payment):
            session = await self._calls.session(payment.reference)
            intent = intent_of(session)
            report = session_report(session, payment.until_ms)
        else:
            intent = await self._calls.intent(payment.reference)
            report = intent_report(intent)
        if intent is None or not (payment.refunded_minor or money_went_back(intent)):
            return Account(report=report)
        intent_id = str(intent["id"])
        return account_of(
            report,
            await self._calls.refunds({"payment_intent": intent_id}),
            await self._calls.disputes(intent_id),
        )

    async def seen(self, since_ms: int) -> AsyncGenerator[Seen]:
        """Yield the intents of the period, then those whose money went back in it, or was to."""
        since_s = since_ms // 1_000
        async for intent in self._calls.intents_since(since_s):
            marks = marks_of(intent, self._house)
            if marks is not None:
                yield seen_of(intent, marks)
        longer_s = since_s - _BACK_DAYS * DAY_MS // 1_000
        refunds, disputes = self._calls.refunds_since, self._calls.disputes_since
        for listing in (refunds(longer_s), disputes(longer_s)):
            async for back in listing:
                intent_id = back.get("payment_intent")
                news = back["created"] >= since_s or back["status"] != "succeeded"
                if not (news and isinstance(intent_id, str)):
                    continue
                intent = await self._calls.intent(intent_id)
                marks = marks_of(intent, self._house)
                if marks is not None and intent["created"] < since_s:
                    yield seen_of(intent, marks)

    async def _intent(self, payment: Payment) -> Json | None:
        if not _is_session(payment):
            return await self._calls.intent(payment.reference) if _is_known(payment) else None
        return intent_of(await self._calls.session(payment.reference))

    def _metadata(self, payment: Payment) -> dict[str, str]:
        purchase_id, payment_id = payment.purchase_id, payment.payment_id
        return Marks(self._house, payment.show_id, purchase_id, payment_id).metadata


class TelegramRefunds:
    """Gives back what Telegram took by our Stripe account (`payments.telegram.Provider`)."""

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    async def give_back(self, charge: str, refund: Refund) -> str | None:
        """Refund a charge or payment intent; None: it is not of our account."""
        kind = {"ch_": "charge", "py_": "charge", "pi_": "payment_intent"}.get(charge[:3])
        if kind is None:
            return None
        return await _give_back(self._calls, {kind: charge}, refund)


async def _give_back(calls: StripeCalls, of: dict[str, str], refund: Refund) -> str:
    """Refund an intent or a charge, each try of a refund once: what was made is found by marks."""
    asked: Json = {**of, "amount": refund.amount_minor, "metadata": refund_marks(refund)}
    for attempt in range(_REFUND_KEYS):
        try:
            made = returned_of(await calls.refunds(of))
        except StripeRefused:  # No such thing on our account.
            return RefundState.FAILED
        ours = [one for one in made if one.refund_id == refund.refund_id]
        under_way = [one.state for one in ours if one.state != RefundState.FAILED]
        if under_way:
            return under_way[0]
        if any(one.try_no == refund.tries for one in ours):
            return RefundState.FAILED
        key = f"{refund.refund_id}-refund-{refund.tries}-{attempt}"
        try:
            return returned_of([await calls.make_refund(asked, key)])[0].state
        except StripeReplayed:
            continue
        except StripeRefused as refused:
            return RefundState.DONE if refused.code in _BACK_ALREADY else RefundState.FAILED
    raise StripeTrouble("Stripe repeats its failures to refund")


def _is_known(payment: Payment) -> bool:
    """Whether the payment names something at Stripe: a free or refused one does not."""
    return payment.reference.startswith(("cs_", "pi_"))


def _is_session(payment: Payment) -> bool:
    return payment.reference.startswith("cs_")


def _nothing_to_pay(payment: Payment) -> GatewayReport:
    """A free order is paid: Stripe takes no payment of nothing."""
    return GatewayReport(
        event_id=f"{payment.payment_id}:free",
        state=PaymentState.CAPTURED,
        amount_minor=0,
        currency=payment.currency,
    )


def _failed(payment: Payment, refused: StripeRefused | None) -> GatewayReport:
    return GatewayReport(
        event_id="",
        state=PaymentState.FAILED,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        reference=refused.code if refused else "",
    )
