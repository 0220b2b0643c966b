"""The buttons under the messages that the notifier sends: taps on them are the bot's.

They carry no step, as the notifier does not know it: what they ask for is harmless to ask again.
"""

from collections.abc import Sequence

from telegram import InlineKeyboardButton

from bot.marks import Do, Marks, Tap
from bot.room import DOMAIN
from core.messages import Kind
from language import Speech, speech


class Keyboards:
    """Gives a message its buttons; handed to the notifier by app/."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def __call__(
        self, kind: str, show_id: int, purchase_id: str, spoken: Speech
    ) -> Sequence[Sequence[InlineKeyboardButton]]:
        """Return the rows of buttons; `spoken` says in which language."""
        keys = _keys(kind, show_id, purchase_id, speech(spoken.language, DOMAIN))
        return [
            [InlineKeyboardButton(text, callback_data=self._marks.write(tap))] for text, tap in keys
        ]


def _keys(kind: str, show_id: int, purchase_id: str, said: Speech) -> list[tuple[str, Tap]]:
    def at(do: Do) -> Tap:
        return Tap(do=do, show_id=show_id, purchase_id=purchase_id)

    show = (said.text("The show"), Tap(do=Do.SHOW, show_id=show_id))
    if not purchase_id:
        return [show]
    match kind:
        case Kind.YOUR_TURN:
            return [(said.text("Choose my tickets"), at(Do.CLAIM))]
        case Kind.RECEIPT:
            pdf = (said.text("Tickets (PDF)"), at(Do.TICKETS))
            return [pdf, (said.text("QR codes"), at(Do.CODES))]
        case Kind.PAYMENT_READY | Kind.PAYMENT_DECLINED:
            return [(said.text("To the payment"), at(Do.VIEW))]
        case Kind.CALL_LAPSED | Kind.TIME_ENDED | Kind.SALE_CLOSED | Kind.SHOW_CANCELLED:
            return [show]
        case Kind.SHOW_CHANGED:
            return [show, (said.text("My place"), at(Do.VIEW))]
        case _:
            return [(said.text("My place"), at(Do.VIEW))]
