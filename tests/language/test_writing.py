"""Money, dates and spans as each language writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import AMOUNT_MAX_MINOR, EXPONENTS, NBSP, parse_amount
from language import closest, speech

SATURDAY_MS = 1_795_910_400_000
"""2026-11-29T00:00Z: still Saturday evening in São Paulo."""
PT, EN = speech("pt-BR", "notifier"), speech("en", "notifier")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (123_456, "BRL", "pt-BR", f"R${NBSP}1.234,56"),
        (123_456, "BRL", "en", "R$1,234.56"),
        (-5, "BRL", "pt-BR", f"-R${NBSP}0,05"),
        (123_456, "USD", "pt-BR", f"US${NBSP}1.234,56"),
        (123_456, "USD", "en", "US$1,234.56"),
        (123_456, "EUR", "pt-BR", f"€{NBSP}1.234,56"),
        (123_456, "JPY", "en", "JP¥123,456"),
        (123_456, "CLP", "pt-BR", f"CLP{NBSP}123.456"),
        (1_005, "KWD", "en", f"KWD{NBSP}1.005"),
        (100, "BRL", "pt", f"R${NBSP}1,00"),
        (100, "BRL", "fr-FR", "R$1.00"),
        (AMOUNT_MAX_MINOR, "BRL", "en", "R$10,000,000,000,000.00"),
    ],
)
def test_an_amount_is_written_as_the_language_writes_it(
    minor: int, currency: str, language: str, text: str
):
    assert speech(language, "notifier").money(minor, currency) == text


@given(
    minor=st.integers(min_value=0, max_value=AMOUNT_MAX_MINOR),
    currency=st.sampled_from(["BRL", "USD", "EUR", "GBP", "JPY"]),
    language=st.sampled_from(["pt-BR", "en"]),
)
def test_what_is_written_is_read_back(minor: int, currency: str, language: str):
    assert parse_amount(speech(language, "notifier").money(minor, currency), currency) == minor


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_every_currency_keeps_its_own_decimals(language: str):
    for currency, places in EXPONENTS.items():
        written = speech(language, "notifier").money(1_234_567, currency)
        assert "".join(c for c in written if c.isdigit()) == "1234567"
        assert len(written) - max(written.rfind(","), written.rfind(".")) - 1 == (places or 3)


def test_a_moment_says_weekday_date_time_and_whose_time_it_is():
    zone = "America/Sao_Paulo"
    assert PT.moment(SATURDAY_MS, zone) == (
        "sábado, 28 de novembro de 2026, 21:00 (Horário Padrão de Brasília)"
    )
    assert EN.moment(SATURDAY_MS, zone) == (
        "Saturday, 28 November 2026, 21:00 (Brasilia Standard Time)"
    )
    assert EN.moment(SATURDAY_MS, "Europe/Lisbon").startswith("Sunday, 29 November 2026, 00:00")


def test_short_forms_say_the_same_in_less_room():
    zone = "America/Sao_Paulo"
    assert PT.short_day(SATURDAY_MS, zone) == "sáb., 28 de nov. de 2026"
    assert EN.short_day(SATURDAY_MS, zone) == "Sat, 28 Nov 2026"
    assert PT.stamp(SATURDAY_MS, zone) == "28/11/2026 21:00"
    assert EN.stamp(SATURDAY_MS, zone) == "2026-11-28 21:00"
    assert PT.short_stamp(SATURDAY_MS, zone) == "28/11 21:00"
    assert EN.short_stamp(SATURDAY_MS, zone) == "28 Nov 21:00"


@pytest.mark.parametrize(
    ("length_ms", "portuguese", "english"),
    [
        (0, "0 segundo", "0 seconds"),
        (-5_000, "0 segundo", "0 seconds"),
        (999, "0 segundo", "0 seconds"),
        (1_000, "1 segundo", "1 second"),
        (180_000, "3 minutos", "3 minutes"),
        (90_500, "1 minuto e 30 segundos", "1 minute and 30 seconds"),
        (5_400_000, "1 hora e 30 minutos", "1 hour and 30 minutes"),
        (86_400_000, "1 dia", "1 day"),
        (2 * 86_400_000 + 3_600_000 + 61_000, "2 dias e 1 hora", "2 days and 1 hour"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(length_ms: int, portuguese: str, english: str):
    assert PT.span(length_ms) == portuguese
    assert EN.span(length_ms) == english


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("pt-BR", "pt-BR"),
        ("pt_PT", "pt-BR"),
        ("PT", "pt-BR"),
        ("en-US", "en"),
        ("de", "en"),
        ("ptx", "en"),
    ],
)
def test_a_person_hears_the_closest_of_our_languages(tag: str, language: str):
    assert closest(tag) == language


def test_who_says_nothing_of_a_language_hears_the_houses():
    assert closest(None, "pt-BR") == closest("", "pt-BR") == "pt-BR"
    assert closest(None) == "en"


def test_a_text_without_a_translation_is_said_in_english():
    here = speech("pt-BR", "no such domain")
    assert here.text("Hello, {name}.", name="João") == "Hello, João."
    assert here.plural("{n} ticket", "{n} tickets", 1) == "1 ticket"
    assert here.plural("{n} ticket", "{n} tickets", 1_200) == "1.200 tickets"


def test_what_a_person_wrote_is_never_read_as_a_field():
    assert EN.text("Hello, {name}.", name="{0.__class__} {name}") == "Hello, {0.__class__} {name}."
