"""The buttons under the messages that the notifier sends: taps on them are the bot's.

They carry no step, as the notifier does not know it: what they ask for is harmless to ask again.
"""

from bot.marks import Do, Marks, Tap
from bot.screens import Key
from core.messages import Kind
from language import Speech

Rows = list[list[tuple[str, str]]]


def for_message(
    marks: Marks, kind: str, show_id: int, purchase_id: str | None, speech: Speech
) -> Rows:
    """Return the rows of (text, callback data) under a message of this kind."""
    rows = [[key] for key in _keys(kind, show_id, purchase_id or "", speech)]
    return [[(key.text, marks.write(key.tap)) for key in row if key.tap] for row in rows]


def _keys(kind: str, show_id: int, purchase_id: str, speech: Speech) -> list[Key]:
    def at(do: Do) -> Tap:
        return Tap(do=do, show_id=show_id, purchase_id=purchase_id)

    show = Key(speech.text("The show"), Tap(do=Do.SHOW, show_id=show_id))
    if not purchase_id:
        return [show]
    place = Key(speech.text("My place"), at(Do.VIEW))
    match kind:
        case Kind.YOUR_TURN:
            return [Key(speech.text("Choose my tickets"), at(Do.CLAIM))]
        case Kind.RECEIPT:
            return [
                Key(speech.text("Tickets (PDF)"), at(Do.TICKETS)),
                Key(speech.text("QR codes"), at(Do.CODES)),
            ]
        case Kind.PAYMENT_READY | Kind.PAYMENT_DECLINED:
            return [Key(speech.text("To the payment"), at(Do.VIEW))]
        case Kind.CALL_LAPSED | Kind.TIME_ENDED | Kind.SALE_CLOSED | Kind.SHOW_CANCELLED:
            return [show]
        case _:
            return [place]
