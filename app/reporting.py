"""Tells the office what gateways say, and of payments looked at, what they make of the difference.

`Money` is what webhooks, the reconciler and the payment effects share: one place where a report
becomes a request, and where money that moved at a provider by itself finds its rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core import limits
from core.box_office import BoxOffice
from core.outcomes import GivenBack, Noted, Paid, Refunded
from core.payments import UNDER_WAY, Payment, PaymentState, RefundState, TicketState
from core.payments import Refund as RefundRow
from core.ports import Account, Gateway, GatewayReport, Lister, Returned, Seen
from core.requests import Dispute, Refund, RefundReport, Report
from core.views import PurchaseView

BY_HAND = "refunded at the provider"
LOST = "dispute lost"
_OFF = frozenset({PaymentState.CANCELLED, PaymentState.FAILED})
_TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.REFUNDED})


class ReportRefused(Exception):
    """The office could not take in what a gateway said: asked again, it may say it better."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.safe = f"the office answered {type(answer).__name__} to what the gateway said"
        super().__init__(self.safe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a payment here and at its provider do not say the same."""

    show_id: int
    purchase_id: str
    payment_id: str
    gateway: str
    reference: str
    what: str
    """In words, with what a person is to do about it if it is not `repaired`."""
    repaired: bool


class NoGateway(Exception):
    """A payment names a gateway that this process was not given: set it up."""

    @property
    def safe(self) -> str:
        """The message: it holds nothing that came from outside."""
        return str(self)


class Money:
    """Reports to one office; looks at payments through the gateways of this process."""

    def __init__(self, office: BoxOffice, gateways: Mapping[str, Gateway]) -> None:
        self._office = office
        self._gateways = gateways

    def gateway(self, name: str) -> Gateway:
        """Return the gateway of this name; raises `NoGateway`."""
        gateway = self._gateways.get(name)
        if gateway is None:
            raise NoGateway(f"no gateway '{name}' is set up")
        return gateway

    def that_list(self) -> list[Lister]:
        """Return the gateways whose providers can be asked for all that they have."""
        return [one for one in self._gateways.values() if isinstance(one, Lister)]

    async def report(
        self, show_id: int, payment_id: str, gateway: str, said: Sequence[GatewayReport], key: str
    ) -> None:
        """Report what a gateway said; `key` names the event where it gave it no name itself."""
        for one in said:
            answer = await self._office.report(
                Report(
                    show_id=show_id,
                    payment_id=payment_id,
                    event_id=one.event_id or f"{key}:{one.state}",
                    state=one.state,
                    amount_minor=one.amount_minor,
                    currency=one.currency,
                    reference=one.reference[: limits.REFERENCE_LENGTH],
                    action=one.action,
                    actor=f"gateway:{gateway}",
                )
            )
            if not isinstance(answer, Paid | Noted | GivenBack):
                raise ReportRefused(answer)

    async def check(self, show_id: int, purchase_id: str, payment_id: str) -> list[Difference]:
        """Compare one payment with its provider and repair what has a rule.

        Raises what the gateway raises, and `NoGateway`.
        """
        view = await self._view(show_id, purchase_id)
        payment = _find(view, payment_id)
        if view is None or payment is None or not payment.outside:
            return []
        gateway = self.gateway(payment.gateway)
        account = await gateway.look(payment)
        if account is None:
            return _unknown_there(payment) + _failed_refunds(view, payment)
        found = await self._compare_state(gateway, payment, account)
        view = await self._view(show_id, purchase_id)
        payment = _find(view, payment_id)
        assert view is not None, "a purchase does not vanish"
        assert payment is not None, "a payment does not vanish"
        return found + await self._compare_returned(view, payment, account)

    async def meet(self, gateway: Gateway, seen: Seen, since_ms: int) -> list[Difference] | None:
        """Compare a payment that a provider has, unless it began here since then: that one was.

        None if it was not for us to compare. Known here, its money may have gone back since; not
        known, as after a restored backup, what could still be paid is ended there, and what was
        taken is put before a person: whoever paid it may hold tickets that this office never sold.
        """
        there = seen.payment
        known = _find(await self._view(there.show_id, there.purchase_id), there.payment_id)
        if known is not None:
            if known.created_ms >= since_ms:
                return None
            return await self.check(known.show_id, known.purchase_id, known.payment_id)
        say = _Say(there)
        if there.state in UNDER_WAY:
            said = await gateway.settle(there, void=True)
            now = said[-1].state if said else there.state
            if now not in {*UNDER_WAY, PaymentState.CAPTURED}:
                return [say.mended(f"{there.state} there, unknown here: ended there")]
        account = await gateway.look(there)
        if account is None or account.report.state != PaymentState.CAPTURED:
            return []
        back = [one for one in account.returned if one.state not in {RefundState.FAILED, "won"}]
        kept = account.report.amount_minor - sum(one.amount_minor for one in back)
        if kept <= 0:
            return []
        text = f"{kept} {there.currency} taken there for what is not known here"
        asked = "give it back there, or sell what it was for anew"
        return [say(f"{text} ({seen.about}; purchase {there.purchase_id}): {asked}")]

    async def _view(self, show_id: int, purchase_id: str) -> PurchaseView | None:
        return await self._office.look.purchase(show_id, purchase_id)

    async def _compare_state(
        self, gateway: Gateway, payment: Payment, account: Account
    ) -> list[Difference]:
        there = account.report
        say = _Say(payment)
        if payment.state in _TAKEN:
            if there.state != PaymentState.CAPTURED:
                return [say(f"captured here, {there.state} at the provider: see it there")]
            if (there.amount_minor, there.currency) != (payment.captured_minor, payment.currency):
                sums = f"{payment.captured_minor} here, {there.amount_minor} {there.currency} there"
                return [say(f"captured {sums}: correct it there")]
            return []
        if payment.state in _OFF and there.state in UNDER_WAY:
            # It is over here and could still be paid there: it is ended there too.
            said = await gateway.settle(payment, void=True)
            await self._tell(gateway, payment, said)
            last = said[-1].state if said else "unknown"
            return [say.mended(f"{payment.state} here, was {there.state} there; now {last}")]
        if there.state == payment.state or (payment.state in _OFF and there.state in _OFF):
            return []
        await self._tell(gateway, payment, (there,))
        told = payment.state in UNDER_WAY or there.state == PaymentState.CAPTURED
        text = f"{payment.state} here, {there.state} at the provider"
        return [say.mended(text)] if told else []

    async def _tell(
        self, gateway: Gateway, payment: Payment, said: Sequence[GatewayReport]
    ) -> None:
        key = f"look:{payment.payment_id}:{payment.changed_ms}"
        await self.report(payment.show_id, payment.payment_id, gateway.name, said, key)

    async def _compare_returned(
        self, view: PurchaseView, payment: Payment, account: Account
    ) -> list[Difference]:
        found: list[Difference] = []
        ours = [one for one in view.refunds if one.payment_id == payment.payment_id]
        for refund in ours:
            found += await self._our_refund(payment, refund, account)
        names = {refund.refund_id for refund in ours}
        known = {refund.reference for refund in view.refunds if refund.reference}
        for back in account.returned:
            if back.disputed:
                found += await self._disputed(view, payment, back, known)
            elif back.refund_id in names or back.reference in known:
                continue
            elif back.state == RefundState.DONE:
                found += await self._by_hand(view, payment, back, BY_HAND)
        view = await self._view(payment.show_id, payment.purchase_id) or view
        return found + _failed_refunds(view, payment)

    async def _our_refund(
        self, payment: Payment, refund: RefundRow, account: Account
    ) -> list[Difference]:
        """Compare a refund that was sent from here; every try that was made there bears its id."""
        say, done = _Say(payment), refund.state == RefundState.DONE
        there = [one for one in account.returned if one.refund_id == refund.refund_id]
        by_hand = refund.reference.strip() not in {"", *(one.reference for one in there)}
        if done and (by_hand or not refund.amount_minor):
            return []
        back = _decided(refund, there)
        if back is None:
            lacking = done and not there and not _covered(account)
            text = f"refund {refund.refund_id} is done here and unknown there: send it by hand"
            return [say(text)] if lacking else []
        if back.state == refund.state:
            return []
        answer = await self._office.refund_report(
            RefundReport(
                show_id=payment.show_id,
                refund_id=refund.refund_id,
                state=back.state,
                reference=back.reference,
                actor=f"gateway:{payment.gateway}",
            )
        )
        if not isinstance(answer, Refunded):
            raise ReportRefused(answer)
        return [
            say.mended(f"refund {refund.refund_id} was {refund.state} here, {back.state} there")
        ]

    async def _disputed(
        self, view: PurchaseView, payment: Payment, back: Returned, known: set[str]
    ) -> list[Difference]:
        history = await self._office.look.history(payment.show_id, payment.purchase_id)
        before = [one.data for one in history if one.kind == "disputed"]
        heard = any(f'"{back.state}"' in one and f'"{back.reference}"' in one for one in before)
        answer = await self._office.dispute(
            Dispute(
                show_id=payment.show_id,
                payment_id=payment.payment_id,
                event_id=f"{back.reference}:{back.state}",
                state=back.state,
                amount_minor=back.amount_minor,
                reference=back.reference,
                actor=f"gateway:{payment.gateway}",
            )
        )
        if not isinstance(answer, Noted):
            raise ReportRefused(answer)
        if back.state == "lost" and back.reference not in known:
            return await self._by_hand(view, payment, back, LOST)
        if heard or back.state != "opened":
            return []
        return [_Say(payment)(f"disputed ({back.reference}): answer it at the provider")]

    async def _by_hand(
        self, view: PurchaseView, payment: Payment, back: Returned, reason: str
    ) -> list[Difference]:
        """Take the tickets of money that went back there: all of them, where it is their price."""
        say = _Say(payment)
        current = view.purchase.payment_id == payment.payment_id
        valid = [t for t in view.tickets if t.state == TicketState.VALID and t.used_ms is None]
        worth = sum(ticket.price_minor + ticket.fee_minor for ticket in valid)
        text = f"{reason}: {back.amount_minor} {payment.currency} ({back.reference})"
        if not current or not valid or worth != back.amount_minor:
            order = f"{view.order_code or view.purchase.purchase_id}"
            return [say(f"{text}: say for which tickets, `payments refunded {order}`")]
        answer = await self._office.refund(
            Refund(
                show_id=payment.show_id,
                purchase_id=payment.purchase_id,
                refund_id=back.reference,
                reason=reason,
                reference=back.reference,
                actor=f"gateway:{payment.gateway}",
            )
        )
        if not isinstance(answer, Refunded):
            return [say(f"{text}: the office answered {type(answer).__name__}")]
        return [say.mended(f"{text}: its tickets are void")]


class _Say:
    """Makes differences about one payment."""

    def __init__(self, payment: Payment) -> None:
        self._payment = payment

    def __call__(self, what: str) -> Difference:
        """Say what a person must see to."""
        payment = self._payment
        return Difference(
            show_id=payment.show_id,
            purchase_id=payment.purchase_id,
            payment_id=payment.payment_id,
            gateway=payment.gateway,
            reference=payment.reference,
            what=what,
            repaired=False,
        )

    def mended(self, what: str) -> Difference:
        """Say what was repaired."""
        return replace(self(what), repaired=True)


def _find(view: PurchaseView | None, payment_id: str) -> Payment | None:
    payments = view.payments if view is not None else ()
    return next((p for p in payments if p.payment_id == payment_id), None)


def _unknown_there(payment: Payment) -> list[Difference]:
    if payment.state in _TAKEN and payment.captured_minor and payment.reference:
        return [_Say(payment)("captured here, unknown at the provider: see it there")]
    return []


def _failed_refunds(view: PurchaseView, payment: Payment) -> list[Difference]:
    """List the refunds of a payment that no provider made: somebody must."""
    order = view.order_code or view.purchase.purchase_id
    return [
        _Say(payment)(
            f"refund {refund.refund_id} of {refund.amount_minor} {payment.currency} failed"
            f" ({refund.reference or payment.reference}): send it again, `payments again {order}"
            f" {refund.refund_id}`, or by hand, and say so, `payments returned {order}"
            f" {refund.refund_id}`"
        )
        for refund in view.refunds
        if refund.payment_id == payment.payment_id and refund.state == RefundState.FAILED
    ]


def _decided(refund: RefundRow, there: list[Returned]) -> Returned | None:
    """Return what came of a refund; None: nothing yet, or this try of it is not there."""
    for one in there:
        if one.state == RefundState.DONE:
            return one
    if any(one.state == RefundState.PENDING for one in there):
        return None
    return next((one for one in there if one.try_no == refund.tries), None)


def _covered(account: Account) -> bool:
    """Whether all of the money went back already, whoever sent it."""
    back = sum(b.amount_minor for b in account.returned if b.state in {"done", "opened", "lost"})
    return back >= account.report.amount_minor
