"""Stripe, small: sessions, intents, refunds and disputes, and the people on the other side.

Written after Stripe's documentation; what it answers is held against Stripe's own schema
(`tests.stripe.schema`). It keeps what Stripe keeps and tells what Stripe tells: each change makes
an event. The far side acts by methods: a fan pays, a bank declines, someone refunds by hand.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
PIX_TEXT = (
    "00020101021226900014br.gov.bcb.pix2568pix.example.com.br/qr/v2/cobv/"
    "9d36b84fc70b478fb95c12729b90ca25a1b25204000053039865802BR"
    "5925CASA DE SHOWS DO PORTO ALE6014RIO DE JANEIRO62290525a1B2c3D4e5F6a1B2c3D4e5F6a6304"
)
"""How a code to copy and paste begins: as long as those of a bank that names its own page."""
LINK_END = "#fid" + "kdWxOYHwnPyd1blpxYHZxWjA0" * 12 + "%2FRkx9bVVpQHxTYnJCUzBJNzFOT2F2MHFh"
"""What Stripe writes after a session's id: a page does not open without it."""
_CANCELLABLE = {
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
}


class Refused(Exception):
    """An answer with an error, as Stripe words it."""

    def __init__(
        self, status: int, code: str, message: str, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"error": {"type": kind, "code": code, "message": message}}


@dataclass
class World:
    """One account in test mode. `now_s` tells the time there."""

    now_s: Callable[[], int]
    on_event: Callable[[Json], None] = lambda event: None
    sessions: dict[str, Json] = field(default_factory=dict[str, Json])
    intents: dict[str, Json] = field(default_factory=dict[str, Json])
    charges: dict[str, Json] = field(default_factory=dict[str, Json])
    refunds: dict[str, Json] = field(default_factory=dict[str, Json])
    disputes: dict[str, Json] = field(default_factory=dict[str, Json])
    intended: dict[str, Json] = field(default_factory=dict[str, Json])
    """For each session, what its intent is to be."""
    refunds_stay: str = "succeeded"
    """What becomes of a refund: 'succeeded', 'pending' or 'failed'."""
    made: int = 0

    def _id(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made:012d}"

    def _tell(self, kind: str, thing: Json) -> None:
        event = {
            "id": self._id("evt"),
            "object": "event",
            "api_version": "2026-08-26.dahlia",
            "created": self.now_s(),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
            "data": {"object": copy.deepcopy(thing)},
        }
        self.on_event(event)

    # What the API does.

    def account(self) -> Json:
        return {"id": "acct_1", "object": "account", "charges_enabled": True, "country": "BR"}

    def make_session(self, asked: Json) -> Json:
        if not 1_800 <= asked["expires_at"] - self.now_s() + 1 <= 86_400:
            raise Refused(400, "parameter_invalid_integer", "expires_at: 30 minutes to 24 hours")
        total = sum(i["quantity"] * i["price_data"]["unit_amount"] for i in asked["line_items"])
        session_id = self._id("cs_test")
        session = {
            "id": session_id,
            "object": "checkout.session",
            "amount_total": total,
            "amount_subtotal": total,
            "automatic_tax": {"enabled": False},
            "client_reference_id": asked.get("client_reference_id"),
            "created": self.now_s(),
            "currency": asked["line_items"][0]["price_data"]["currency"],
            "custom_fields": [],
            "custom_text": {},
            "expires_at": asked["expires_at"],
            "livemode": False,
            "metadata": asked.get("metadata", {}),
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": asked["payment_method_types"],
            "payment_status": "unpaid",
            "shipping_options": [],
            "status": "open",
            "success_url": asked["success_url"],
            "url": f"https://checkout.stripe.com/c/pay/{session_id}{LINK_END}",
        }
        self.sessions[session_id] = session
        self.intended[session_id] = asked["payment_intent_data"]
        return session

    def session(self, session_id: str, expand: list[str] | None = None) -> Json:
        found = self.sessions.get(session_id)
        if found is None:
            raise Refused(404, "resource_missing", "No such checkout session")
        if found["status"] == "open" and self.now_s() >= found["expires_at"]:
            self._expired(found)
        shown = dict(found)
        if expand and shown["payment_intent"]:
            shown["payment_intent"] = self.intent(shown["payment_intent"], ["latest_charge"])
        return shown

    def expire_session(self, session_id: str) -> Json:
        session = self.session(session_id)
        if session["status"] != "open":
            raise Refused(400, "", f"Only Checkout Sessions that are open: {session['status']}")
        found = self.sessions[session_id]
        intent = self.intents.get(found["payment_intent"] or "")
        if intent is not None and intent["status"] == "processing":
            raise Refused(400, "", "The payment is being processed")
        self._expired(found)
        return dict(found)

    def _expired(self, session: Json) -> None:
        session |= {"status": "expired", "url": None}
        intent = self.intents.get(session["payment_intent"] or "")
        if intent is not None and intent["status"] in _CANCELLABLE:
            self._cancelled(intent)
        self._tell("checkout.session.expired", session)

    def make_intent(self, asked: Json) -> Json:
        expires_at = asked["payment_method_options"]["pix"]["expires_at"]
        if asked["currency"] != "brl" or asked["payment_method_types"] != ["pix"]:
            raise Refused(400, "payment_intent_invalid_parameter", "Pix is for BRL")
        if not 60 <= expires_at - self.now_s() <= 1_209_600:
            raise Refused(400, "parameter_invalid_integer", "expires_at: 60 s to 14 days")
        if asked["amount"] < 50:
            raise Refused(400, "amount_too_small", "Amount must be at least 50 centavos")
        intent = self._intent(asked["amount"], "brl", "pix", asked["metadata"], "automatic")
        code = f"{PIX_TEXT}{intent['id']}"
        intent |= {
            "description": asked.get("description"),
            "status": "requires_action",
            "next_action": {
                "type": "pix_display_qr_code",
                "pix_display_qr_code": {
                    "data": code,
                    "expires_at": expires_at,
                    "hosted_instructions_url": f"https://payments.stripe.com/pix/{intent['id']}",
                    "image_url_png": f"https://qr.stripe.com/{intent['id']}.png",
                    "image_url_svg": f"https://qr.stripe.com/{intent['id']}.svg",
                },
            },
        }
        self._tell("payment_intent.created", intent)
        self._tell("payment_intent.requires_action", intent)
        return dict(intent)

    def _intent(self, amount: int, currency: str, method: str, marks: Json, how: str) -> Json:
        intent_id = self._id("pi")
        intent = {
            "id": intent_id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": how,
            "client_secret": f"{intent_id}_secret_x",
            "confirmation_method": "automatic",
            "created": self.now_s(),
            "currency": currency,
            "latest_charge": None,
            "livemode": False,
            "metadata": dict(marks),
            "next_action": None,
            "payment_method_types": [method],
            "status": "requires_payment_method",
        }
        self.intents[intent_id] = intent
        return intent

    def intent(self, intent_id: str, expand: list[str] | None = None) -> Json:
        found = self.intents.get(intent_id)
        if found is None:
            raise Refused(404, "resource_missing", "No such payment_intent")
        action = (found["next_action"] or {}).get("pix_display_qr_code")
        ends_s = action["expires_at"] if action else 0
        if found["status"] == "requires_action" and action and self.now_s() >= ends_s:
            self._pix_expired(found)
        shown = dict(found)
        if expand and shown["latest_charge"]:
            shown["latest_charge"] = dict(self.charges[shown["latest_charge"]])
        return shown

    def _pix_expired(self, intent: Json) -> None:
        intent |= {"status": "requires_payment_method", "next_action": None}
        self._tell("payment_intent.payment_failed", intent)

    def capture(self, intent_id: str, asked: Json) -> Json:
        intent = self.intents.get(intent_id)
        if intent is None or intent["status"] != "requires_capture":
            status = intent["status"] if intent else "missing"
            raise Refused(400, "payment_intent_unexpected_state", f"cannot be captured: {status}")
        self._captured(intent, asked.get("amount_to_capture", intent["amount_capturable"]))
        return dict(intent)

    def _captured(self, intent: Json, amount: int) -> None:
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        intent["next_action"] = None
        charge = self.charges[intent["latest_charge"]]
        charge |= {"captured": True, "amount_captured": amount, "paid": True}
        self._tell("payment_intent.succeeded", intent)
        self._tell("charge.captured", charge)

    def cancel(self, intent_id: str) -> Json:
        intent = self.intents.get(intent_id)
        if intent is None or intent["status"] not in _CANCELLABLE:
            status = intent["status"] if intent else "missing"
            raise Refused(400, "payment_intent_unexpected_state", f"cannot be cancelled: {status}")
        self._cancelled(intent)
        return dict(intent)

    def _cancelled(self, intent: Json) -> None:
        intent |= {"status": "canceled", "amount_capturable": 0, "next_action": None}
        intent["canceled_at"] = self.now_s()
        self._tell("payment_intent.canceled", intent)

    def make_refund(self, asked: Json) -> Json:
        named = asked.get("payment_intent") or self.charges[asked["charge"]]["payment_intent"]
        intent = self.intents.get(named)
        if intent is None or not intent["latest_charge"]:
            raise Refused(404, "resource_missing", "No such payment_intent, or it has no charge")
        charge = self.charges[intent["latest_charge"]]
        left = charge["amount_captured"] - charge["amount_refunded"]
        if charge["disputed"]:
            raise Refused(400, "charge_disputed", "The charge is disputed")
        if not left:
            raise Refused(400, "charge_already_refunded", "The charge is refunded already")
        amount = asked.get("amount", left)
        if amount > left:
            raise Refused(400, "amount_too_large", "Refund amount is greater than what is left")
        refund: Json = {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": self.now_s(),
            "currency": charge["currency"],
            "metadata": asked.get("metadata", {}),
            "payment_intent": intent["id"],
            "reason": None,
            "status": self.refunds_stay,
        }
        self.refunds[refund["id"]] = refund
        if refund["status"] != "failed":
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        self._tell("refund.created", refund)
        self._tell("charge.refunded", charge)
        return dict(refund)

    def list_of(self, things: dict[str, Json], url: str, asked: Json) -> Json:
        """A page of a list, the newest first."""
        intent, charge = asked.get("payment_intent"), asked.get("charge")
        if charge and charge not in self.charges:
            raise Refused(404, "resource_missing", "No such charge")
        since = (asked.get("created") or {}).get("gte", 0)
        found = [
            dict(one)
            for one in reversed(things.values())
            if intent in {None, one.get("payment_intent")}
            and charge in {None, one.get("charge")}
            and one["created"] >= since
        ]
        after = asked.get("starting_after")
        if after:
            ids = [one["id"] for one in found]
            found = found[ids.index(after) + 1 :]
        most = asked.get("limit", 10)
        page = found[:most]
        return {"object": "list", "url": url, "has_more": len(found) > most, "data": page}

    # The far side.

    def _charge(self, intent: Json, *, captured: bool) -> None:
        charge_id = self._id("ch")
        amount = intent["amount"]
        self.charges[charge_id] = {
            "id": charge_id,
            "object": "charge",
            "amount": amount,
            "amount_captured": amount if captured else 0,
            "amount_refunded": 0,
            "billing_details": {},
            "captured": captured,
            "created": self.now_s(),
            "currency": intent["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
        }
        intent["latest_charge"] = charge_id

    def pay_card(self, session_id: str, card: str = "good") -> str:
        """A fan pays a page by 'good', 'declined' or '3ds' card; returns what the page says."""
        session = self.sessions[session_id]
        if self.session(session_id)["status"] != "open":
            return "closed"
        if not session["payment_intent"]:
            given = self.intended[session_id]
            intent = self._intent(
                session["amount_total"], session["currency"], "card", given["metadata"], "manual"
            )
            intent["description"] = given.get("description")
            session["payment_intent"] = intent["id"]
        intent = self.intents[session["payment_intent"]]
        if card == "declined":
            intent["status"] = "requires_payment_method"
            self._tell("payment_intent.payment_failed", intent)
            return "declined"
        if card == "3ds":
            intent["status"] = "requires_action"
            self._tell("payment_intent.requires_action", intent)
            return "asked"
        return self._authorised(session, intent)

    def answer_3ds(self, session_id: str, *, yes: bool) -> str:
        """The fan's bank has asked; this is what came of it."""
        session = self.sessions[session_id]
        intent = self.intents[session["payment_intent"]]
        if session["status"] != "open" or intent["status"] != "requires_action":
            return "closed"
        if yes:
            return self._authorised(session, intent)
        intent["status"] = "requires_payment_method"
        self._tell("payment_intent.payment_failed", intent)
        return "declined"

    def _authorised(self, session: Json, intent: Json) -> str:
        self._charge(intent, captured=False)
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        session |= {"status": "complete", "url": None}
        self._tell("payment_intent.amount_capturable_updated", intent)
        self._tell("checkout.session.completed", session)
        return "authorised"

    def pay_pix(self, intent_id: str, *, late: bool = False) -> str:
        """A fan pays a code; `late`: the bank let it through although it had ended."""
        intent = self.intents[intent_id]
        if self.intent(intent_id)["status"] != "requires_action" and not late:
            return "closed"
        if intent["status"] == "succeeded":
            return "closed"
        self._charge(intent, captured=True)
        self._captured(intent, intent["amount"])
        return "paid"

    def fail_refund(self, refund_id: str) -> None:
        """The bank sends a refund back, days after it was made."""
        refund = self.refunds[refund_id]
        refund["status"] = "failed"
        charge = self.charges[refund["charge"]]
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self._tell("refund.failed", refund)

    def dispute(self, intent_id: str) -> str:
        """The payer's bank takes the money back."""
        charge = self.charges[self.intents[intent_id]["latest_charge"]]
        charge["disputed"] = True
        dispute: Json = {
            "id": self._id("dp"),
            "object": "dispute",
            "amount": charge["amount_captured"] - charge["amount_refunded"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": self.now_s(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": {
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": intent_id,
            "reason": "fraudulent",
            "status": "needs_response",
        }
        self.disputes[dispute["id"]] = dispute
        self._tell("charge.dispute.created", dispute)
        return dispute["id"]

    def close_dispute(self, dispute_id: str, status: str) -> None:
        self.disputes[dispute_id]["status"] = status
        self._tell("charge.dispute.closed", self.disputes[dispute_id])

    def kept_minor(self) -> int:
        """What the account has kept: captured less given back."""
        refunded = sum(r["amount"] for r in self.refunds.values() if r["status"] == "succeeded")
        lost = sum(d["amount"] for d in self.disputes.values() if d["status"] == "lost")
        return sum(i["amount_received"] for i in self.intents.values()) - refunded - lost
