"""Payments in Telegram itself: an invoice in the chat, paid through a provider Telegram knows.

An invoice is a link that the bot shows as a button. Before Telegram takes the money it asks the bot
(`TelegramTill.agree`), which must answer within ten seconds: one compare-and-set at the office.
Then it says that the money was taken (`TelegramTill.take`): once, by a message that is not sent
again, so it is told to the office until the office has it.

Telegram can't be asked about a payment, nor told to end an invoice. An invoice that is over is
refused when Telegram asks; one that was agreed to is waited for (`limits.APPROVAL_MS`). An invoice
can be paid twice: each charge has an id of its own, and the second goes back. Telegram has no call
that refunds a provider's money: it is given back at the provider, where that is our own Stripe
account; otherwise the refund fails, is told, and listed for a person with the ids of the charge.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from core import limits
from core.bills import Bill
from core.box_office import BoxOffice
from core.offers import Offer
from core.outcomes import Approved, GivenBack, Noted, Paid
from core.payments import Action, ActionKind, Payment, PaymentState, Refund, RefundState
from core.ports import Account, Clock, GatewayReport, Overloaded, StorageLost
from core.requests import TELEGRAM, Approve, Report

if TYPE_CHECKING:
    from telegram import Bot

_log = logging.getLogger("bilheteria.telegram")
NAME = "telegram"
API = "https://api.telegram.org"
INVOICE = "invoice"
ASKED = "asked"
"""The reference of a payment that Telegram was told it may take."""
_CODES = (
    "AED AFN ALL AMD ARS AUD AZN BAM BDT BND BOB BRL CAD CHF CLP CNY COP CRC CZK DKK "
    "DOP DZD EGP EUR GBP GEL GTQ HKD HNL HUF IDR ILS INR ISK JMD JPY KES KGS KRW KZT LBP "
    "LKR MAD MDL MNT MUR MVR MXN MYR MZN NGN NIO NOK NPR NZD PAB PEN PHP PKR PLN PYG QAR "
    "RON RSD RUB SAR SEK SGD THB TJS TRY TTD TWD TZS UAH UGX USD UYU UZS VND YER ZAR"
)
CURRENCIES = frozenset(_CODES.split())
"""The currencies of Telegram's payments, counted in the same minor units as ours.

https://core.telegram.org/bots/payments/currencies.json. It also bounds each invoice to about 1 to
10,000 US dollars, by rates that it changes daily: it says itself what is out of bounds.
"""
_TITLE_MAX = 32
_TEXT_MAX = 255
_LABEL_MAX = 60
_PAYLOAD_MAX = 128
_SHOW_DIGITS = 9
_TIMES = 60
_PAUSE_S = 1.0
_BETWEEN = "|"
"""Between the ids of Telegram's charge and its provider's in a reference."""


class TelegramTrouble(Exception):
    """Telegram could not be reached or would not answer: ask again later."""

    def __init__(self, safe: str, retry_after_ms: int = 0) -> None:
        super().__init__(safe)
        self.safe = safe
        self.retry_after_ms = retry_after_ms


class Provider(Protocol):
    """Gives back money that Telegram's provider took, where that provider is ours."""

    async def give_back(self, charge: str, refund: Refund) -> str | None:
        """Refund a charge, by the provider's own id of it; None: it knows no such charge."""
        ...


def payload_of(show_id: int, payment_id: str) -> str:
    """Return what an invoice carries: whose money it is."""
    return f"{show_id}:{payment_id}"


def read_payload(payload: str) -> tuple[int, str] | None:
    """Return (show, payment) of an invoice's payload; None: it is none of ours."""
    show, _, payment_id = payload.partition(":")
    if not (show.isascii() and show.isdigit() and len(show) <= _SHOW_DIGITS and payment_id):
        return None
    return int(show), payment_id


class Telegram:
    """A `core.ports.Gateway` outside the office, for people in Telegram alone."""

    name = NAME
    outside = 1

    def __init__(
        self,
        bot_token: str,
        provider_token: str,
        clock: Clock,
        *,
        api_url: str = "",
        provider: Provider | None = None,
    ) -> None:
        self._bot_token = bot_token
        self._provider_token = provider_token
        self._clock = clock
        self._api_url = api_url
        self._provider = provider
        self._made: Bot | None = None
        self.moves_money = not is_test(provider_token)

    async def close(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.shutdown()

    async def _bot(self) -> "Bot":
        if self._made is None:
            from telegram import Bot  # noqa: PLC0415 - slow to load

            made = Bot(self._bot_token, base_url=f"{self._api_url or API}/bot")
            await made.initialize()
            self._made = made
        return self._made

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        """Offer an invoice to people in Telegram, in the currencies that it takes."""
        if channel != TELEGRAM or currency not in CURRENCIES:
            return ()
        return [Offer(gateway=NAME, method=INVOICE, outside=1, moves_money=self.moves_money)]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        """Make the link of an invoice."""
        from telegram import LabeledPrice  # noqa: PLC0415 - slow to load
        from telegram.error import BadRequest, RetryAfter, TelegramError  # noqa: PLC0415 - the same

        payment = bill.payment
        payload = payload_of(payment.show_id, payment.payment_id)
        if not bill.total_minor:
            return (_said(payment, PaymentState.CAPTURED, f"{payment.payment_id}:free"),)
        fee = "Taxa de serviço" if bill.language == "pt-BR" else "Service fee"
        prices = [
            LabeledPrice(
                f"{line.quantity} x {line.name}"[:_LABEL_MAX], line.quantity * line.price_minor
            )
            for line in bill.lines
        ]
        fee_minor = sum(line.quantity * line.fee_minor for line in bill.lines)
        if fee_minor:
            prices.append(LabeledPrice(fee, fee_minor))
        assert len(payload) <= _PAYLOAD_MAX, "ids are short"
        try:
            bot = await self._bot()
            url = await bot.create_invoice_link(
                title=bill.title[:_TITLE_MAX],
                description=f"{bill.order_code} {bill.title}"[:_TEXT_MAX],
                payload=payload,
                currency=payment.currency,
                prices=prices,
                provider_token=self._provider_token,
            )
        except RetryAfter as wait:
            pause = wait.retry_after
            pause_s = pause if isinstance(pause, int) else int(pause.total_seconds())
            raise TelegramTrouble("Telegram says that too much is asked", pause_s * 1_000) from None
        except BadRequest as refused:
            # Its text is a code, such as CURRENCY_TOTAL_AMOUNT_INVALID: it was sent no secret here.
            what = f"{payment.amount_minor} {payment.currency}"
            _log.warning("Telegram makes no invoice of %s: %s", what, refused.message)
            return (_said(payment, PaymentState.FAILED),)
        except TelegramError as failed:  # Its text may hold the token.
            raise TelegramTrouble(f"Telegram could not answer ({type(failed).__name__})") from None
        action = Action(kind=ActionKind.INVOICE, url=url, expires_ms=payment.until_ms)
        return (_said(payment, PaymentState.PENDING, action=action.text),)

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        """Do nothing: what Telegram takes is taken."""
        return (_said(payment, payment.state),)

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        """Call it over, unless Telegram was just told to take the money: then wait for that."""
        del void
        agreed = payment.reference == ASKED
        if agreed and self._clock.now_ms() < payment.changed_ms + limits.APPROVAL_MS:
            return (_said(payment, PaymentState.PENDING),)
        over = payment.state in {PaymentState.CREATED, PaymentState.PENDING}
        return (_said(payment, PaymentState.CANCELLED if over else payment.state),)

    async def refund(self, refund: Refund, payment: Payment) -> str:
        """Give money back where Telegram's provider is ours; Telegram itself only refunds Stars."""
        if not refund.amount_minor:
            return RefundState.DONE
        charge = (refund.reference or payment.reference).partition(_BETWEEN)[2]
        if self._provider is None or not charge:
            return RefundState.FAILED
        return await self._provider.give_back(charge, refund) or RefundState.FAILED

    async def look(self, payment: Payment) -> Account | None:
        """Know nothing: Telegram can't be asked."""
        del payment
        return None


class TelegramTill:
    """What the bot calls when Telegram asks and tells (`bot.room.Till`)."""

    def __init__(self, office: BoxOffice, pause_s: float = _PAUSE_S) -> None:
        self._office = office
        self._pause_s = pause_s

    async def agree(self, payload: str, amount_minor: int, currency: str) -> bool:
        """Say whether the money of an invoice may be taken now."""
        named = read_payload(payload)
        if named is None:
            return False
        answer = await self._office.approve(
            Approve(
                show_id=named[0],
                payment_id=named[1],
                amount_minor=amount_minor,
                currency=currency,
                reference=ASKED,
                actor=f"gateway:{NAME}",
            )
        )
        return isinstance(answer, Approved)

    async def take(
        self,
        payload: str,
        amount_minor: int,
        currency: str,
        charge_id: str,
        provider_charge_id: str = "",
    ) -> None:
        """Note money that was taken, by Telegram's id of it, however often it must be tried.

        Telegram tells it once. What can't be noted is logged with all that a person needs.
        """
        named = read_payload(payload)
        if named is None:
            _log.error("money for no payment of ours: charge %s, payload %r", charge_id, payload)
            return
        reference = (
            f"{charge_id}{_BETWEEN}{provider_charge_id}" if provider_charge_id else charge_id
        )
        request = Report(
            show_id=named[0],
            payment_id=named[1],
            event_id=charge_id,
            state=PaymentState.CAPTURED,
            amount_minor=amount_minor,
            currency=currency,
            reference=reference[: limits.REFERENCE_LENGTH],
            actor=f"gateway:{NAME}",
        )
        for attempt in range(_TIMES):
            try:
                answer = await self._office.report(request)
            except (StorageLost, Overloaded):
                _log.warning("money waits to be noted (%d): charge %s", attempt + 1, charge_id)
                await asyncio.sleep(self._pause_s)
                continue
            if not isinstance(answer, Paid | Noted | GivenBack):
                told = type(answer).__name__
                _log.error("money not noted (%s): charge %s for %r", told, reference, payload)
            return
        _log.error(
            "money could not be noted: charge %s for %r: note it by hand", reference, payload
        )


def is_test(provider_token: str) -> bool:
    """Whether a provider's token moves no money: it says so itself."""
    return ":TEST:" in provider_token


def _said(payment: Payment, state: str, event_id: str = "", action: str = "") -> GatewayReport:
    return GatewayReport(
        event_id=event_id,
        state=state,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        action=action,
    )
