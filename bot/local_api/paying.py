"""Invoices, checkouts and Stars: the methods, and what happens when a person pays."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.local_api.calls import Call
from bot.local_api.methods import Method, posted
from bot.local_api.world import Asked, Charge, Chat, Refusal, World, bad

Json = dict[str, Any]
STARS = "XTR"
_TITLE_MAX = 32
_DESCRIPTION_MAX = 255
_PAYLOAD_BYTES = 128
_CURRENCY = 3
PATIENCE_S = 10.0
"""How long Telegram waits for the answer to a checkout."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What came of paying an invoice. `trouble`: what the person was shown instead of a receipt."""

    charge_id: str
    trouble: str

    @property
    def paid(self) -> bool:
        """Whether the money went."""
        return bool(self.charge_id)


def _invoice(call: Call) -> Json:
    title = call.string("title", 1, _TITLE_MAX)
    description = call.string("description", 1, _DESCRIPTION_MAX)
    payload = call.string("payload", 1)
    if len(payload.encode()) > _PAYLOAD_BYTES:
        raise bad("INVOICE_PAYLOAD_INVALID")
    currency = call.string("currency", _CURRENCY, _CURRENCY)
    prices: list[Json] = call.value("prices") or []
    if not prices or (currency == STARS and len(prices) != 1):
        raise bad("there must be at least one price, and one alone in Stars")
    provider = call.string("provider_token")
    if (currency == STARS) == bool(provider):
        raise bad("PAYMENT_PROVIDER_INVALID")
    total = sum(int(price["amount"]) for price in prices)
    if total <= 0:
        raise bad("CURRENCY_TOTAL_AMOUNT_INVALID")
    return {
        "title": title,
        "description": description,
        "payload": payload,
        "currency": currency,
        "total_amount": total,
    }


def _shown(invoice: Json) -> Json:
    shown = {k: invoice[k] for k in ("title", "description", "currency", "total_amount")}
    return {**shown, "start_parameter": ""}


async def send_invoice(world: World, call: Call) -> Json:
    """Send an invoice as a message."""
    chat = world.chat(call.integer("chat_id"))
    invoice = _invoice(call)
    message = posted(world, chat, call, invoice=_shown(invoice))
    world.invoices[str(message["message_id"])] = invoice
    return message


async def create_invoice_link(world: World, call: Call) -> str:
    """Make a link to an invoice."""
    invoice = _invoice(call)
    name = f"invoice{world.number():06d}"
    world.invoices[name] = invoice
    return f"https://t.me/${name}"


async def answer_pre_checkout_query(world: World, call: Call) -> bool:
    """Say whether the bot is ready to take the money."""
    agreed = call.flag("ok")
    trouble = call.string("error_message")
    if not agreed and not trouble:
        raise bad("error message is empty")
    answer = {"ok": agreed, "trouble": trouble}
    world.answered("pre_checkout_query", call.string("pre_checkout_query_id", 1), answer)
    return True


async def refund_star_payment(world: World, call: Call) -> bool:
    """Give Stars back, once."""
    charge = world.charges.get(call.string("telegram_payment_charge_id", 1))
    if charge is None or charge.user_id != call.integer("user_id") or charge.currency != STARS:
        raise bad("CHARGE_NOT_FOUND")
    if charge.refunded:
        raise bad("CHARGE_ALREADY_REFUNDED")
    charge.refunded = True
    chat = world.chats.get(charge.user_id)
    if chat is not None:
        world.post(chat, world.me, refunded_payment=_paid_facts(charge))
    return True


def _paid_facts(charge: Charge) -> Json:
    return {
        "currency": charge.currency,
        "total_amount": charge.amount_minor,
        "invoice_payload": charge.payload,
        "telegram_payment_charge_id": charge.charge_id,
    }


async def pay(world: World, chat: Chat, person: Json, name: str, patience_s: float) -> Payment:
    """Pay an invoice: ask the bot whether it is ready, then move the money and say so."""
    invoice = world.invoices.get(name)
    if invoice is None:
        raise Refusal(404, "there is no such invoice")
    asked: Asked = world.ask(
        "pre_checkout_query",
        {
            "from": person,
            "currency": invoice["currency"],
            "total_amount": invoice["total_amount"],
            "invoice_payload": invoice["payload"],
        },
    )
    try:
        async with asyncio.timeout(patience_s):
            answer = await asked.answer
    except TimeoutError:
        return Payment("", "the bot did not answer in time")
    if not answer["ok"]:
        return Payment("", answer["trouble"])
    return settle(world, chat, person, invoice)


def settle(world: World, chat: Chat, person: Json, invoice: Json) -> Payment:
    """Move the money of an invoice that the bot agreed to, and tell the bot."""
    charge = Charge(
        f"charge{world.number():06d}",
        person["id"],
        invoice["currency"],
        invoice["total_amount"],
        invoice["payload"],
    )
    world.charges[charge.charge_id] = charge
    provider = {"provider_payment_charge_id": f"provider-{charge.charge_id}"}
    message = world.post(chat, person, successful_payment={**_paid_facts(charge), **provider})
    world.updates.put("message", message)
    return Payment(charge.charge_id, "")


MONEY: dict[str, Method] = {
    "sendInvoice": send_invoice,
    "createInvoiceLink": create_invoice_link,
    "answerPreCheckoutQuery": answer_pre_checkout_query,
    "refundStarPayment": refund_star_payment,
}
