"""Tickets on paper: a page each, made for the phone's screen and the home printer.

The letters are the PDF reader's own Helvetica: nothing to embed, 3 KB a page, text that can be
selected and searched. It has the alphabets of western Europe; what is not in them is written as it
sounds there, 'Αντιγόνη' as 'Antigoni', and pictures are left out. The title of the document keeps
its letters. Loading the library takes a second: this module is imported late.
"""

import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from anyascii import anyascii
from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from core.money import NBSP
from language import Speech
from notifier.facts import doors_text
from notifier.papers.sheets import Sheet

_ENCODING = "cp1252"
_LEFT_OUT = {"Mn", "Me", "Cf", "So", "Sk"}
"""Marks, joiners, pictures and their modifiers; signs of currencies are not among them."""
_WIDTH_MM, _HEIGHT_MM, _MARGIN_MM = 148, 210, 12
_TEXT_MM = _WIDTH_MM - 2 * _MARGIN_MM
_QR_MM = 66
_QR_TOP_MM = 118
_LINE_MM = 0.45
"""Of a line, for each point of its letters."""
_ROOM_MM = 3
"""What the library keeps free beside a text."""


def printable(text: str) -> str:
    """Return the text in the letters that the page has."""
    try:
        text.encode(_ENCODING)
    except UnicodeEncodeError:
        return "".join(map(_letter, unicodedata.normalize("NFC", text)))
    return text


def _letter(character: str) -> str:
    try:
        character.encode(_ENCODING)
    except UnicodeEncodeError:
        left_out = unicodedata.category(character) in _LEFT_OUT
        return "" if left_out else anyascii(character) or "?"
    return character


class _Page(FPDF):
    """A document of small pages with one face of letters."""

    def __init__(self) -> None:
        super().__init__(unit="mm", format=(_WIDTH_MM, _HEIGHT_MM))
        self.core_fonts_encoding = "windows-1252"
        self.set_auto_page_break(auto=False)
        self.set_margins(_MARGIN_MM, _MARGIN_MM)

    def line_of(self, text: str, size_pt: float, style: str = "") -> None:
        """Write a paragraph across the page."""
        self.set_font("helvetica", style, size_pt)
        text = printable(text)
        short = self.get_string_width(text) < _TEXT_MM - _ROOM_MM
        for line in [text] if short else _lines(text, size_pt, style):
            self.cell(_TEXT_MM, size_pt * _LINE_MM, line, new_x="LMARGIN", new_y="NEXT")

    def title_of(self, text: str) -> None:
        """Write a show's title, smaller if it is long."""
        size_pt = 20 if self.wide(text, 20, "B") <= _TEXT_MM * 2 else 14
        self.line_of(self.cut(text, size_pt, 3, "B"), size_pt, "B")

    def cut(self, text: str, size_pt: float, lines: int, style: str = "") -> str:
        """Return what of a text has room in so many lines: the rest would run into the code."""
        while self.wide(text, size_pt, style) > _TEXT_MM * (lines - 0.5):
            text = text[: -max(len(text) // 10, 2)] + "…"
        return text

    def wide(self, text: str, size_pt: float, style: str) -> float:
        """Return how wide a text is, in mm."""
        self.set_font("helvetica", style, size_pt)
        return self.get_string_width(printable(text))


@lru_cache(maxsize=1_000)  # Shows and phrases come again on each ticket; breaking is slow.
def _lines(text: str, size_pt: float, style: str) -> Sequence[str]:
    """Return a paragraph as the lines that have room across the page."""
    page = _Page()
    page.add_page()
    page.set_font("helvetica", style, size_pt)
    found = page.multi_cell(_TEXT_MM, text=text, dry_run=True, output=MethodReturnValue.LINES)
    assert isinstance(found, list), "the lines were asked for"
    return [line.encode("latin-1").decode(_ENCODING) for line in found]  # Bytes posing as letters.


def pdf(
    tickets: Sequence[tuple[Sheet, bytes]],
    house: str,
    placed_ms: int,
    speech: Speech,
    *,
    moves_money: bool = True,
) -> bytes:
    """Return a page for each (ticket, QR symbol)."""
    page = _Page()
    page.set_creation_date(datetime.fromtimestamp(placed_ms / 1_000, UTC))
    page.set_lang(speech.language)
    for sheet, symbol in tickets:
        page.set_title(f"{sheet.title} {sheet.order_code}")
        page.add_page()
        _draw(page, sheet, house, speech)
        left_mm = (_WIDTH_MM - _QR_MM) / 2
        page.image(io.BytesIO(symbol), x=left_mm, y=_QR_TOP_MM, w=_QR_MM, h=_QR_MM)
        _foot(page, sheet, speech, moves_money=moves_money)
    return bytes(page.output())


def _draw(page: _Page, sheet: Sheet, house: str, speech: Speech) -> None:
    page.set_text_color(90)
    number = speech.text("Ticket {number} of {total}", number=sheet.ticket_no, total=sheet.of)
    page.line_of(f"{house} · {number}", 9)
    page.set_text_color(0)
    page.ln(1)
    page.title_of(sheet.title)
    page.ln(2)
    page.line_of(speech.moment(sheet.starts_ms, sheet.time_zone), 11, "B")
    doors = doors_text(sheet.doors_ms, sheet.starts_ms, sheet.time_zone, speech)
    if doors:
        page.line_of(doors, 10)
    page.line_of(page.cut(f"{sheet.venue}, {sheet.address}", 10, 4), 10)
    page.ln(2)
    page.line_of(page.cut(f"{sheet.tier} · {sheet.fare}", 13, 3, "B"), 13, "B")
    price = speech.money(sheet.price_minor, sheet.currency)
    fee = speech.money(sheet.fee_minor, sheet.currency)
    cost = speech.text("Price {price}", price=price)
    if sheet.fee_minor:
        cost += " · " + speech.text("service fee {fee}", fee=fee)
    page.line_of(cost.replace(NBSP, " "), 10)
    if sheet.proof:
        page.ln(1)
        page.line_of(
            speech.text("Document needed: bring proof of your right to this fare."), 11, "B"
        )
    if sheet.document:
        page.line_of(
            speech.text("Document needed: the holder shows the document given at purchase."),
            11,
            "B",
        )


def _foot(page: _Page, sheet: Sheet, speech: Speech, *, moves_money: bool) -> None:
    page.set_y(_QR_TOP_MM + _QR_MM + 1)
    page.line_of(speech.text("Order {code}", code=sheet.order_code), 12, "B")
    page.set_text_color(90)
    said = speech.text("This code lets one person in, once. Show it to nobody before the door.")
    if not moves_money:
        page.set_text_color(180, 0, 0)
        said = speech.text("Made for trying out: no money was paid, and no door opens to it.")
    page.line_of(said, 7.5)
    page.set_text_color(0)
