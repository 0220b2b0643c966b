"""Orders and tickets as people meet them: the order code, what a receipt says, a ticket's code.

A ticket's code is `B1.<show>.<order number>.<ticket number>.<fare number>.<signature>` with the
text before the last point signed by the house (Ed25519, through `ports.Signer`). The signature is
what makes it unguessable, and as Ed25519 always signs the same text the same way it need not be
stored. All of it is in the alphanumeric set of QR codes, which makes for a small symbol. `B1` is
the first form of the code: another form will begin otherwise.
"""

import re
from dataclasses import dataclass

from core.payments import Ticket
from core.ports import Signer, Verifier

SIGNATURE_LENGTH = 103
"""Characters of an Ed25519 signature in base 32 without padding."""
_TAIL = 4
_ORDER = re.compile(r"([0-9]{1,9})-([0-9]{1,10})-([0-9A-Z]{4})")
_CODE_LENGTH_MAX = 200
_TICKET = re.compile(
    r"B1\.([0-9]{1,9})\.([0-9]{1,10})\.([0-9]{1,4})\.([0-9]{1,4})"
    rf"\.([A-Z2-7]{{{SIGNATURE_LENGTH}}})",
)


def order_code(show_id: int, order_no: int, purchase_id: str) -> str:
    """Return what a person quotes: show, number, and a tail that shows it was not guessed."""
    return f"{show_id}-{order_no}-{purchase_id[-_TAIL:].upper()}"


def read_order_code(text: str) -> tuple[int, int, str] | None:
    """Return (show id, order number, tail) of an order code, or None if it is none."""
    found = _ORDER.fullmatch(text.strip().upper())
    return (int(found[1]), int(found[2]), found[3]) if found else None


@dataclass(frozen=True, slots=True)
class TicketName:
    """What a ticket's code says."""

    show_id: int
    order_no: int
    ticket_no: int
    fare_no: int

    @property
    def text(self) -> str:
        """The part of the code that is signed."""
        return f"B1.{self.show_id}.{self.order_no}.{self.ticket_no}.{self.fare_no}"


def ticket_code(ticket: Ticket, signer: Signer) -> str:
    """Return the signed code of a ticket."""
    name = TicketName(ticket.show_id, ticket.order_no, ticket.ticket_no, ticket.fare_no)
    return f"{name.text}.{signer.sign(name.text)}"


def read_ticket_code(code: str, verifier: Verifier) -> TicketName | None:
    """Return what a genuine code says, or None: not a code of ours, or not signed by the house."""
    found = _TICKET.fullmatch(code.strip().upper()) if len(code) <= _CODE_LENGTH_MAX else None
    if found is None:
        return None
    name = TicketName(*(int(part) for part in found.groups()[:4]))
    return name if verifier.verify(name.text, found[5]) else None
