"""What the bot is made with, and who it speaks to. Handed in by app/, carried by each context."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from telegram import Update, User

from bot.marks import Marks
from bot.posting import Post
from bot.screens import printable
from bot.showing import Look
from core.box_office import BoxOffice
from core.offers import Offer
from core.payments import Ticket
from core.requests import TELEGRAM, Register
from core.views import PurchaseView, ShowView
from language import closest, speech

DOMAIN = "bot"
_NAME_MAX = 80
_BLANK = " \u115f\u1160\u2800\u3164\uffa0"
"""What can be a name in Telegram, and shows nothing."""


class Papers(Protocol):
    """Makes the papers of an order."""

    def tickets(self, show: ShowView, view: PurchaseView, language: str) -> bytes:
        """Return the valid tickets as a PDF. Takes its time: it is called in a thread."""
        ...


class Till(Protocol):
    """Takes payments made in Telegram itself."""

    async def agree(self, payload: str, amount_minor: int, currency: str) -> bool:
        """Say whether the money of this invoice may be taken now: one read, one step."""
        ...

    async def take(
        self,
        payload: str,
        amount_minor: int,
        currency: str,
        charge_id: str,
        provider_charge_id: str = "",
    ) -> None:
        """Note money that was taken, by Telegram's and the provider's ids of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The bot's own: the one door, and what it needs to show and send."""

    office: BoxOffice
    offers: Callable[[ShowView], tuple[Offer, ...]]
    marks: Marks
    post: Post
    changes: Callable[[], AsyncGenerator[frozenset[int]]]
    ticket_code: Callable[[Ticket], str]
    house: str
    language: str
    """Spoken to who tells no language."""
    time_zone: str
    """For dates that people write."""
    papers: Papers | None = None
    till: Till | None = None

    def look(self, visitor: "Visitor") -> Look:
        """Return what screens for this person are made with."""
        return Look(
            speech=speech(visitor.language, DOMAIN),
            marks=self.marks,
            now_ms=self.office.clock.now_ms(),
            bot_name=self.post.bot.username,
        )

    async def recognised(self, visitor: "Visitor") -> "Visitor":
        """Return a visitor as the office knows them now, in the language that they chose."""
        found = await self.office.look.customer_with(TELEGRAM, str(visitor.user_id))
        if found is None:
            return replace(visitor, customer_id=None)
        return replace(visitor, customer_id=found.customer_id, language=found.language)

    async def registered(self, visitor: "Visitor") -> "Visitor":
        """Return a recognised visitor as a customer, made one if need be."""
        if visitor.customer_id is not None:
            return visitor
        made_of = ("customer", visitor.user_id, visitor.update_id)
        answer = await self.office.register(
            Register(
                customer_id=self.marks.new_id(*made_of),
                contacts=((TELEGRAM, str(visitor.user_id)),),
                name=visitor.name,
                language=visitor.language,
            )
        )
        return replace(visitor, customer_id=getattr(answer, "customer_id", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who did something, where, by which update."""

    user_id: int
    chat_id: int
    update_id: int
    name: str
    language: str
    customer_id: str | None = None
    """Who this is to the office; None: nobody yet, or not looked up."""


def _name(user: User) -> str:
    """Return what somebody is called: their name, else that by which Telegram finds them."""
    name = printable(user.full_name).strip(_BLANK) or (f"@{user.username}" if user.username else "")
    return name[:_NAME_MAX]


def visitor_of(update: Update, language: str) -> Visitor:
    """Return who caused an update; `language` is spoken to who tells none."""
    user, chat = update.effective_user, update.effective_chat
    assert user is not None, "every update that is handled has its person"
    return Visitor(
        user_id=user.id,
        chat_id=user.id if chat is None else chat.id,
        update_id=update.update_id,
        name=_name(user),
        language=closest(user.language_code, language),
    )
