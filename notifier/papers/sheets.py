"""What stands on a ticket, whatever it is printed on."""

import json
from dataclasses import dataclass
from typing import Any

from core.payments import Ticket, TicketState
from core.ports import Signer
from core.receipts import ticket_code
from core.views import PurchaseView, ShowView


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One ticket. Amounts are minor units, instants epoch ms in the venue's zone."""

    title: str
    starts_ms: int
    doors_ms: int | None
    time_zone: str
    venue: str
    address: str
    tier: str
    fare: str
    proof: bool
    """Whether the right to the fare is proved at the door."""
    document: bool
    """Whether the holder's own document was asked for, and is looked at."""
    price_minor: int
    fee_minor: int
    currency: str
    order_code: str
    ticket_no: int
    of: int
    """How many tickets the order had."""
    code: str
    """The signed code that the door reads."""


def sheets(show: ShowView, view: PurchaseView, signer: Signer) -> tuple[Sheet, ...]:
    """Return the valid tickets of a purchase, in order."""
    if view.order is None or view.order_code is None:
        return ()
    plain: dict[str, Any] = json.loads(show.plain)
    venue: dict[str, Any] = plain["venue"]
    place = (venue["address"], venue["city"], venue["region"])
    tiers = {tier.tier_no: tier.name for tier in show.tiers}
    fares = {fare.fare_no: fare for fare in show.fares}

    def sheet(ticket: Ticket) -> Sheet:
        fare = fares[ticket.fare_no]
        return Sheet(
            title=show.card.title,
            starts_ms=show.card.starts_ms,
            doors_ms=plain["doors_ms"],
            time_zone=show.card.time_zone,
            venue=show.card.venue,
            address=", ".join(part for part in place if part),
            tier=tiers[fare.tier_no],
            fare=fare.name,
            proof=fare.proof,
            document=fare.document,
            price_minor=ticket.price_minor,
            fee_minor=ticket.fee_minor,
            currency=show.card.currency,
            order_code=view.order_code or "",
            ticket_no=ticket.ticket_no,
            of=len(view.tickets),
            code=ticket_code(ticket, signer),
        )

    return tuple(sheet(one) for one in view.tickets if one.state is TicketState.VALID)
