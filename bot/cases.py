"""A purchase with what its screens need, and what they all begin with.

Every clock is told as a time of day at the show's place, and as what is left of it at the moment
of asking: the first stays right however late the message is read.
"""

from dataclasses import dataclass
from typing import Any

from bot.marks import Do, Tap
from bot.screens import bold, cut
from bot.showing import Look, terms_of, when
from core.offers import Offer
from core.payments import Ticket, TicketState
from core.views import PurchaseView, ShowView

_TITLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A purchase with what its screen needs."""

    look: Look
    show: ShowView
    view: PurchaseView
    offers: tuple[Offer, ...]
    first_waiting: int | None
    """The number at the head of the line."""

    @property
    def terms(self) -> dict[str, Any]:
        """The terms of the show, as it was published."""
        return terms_of(self.show)

    @property
    def unused(self) -> tuple[Ticket, ...]:
        """The tickets that can still be given back."""
        return tuple(
            one
            for one in self.view.tickets
            if one.state is TicketState.VALID and one.used_ms is None
        )

    def tap(self, do: Do, *args: int) -> Tap:
        """Return what a button of this screen carries."""
        purchase = self.view.purchase
        return Tap(
            do=do,
            show_id=purchase.show_id,
            purchase_id=purchase.purchase_id,
            step=purchase.last_seq,
            args=args,
        )

    @property
    def moves_money(self) -> bool:
        """Whether what is offered is real; if not, screens of paying and tickets say so."""
        return all(offer.moves_money for offer in self.offers)


def head(case: Case) -> str:
    """Say which show it is."""
    card = case.show.card
    return f"{bold(cut(card.title, _TITLE))}\n{when(case.look, card)}"


def until(case: Case) -> str:
    """Say until when, as a time of day, and how long that is from now."""
    speech, deadline_ms = case.look.speech, case.view.purchase.deadline_ms
    if deadline_ms is None:
        return ""
    zone = case.show.card.time_zone
    at = speech.clock_time(deadline_ms, zone)
    left_ms = deadline_ms - case.look.now_ms
    if left_ms <= 0:
        return speech.text("Until {at}: that has passed, it is being settled.", at=at)
    return speech.text("Until {at} ({left} from now).", at=at, left=speech.span(left_ms))
