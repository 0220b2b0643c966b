"""Letters: what a message says, once, for every channel.

A template has three blocks: the title, the body, and what to do next; a fourth, `bare`, says the
latter to who gets no papers. Channels set them as they can: Telegram in bold, e-mail as a page.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from core.catalogue import unprintable
from core.messages import LANES, Effect, Kind, Lane
from core.views import CustomerView, PurchaseView, ShowView, Views
from language import Speech, closest, speech
from notifier.facts import facts_of
from notifier.papers import Papers
from notifier.papers.making import Bundle
from notifier.standing import early_ms, stands

DOMAIN = "notifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message to one person, ready for any channel. `key` names it for ever."""

    key: str
    kind: str
    show_id: int
    purchase_id: str
    title: str
    body: str
    next: str
    bare: str
    """What to do next for who gets no papers with it; '' where that is the same."""
    speech: Speech
    name: str
    """The reader's, without line breaks and marks that turn the writing; '' if not known."""
    link: str
    """Where the reader goes on; '' if nowhere."""
    code: str
    """The order's; '' before there is one."""
    bundle: Bundle | None = field(default=None, repr=False)
    """Tickets, for a receipt."""

    @property
    def urgent(self) -> bool:
        """Whether a clock runs for the reader."""
        return LANES[Kind(self.kind)] is Lane.CALLS

    @property
    def news(self) -> bool:
        """Whether it can be done without, and so be unsubscribed from."""
        return LANES[Kind(self.kind)] is Lane.NEWS

    @property
    def text(self) -> str:
        """All of it as plain text, without the title."""
        hello = self.speech.text("Hello, {name}.", name=self.name) if self.name else ""
        return "\n\n".join(part for part in (hello, self.body, self.next) if part)


def environment() -> Environment:
    """Return how templates are read: plain texts, and a fact that is missing is an error."""
    return Environment(
        loader=PackageLoader("notifier"),
        autoescape=False,  # noqa: S701 - they make plain text; e-mail's HTML is escaped as a whole
        undefined=StrictUndefined,
        trim_blocks=False,
    )


class Letters:
    """Writes letters from what is committed."""

    def __init__(
        self,
        look: Views,
        papers: Papers,
        link: Callable[[int, str], str],
        moves_money: Callable[[str], bool],
        language: str,
    ) -> None:
        self._look = look
        self._papers = papers
        self._link = link
        self._moves_money = moves_money
        self._language = language
        self._templates = environment()
        self._drawing = asyncio.Lock()

    async def write(self, effect: Effect, person: CustomerView, now_ms: int) -> Letter | int | None:
        """Write a message as it is true now; None: it is not; a number: it is so many ms early."""
        show = await self._look.show(effect.show_id)
        view = await self._look.purchase(effect.show_id, effect.purchase_id or "")
        assert show is not None, "a message is about a show"
        assert view is not None, "a message is about a purchase"
        if not stands(effect, show, view, now_ms):
            return None
        early = early_ms(effect, show, now_ms)
        if early > 0:
            return early
        if effect.kind != Kind.RECEIPT:
            return self.compose(effect, person, show, view)
        # Papers take their time: nobody else's message waits for them, and no two are made at once.
        async with self._drawing:
            return await asyncio.to_thread(self.compose, effect, person, show, view)

    def compose(
        self, effect: Effect, person: CustomerView, show: ShowView, view: PurchaseView
    ) -> Letter:
        """Write a message from these facts."""
        here = speech(closest(person.language, self._language), DOMAIN)
        facts = facts_of(effect, show, view, here, self._moves_money)
        template = self._templates.get_template(f"{effect.kind}.txt")
        context = template.new_context(facts)
        parts = {
            name: "".join(template.blocks[name](context)).strip()
            for name in ("title", "body", "next", "bare")
            if name in template.blocks
        }
        receipt = effect.kind == Kind.RECEIPT
        parts.setdefault("bare", "")
        return Letter(
            key=effect.key,
            kind=effect.kind,
            show_id=effect.show_id,
            purchase_id=view.purchase.purchase_id,
            speech=here,
            name="".join(letter for letter in person.name if not unprintable(letter)),
            link=self._link(effect.show_id, view.purchase.purchase_id),
            code=view.order_code or "",
            bundle=self._papers.bundle(show, view, here.language) if receipt else None,
            **parts,
        )
