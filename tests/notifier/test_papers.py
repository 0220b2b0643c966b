"""Tickets as people keep them: read back from the PDF, the pictures and the calendar file."""

import dataclasses
import io
from collections.abc import AsyncGenerator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from core.receipts import read_ticket_code
from core.requests import Choose, Refund, Report
from core.views import PurchaseView, ShowView
from notifier.papers import Papers
from notifier.papers.calendar import calendar
from notifier.papers.printing import printable
from notifier.papers.sheets import sheets
from notifier.papers.symbols import qr_png
from tests.auxil.drafts import CPF, fare, show, tier
from tests.auxil.fans import Fan
from tests.auxil.offices import SIGNER
from tests.auxil.post import Post, posting

MEIA = fare("Meia-entrada", 5_000, 500, proof=True)
SOCIAL = fare("Inteira solidária", 4_250, 0, document=True)
DRAFT = show(tier("Plateia A", 20, fare("Inteira", 10_000, 1_000), MEIA, SOCIAL), slug="s")


@pytest.fixture
async def post(tmp_path: Path) -> AsyncGenerator[Post]:
    async with posting(tmp_path, draft=DRAFT) as opened:
        yield opened


async def seen(post: Post, name: str = "ana") -> tuple[ShowView, PurchaseView]:
    a_show, view = await post.office.look.show(1), await post.office.look.purchase(1, name)
    assert a_show is not None
    assert view is not None
    return a_show, view


@pytest.fixture
async def bought(post: Post) -> tuple[ShowView, PurchaseView]:
    """One ticket of each fare."""
    await post.registered("ana", ("email", "ana@example.org"))
    fan = Fan(post.office, 1, "ana")
    await fan.join()
    wanted = ((1, 1), (2, 1), (3, 1))
    await post.office.choose(Choose(show_id=1, purchase_id="ana", wanted=wanted, document=CPF))
    await fan.check_out()
    await fan.pay(20_750)
    return await seen(post)


def papers(*, real: bool = True) -> Papers:
    return Papers("Circo Voador", SIGNER, lambda _gateway: real)


def texts(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def shown(content: bytes) -> list[Image.Image]:
    """Show the pages as a reader does, 840 pixels wide."""
    with pypdfium2.PdfDocument(content) as document:
        return [page.render(scale=2).to_pil() for page in document]


def codes(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


async def test_a_page_a_ticket_says_what_the_door_and_the_holder_need(
    bought: tuple[ShowView, PurchaseView],
):
    a_show, view = bought
    whole, half, social = texts(papers().tickets(a_show, view, "pt-BR"))
    for number, page in enumerate((whole, half, social), 1):
        assert f"Ingresso {number} de 3" in page
        assert "Show s" in page
        assert "terça-feira, 16 de abril de 2030, 14:46 (Horário Padrão de Brasília)" in (
            page.replace("\n", " ")
        )
        assert "Circo Voador, Rua dos Arcos, s/n, Rio de Janeiro, RJ" in page
        assert f"Pedido {view.order_code}" in page
    assert "Plateia A · Inteira" in whole
    assert "Preço R$ 100,00 · taxa de serviço R$ 10,00" in whole
    assert "Documento necessário" not in whole
    assert "comprovante do direito" in half
    assert "Plateia A · Inteira solidária" in social
    assert "taxa" not in social
    assert "documento informado na compra" in social


async def test_tickets_speak_english_too(bought: tuple[ShowView, PurchaseView]):
    page = texts(papers().tickets(*bought, "en"))[0]
    assert "Ticket 1 of 3" in page
    assert "Tuesday, 16 April 2030, 14:46 (Brasilia Standard Time)" in page.replace("\n", " ")
    assert "Price R$100.00 · service fee R$10.00" in page


async def test_the_codes_are_read_back_from_the_pdf_and_are_the_house_s(
    bought: tuple[ShowView, PurchaseView],
):
    a_show, view = bought
    wanted = [sheet.code for sheet in sheets(a_show, view, SIGNER)]
    read = [codes(page) for page in shown(papers().tickets(a_show, view, "pt-BR"))]
    assert read == [[code] for code in wanted]
    named = [read_ticket_code(code, SIGNER) for code in wanted]
    assert [(one.ticket_no, one.fare_no) for one in named if one] == [(1, 1), (2, 2), (3, 3)]


async def test_the_codes_are_read_back_from_the_pictures(bought: tuple[ShowView, PurchaseView]):
    a_show, view = bought
    bundle = papers().bundle(a_show, view, "pt-BR")
    read = [codes(Image.open(io.BytesIO(one.content))) for one in bundle.pictures]
    assert read == [[sheet.code] for sheet in sheets(a_show, view, SIGNER)]
    assert bundle.pictures[1].caption == "Show s · Plateia A · Meia-entrada · 2/3"
    assert bundle.pdf == papers().tickets(a_show, view, "pt-BR")


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.7])
def test_a_code_is_read_at_the_size_of_a_phone(scale: float):
    code = f"B1.123456789.1234567890.1234.1234.{'A' * 103}"
    symbol = Image.open(io.BytesIO(qr_png(code))).convert("L")
    size = tuple(int(side * scale) for side in symbol.size)
    assert codes(symbol.resize(size)) == [code]


async def test_the_same_purchase_makes_the_same_papers(bought: tuple[ShowView, PurchaseView]):
    assert papers().bundle(*bought, "pt-BR") == papers().bundle(*bought, "pt-BR")


async def test_refunded_tickets_are_no_papers(post: Post, bought: tuple[ShowView, PurchaseView]):
    back = Refund(show_id=1, purchase_id="ana", refund_id="r", reason="ill", ticket_nos=(2,))
    await post.office.refund(back)
    pages = texts(papers().tickets(*await seen(post), "pt-BR"))
    assert ["Ingresso 1 de 3" in pages[0], "Ingresso 3 de 3" in pages[1]] == [True, True]
    assert len(pages) == 2


async def test_play_money_makes_papers_that_say_so(bought: tuple[ShowView, PurchaseView]):
    for page in texts(papers(real=False).tickets(*bought, "pt-BR")):
        assert "nada foi pago" in page.replace("\n", " ")
    for page in texts(papers().tickets(*bought, "pt-BR")):
        assert "nada foi pago" not in page.replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Ação, coração e pão de ló: 5 €", "Ação, coração e pão de ló: 5 €"),
        ("“Aspas” – e ’apóstrofo’", "“Aspas” – e ’apóstrofo’"),
        ("Dvořák & Łódź", "Dvorák & Lódz"),
        ("Αντιγόνη του Σοφοκλή", "Antigoni toy Sofokli"),
        ("Дмитрий, Чайка", "Dmitriy, Chayka"),
        ("李小龍", "LiXiaoLong"),
        ("محمود درويش", "mhmwd drwysh"),
        ("Cafe\u0301 do Joa\u0303o: \u0141o\u0301dz\u0301", "Café do João: Lódz"),
        ("5 ₹, 3 ₿ \ue000", "5 Rs, 3 BTC ?"),
        ("Şükrü Yıldız, İzmir, ğ", "Sükrü Yildiz, Izmir, g"),
        ("Příliš žluťoučký kůň", "Príliš žlutoucký kun"),
        ("Đurđa, Ħal Għaxaq", "Durda, Hal Ghaxaq"),
        ("teatro 🎭👩\u200d🎤 hoje", "teatro  hoje"),
    ],
)
def test_letters_that_the_page_lacks_lose_their_marks_and_no_more(text: str, printed: str):
    assert printable(text) == printed


async def test_accents_and_the_euro_sign_come_out_right(tmp_path: Path):
    draft = show(tier("Balcão nobre", 5, fare("Acessível à família", 1_000, 150)), slug="s")
    draft = dataclasses.replace(draft, title="Ópera: «Così fan tutte» à bênção", currency="EUR")
    async with posting(tmp_path, draft=draft) as post:
        await post.registered("ana", ("email", "a@b.c"))
        fan = Fan(post.office, 1, "ana")
        await fan.join()
        await fan.choose(1)
        await fan.check_out()
        paid = Report(
            show_id=1,
            payment_id="ana-pay",
            event_id="e",
            state="captured",
            amount_minor=1_150,
            currency="EUR",
        )
        await post.office.report(paid)
        page = texts(papers().tickets(*await seen(post), "pt-BR"))[0]
    assert "Ópera: «Così fan tutte» à bênção" in page.replace("\n", " ")
    assert "Balcão nobre · Acessível à família" in page
    assert "Preço € 10,00 · taxa de serviço € 1,50" in page


async def test_letters_beyond_the_page_s_are_written_as_they_sound(tmp_path: Path):
    draft = dataclasses.replace(show(tier("Партер", 5), slug="s"), title="Αντιγόνη 霸王別姬")
    async with posting(tmp_path, draft=draft) as post:
        await post.bought("ana", ("email", "a@b.c"))
        content = papers().tickets(*await seen(post), "pt-BR")
    page = texts(content)[0]
    assert "Antigoni BaWangBieJi" in page
    assert "Parter · inteira" in page
    info = PdfReader(io.BytesIO(content)).metadata
    assert info is not None
    assert (info.title or "").startswith("Αντιγόνη 霸王別姬")


async def test_the_longest_title_leaves_room_for_the_rest(tmp_path: Path):
    draft = show(tier("Pista", 5), slug="s")
    draft = dataclasses.replace(draft, title=("OMMWM " * 20).strip())
    async with posting(tmp_path, draft=draft) as post:
        await post.bought("ana", ("email", "a@b.c"))
        (page, _) = texts(papers().tickets(*await seen(post), "pt-BR"))
    assert "Pista · inteira" in page
    assert "…" in page


async def test_nothing_runs_into_the_code_however_long_all_is(tmp_path: Path):
    draft = show(tier("W" * 40, 5, fare("W" * 40, 10**9, 10**9, proof=True, document=True)))
    venue = dataclasses.replace(draft.venue, name="W" * 120, address="W" * 200, region="W" * 120)
    title = ("WWWWW " * 20).strip()
    hour_ms = 3_600_000
    draft = dataclasses.replace(draft, title=title, venue=venue, doors_ms=draft.starts_ms - hour_ms)
    found: list[float] = []

    def placed(text: str, _cm: object, matrix: list[float], _font: object, _size: object) -> None:
        if text.strip():
            found.append(matrix[5] * 25.4 / 72)

    async with posting(tmp_path, draft=draft) as post:
        await post.registered("ana", ("email", "a@b.c"))
        fan = Fan(post.office, 1, "ana")
        await fan.join()
        await post.office.choose(
            Choose(show_id=1, purchase_id="ana", wanted=((1, 1),), document=CPF)
        )
        await fan.check_out()
        await fan.pay(2 * 10**9)
        content = papers().tickets(*await seen(post), "pt-BR")
    page = PdfReader(io.BytesIO(content)).pages[0]
    page.extract_text(visitor_text=placed)
    top_mm, bottom_mm = 210 - 118, 210 - 118 - 66
    assert min(found) < bottom_mm < top_mm < max(found)
    assert not [mm for mm in found if bottom_mm <= mm <= top_mm]
    assert len(codes(shown(content)[0])) == 1


async def test_the_calendar_file_is_well_formed(bought: tuple[ShowView, PurchaseView]):
    a_show, view = bought
    lines = papers().bundle(a_show, view, "pt-BR").calendar.decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART:20300416T174640Z" in lines
    assert f"UID:{view.order_code}@bilheteria" in lines
    assert f"DESCRIPTION:Pedido {view.order_code}: 3 ingressos" in lines
    unfolded = "\r\n".join(lines).replace("\r\n ", "")
    assert r"LOCATION:Circo Voador\, Rua dos Arcos\, s/n\, Rio de Janeiro\, RJ" in unfolded


async def test_a_long_line_of_the_calendar_is_folded_between_letters(
    bought: tuple[ShowView, PurchaseView],
):
    (sheet, *_) = sheets(*bought, SIGNER)
    content = calendar(sheet, 0, "ção; " * 100)
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert content.decode().replace("\r\n ", "").count("ção\\;") == 100
