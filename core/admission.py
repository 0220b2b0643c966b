"""The door: a ticket lets one person in, once."""

from core import limits
from core.outcomes import Admitted, AlreadyUsed, Malformed, NotValid, UnknownTicket
from core.payments import TicketState
from core.requests import CheckIn
from core.sale import Sale

CheckInAnswer = Admitted | AlreadyUsed | NotValid | UnknownTicket | Malformed


def check_in(sale: Sale, request: CheckIn) -> CheckInAnswer:
    """Mark a ticket used, or say when and where it was, or that it was refunded."""
    ticket = sale.tickets.get((request.order_no, request.ticket_no))
    if ticket is None:
        return UnknownTicket(f"{request.order_no}.{request.ticket_no}")
    if len(request.where) > limits.NAME_LENGTH:
        return Malformed("where", f"give at most {limits.NAME_LENGTH} characters")
    if ticket.state is not TicketState.VALID:
        return NotValid(ticket.state)
    if ticket.used_ms is not None:
        return AlreadyUsed(ticket.used_ms, ticket.used_where)
    ticket.used_ms, ticket.used_where = sale.now_ms, request.where
    purchase = sale.purchases[ticket.purchase_id]
    sale.record("checked_in", request.actor, purchase, facts={"tickets": [ticket.cells()]})
    fare = sale.stock.fares[ticket.fare_no]
    return Admitted(sale.stock.tiers[fare.tier_no].name, fare.name, bool(fare.proof))
