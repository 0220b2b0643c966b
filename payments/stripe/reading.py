"""What Stripe's objects mean to the office. Pure: plain objects in, values out.

intent: requires_action, processing    pending        (a Pix code to pay, 3-D Secure under way)
requires_payment_method        pending by card: the page lets the person try again;
failed by Pix: the code has expired
requires_capture               authorised
succeeded                      captured
canceled                       cancelled
session: open                          pending
expired                       cancelled
complete                      as its intent says
"""

from dataclasses import dataclass
from typing import Any, cast

from core.payments import Action, ActionKind, Payment, PaymentState, Refund
from core.ports import Account, GatewayReport, Returned, Seen
from payments.stripe.calls import Json

NAME = "stripe"
CARD = "card"
PIX = "pix"
OTHER_UNITS = frozenset(
    {"BHD", "IQD", "ISK", "JOD", "KWD", "LYD", "MGA", "MRU", "OMR", "TND", "UGX"}
)
"""Currencies that Stripe counts in other units than ISO 4217, or rounds: not taken through it.

https://docs.stripe.com/currencies#zero-decimal, #three-decimal and #special-cases.
"""

_SHOW_DIGITS = 9
_STATES = {
    "requires_confirmation": PaymentState.PENDING,
    "requires_action": PaymentState.PENDING,
    "processing": PaymentState.PENDING,
    "requires_capture": PaymentState.AUTHORISED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.CANCELLED,
}
_REFUNDS = {"succeeded": "done", "failed": "failed", "canceled": "failed"}
_DISPUTES = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}


@dataclass(frozen=True, slots=True)
class Marks:
    """What we write on all that we make at Stripe, and find there again."""

    house: str
    """Whose it is: an account may serve several houses, and other things."""
    show_id: int
    purchase_id: str
    payment_id: str

    @property
    def metadata(self) -> dict[str, str]:
        """As Stripe keeps it."""
        return {
            "house": self.house,
            "show": str(self.show_id),
            "purchase": self.purchase_id,
            "payment": self.payment_id,
        }


def marks_of(thing: Json, house: str) -> Marks | None:
    """Return the marks of an object; None: it is none of this house's."""
    given: Json = thing.get("metadata") or {}
    show, purchase, payment = (str(given.get(name, "")) for name in ("show", "purchase", "payment"))
    number = show.isascii() and show.isdigit() and len(show) <= _SHOW_DIGITS
    if given.get("house") != house or not (number and purchase and payment):
        return None
    return Marks(house, int(show), purchase, payment)


def method_of(intent: Json) -> str:
    """Return the method that an intent was made for."""
    return PIX if PIX in cast("list[str]", intent.get("payment_method_types") or []) else CARD


def intent_report(intent: Json, event_id: str = "") -> GatewayReport:
    """Return how a payment stands by its intent."""
    status = str(intent["status"])
    if status == "requires_payment_method":
        tried = method_of(intent) == PIX
        state = PaymentState.FAILED if tried else PaymentState.PENDING
    else:
        state = _STATES.get(status, PaymentState.PENDING)
    amounts = {
        PaymentState.CAPTURED: intent.get("amount_received"),
        PaymentState.AUTHORISED: intent.get("amount_capturable"),
    }
    amount = amounts.get(state)
    return GatewayReport(
        event_id=event_id,
        state=state,
        amount_minor=int(intent["amount"] if amount is None else amount),
        currency=str(intent["currency"]).upper(),
        reference=str(intent["id"]),
        action=_pix_action(intent),
    )


def _pix_action(intent: Json) -> str:
    asked: Json = intent.get("next_action") or {}
    code: Json = asked.get("pix_display_qr_code") or {}
    if intent["status"] != "requires_action" or not code.get("data"):
        return ""
    return Action(
        kind=ActionKind.PIX,
        code=str(code["data"]),
        url=str(code.get("hosted_instructions_url") or ""),
        expires_ms=int(code.get("expires_at") or 0) * 1_000,
    ).text


def session_report(session: Json, until_ms: int = 0) -> GatewayReport:
    """Return how a payment stands by its Checkout Session, its intent expanded."""
    intent: object = session.get("payment_intent")
    status = session["status"]
    if status == "complete" and isinstance(intent, dict):
        return intent_report(cast("Json", intent))
    state = PaymentState.CANCELLED if status == "expired" else PaymentState.PENDING
    action = ""
    if status == "open" and session.get("url"):
        link = Action(kind=ActionKind.LINK, url=str(session["url"]), expires_ms=until_ms)
        action = link.text
    return GatewayReport(
        event_id="",
        state=state,
        amount_minor=int(session.get("amount_total") or 0),
        currency=str(session.get("currency") or "").upper(),
        reference=str(session["id"]),
        action=action,
    )


def intent_of(session: Json) -> Json | None:
    """Return the expanded intent of a session, if it has one yet."""
    intent: object = session.get("payment_intent")
    return cast("Json", intent) if isinstance(intent, dict) else None


def money_went_back(intent: Json) -> bool:
    """Whether any of a captured intent's money was given or taken back: then it is worth asking."""
    charge: Any = intent.get("latest_charge")
    if not isinstance(charge, dict):
        return intent["status"] == "succeeded"
    known = cast("Json", charge)
    return bool(known.get("amount_refunded") or known.get("disputed") or known.get("refunded"))


def refund_marks(refund: Refund) -> dict[str, str]:
    """Return what is written on a refund of ours: by it, and by its try, it is found again."""
    return {"refund": refund.refund_id, "try": str(refund.tries)}


def _returned(refund: Json) -> Returned:
    marks: Json = refund.get("metadata") or {}
    times = str(marks.get("try", ""))
    return Returned(
        reference=str(refund["id"]),
        amount_minor=int(refund["amount"]),
        state=_REFUNDS.get(str(refund.get("status")), "pending"),
        refund_id=str(marks.get("refund", "")),
        try_no=int(times) if times.isascii() and times.isdigit() else 1,
    )


def returned_of(refunds: list[Json]) -> list[Returned]:
    """Return what refunds say, in their order."""
    return [_returned(one) for one in refunds]


def seen_of(intent: Json, marks: Marks) -> Seen:
    """Return an intent of ours as a payment: as it stands at Stripe, whoever knows of it here."""
    report, at_ms = intent_report(intent), int(intent["created"]) * 1_000
    payment = Payment(
        show_id=marks.show_id,
        payment_id=marks.payment_id,
        purchase_id=marks.purchase_id,
        gateway=NAME,
        method=method_of(intent),
        outside=1,
        state=PaymentState(report.state),
        amount_minor=int(intent["amount"]),
        currency=report.currency,
        reference=report.reference,
        captured_minor=int(intent.get("amount_received") or 0),
        refunded_minor=0,
        created_ms=at_ms,
        changed_ms=at_ms,
    )
    return Seen(payment=payment, about=str(intent.get("description") or ""))


def account_of(report: GatewayReport, refunds: list[Json], disputes: list[Json]) -> Account:
    """Put together how a payment stands and what of its money went back."""
    back = returned_of(refunds)
    back += [
        Returned(
            reference=str(one["id"]),
            amount_minor=int(one["amount"]),
            state=_DISPUTES.get(str(one["status"]), "opened"),
            disputed=True,
        )
        for one in disputes
    ]
    return Account(report=report, returned=tuple(back))
