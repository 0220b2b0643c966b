"""Makes the papers of a purchase. Each call takes some 5 ms of a processor for each ticket."""

from collections.abc import Callable
from dataclasses import dataclass

from core.ports import Signer
from core.views import PurchaseView, ShowView
from language import speech
from notifier.papers.calendar import calendar
from notifier.papers.sheets import Sheet, sheets
from notifier.papers.symbols import qr_png

DOMAIN = "notifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A ticket's code as a PNG picture, with what is written under it."""

    name: str
    content: bytes
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All the papers of a purchase."""

    pdf: bytes
    pictures: tuple[Picture, ...]
    calendar: bytes


class Papers:
    """The papers of one house."""

    def __init__(self, house: str, signer: Signer, moves_money: Callable[[str], bool]) -> None:
        self._house = house
        self._signer = signer
        self._moves_money = moves_money

    def tickets(self, show: ShowView, view: PurchaseView, language: str) -> bytes:
        """Return the valid tickets as a PDF, a page each."""
        found = sheets(show, view, self._signer)
        return self._pdf(found, [qr_png(one.code) for one in found], view, language)

    def bundle(self, show: ShowView, view: PurchaseView, language: str) -> Bundle:
        """Return everything at once: each symbol is made only once."""
        found = sheets(show, view, self._signer)
        symbols = [qr_png(one.code) for one in found]
        here = speech(language, DOMAIN)
        pictures = tuple(
            Picture(
                name=f"{one.order_code}-{one.ticket_no}.png",
                content=symbol,
                caption=f"{one.title} · {one.tier} · {one.fare} · {one.ticket_no}/{one.of}",
            )
            for one, symbol in zip(found, symbols, strict=True)
        )
        order = view.order
        assert order is not None, "papers are of an order"
        told = here.plural(
            "Order {code}: {n} ticket",
            "Order {code}: {n} tickets",
            len(found),
            code=view.order_code,
        )
        return Bundle(
            pdf=self._pdf(found, symbols, view, language),
            pictures=pictures,
            calendar=calendar(found[0], order.placed_ms, told),
        )

    def _pdf(
        self,
        found: tuple[Sheet, ...],
        symbols: list[bytes],
        view: PurchaseView,
        language: str,
    ) -> bytes:
        from notifier.papers.printing import pdf  # noqa: PLC0415 - takes a second to load

        assert view.order is not None, "papers are of an order"
        pages = list(zip(found, symbols, strict=True))
        here = speech(language, DOMAIN)
        paid = next(p for p in view.payments if p.payment_id == view.purchase.payment_id)
        real = self._moves_money(paid.gateway)
        return pdf(pages, self._house, view.order.placed_ms, here, moves_money=real)
