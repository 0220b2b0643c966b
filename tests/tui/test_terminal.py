"""A first day at the window in a real terminal of 80x24, in Portuguese, by keys that it shows."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auxil import books
from tests.auxil.terminals import Terminal, founded

FORM: tuple[str, ...] = (
    *("São João no Circo", "Enter", "sao-joao", "Enter", "em 40 dias às 21h", "Enter"),
    *("Circo Voador", "Enter", "Rio", "Enter", "RJ", "Enter", "Enter", "Enter"),
    *("Pista", "Enter", "40", "Enter", "60,00", "Enter", "Enter", "Space"),
    *("Enter", "Enter", "Enter", "1 dia antes às 18h"),
)
"""A show with half price, field after field, in one burst."""
KEYS = {"Esc": "Escape", "Ctrl+S": "C-s", "↓": "Down"}


class Clerk:
    """Somebody who knows nothing but what the screen says."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.wait, self.type = terminal.wait, terminal.type

    def press(self, shown: str, *more: str) -> None:
        """Press a key that the screen shows with what it does, such as 'R Reembolsar'."""
        self._terminal.wait(shown)
        key = re.split("[ :]", shown)[0]
        self.type(KEYS.get(key, key.lower() if len(key) == 1 else key), *more)

    def helped(self, *told: str) -> None:
        """Ask for help, which says these words, and go back."""
        self.type("F1")
        shown = " ".join(re.sub(r"[│▁-█]", " ", self.wait("↑↓: ler   Esc: voltar")).split())
        for words in told:
            assert words in shown, shown
        self.type("Escape")
        self._terminal.wait_until_gone("↑↓: ler   Esc: voltar")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    async def made() -> None:
        async with founded(tmp_path, eva="clerk", ida="manager"):
            pass

    opened = Terminal(tmp_path, language="pt-BR")
    asyncio.run(made())
    yield opened
    opened.close()


def code_in(shown: str) -> str:
    found = re.search(r"pedido (\d+-\d+-\w+)", shown)
    assert found is not None, shown
    return found[1]


def publish(terminal: Terminal) -> None:
    """A manager writes a show, publishes it and opens its sale."""
    terminal.open()
    terminal.sign_in("ida", "F8 Gestão")
    ida = Clerk(terminal)
    ida.press("F8 Gestão")
    ida.press("N Novo")
    ida.wait("Como o público o conhece")
    ida.type(*FORM)
    ida.wait("✓ Ctrl+S publica")
    ida.press("Ctrl+S Publicar")
    ida.wait("40 ingressos")
    ida.helped("Enter diz sim", "campo por campo")
    ida.press("Enter: sim")
    ida.wait("1 espetáculo publicado")
    ida.press("O Abrir")
    ida.press("Enter: sim")
    ida.wait("São João no Circo: à venda")
    terminal.close()


def sell(eva: Clerk) -> tuple[str, str]:
    """Open a drawer and sell two tickets in cash, then one at half price; return their orders."""
    eva.press("F7 Caixa")
    eva.press("O Abrir", "100", "Enter")  # A command and its answer in one burst.
    eva.wait("caixa 1")
    eva.press("F2 Vender")
    eva.press("Enter Escolher")
    eva.helped("Um dígito diz quantos")
    eva.wait("Um dígito diz quantos")
    eva.type("2")
    eva.wait("Reservado")
    eva.press("Enter Dinheiro")
    eva.helped("Esc volta à cesta, e nada é vendido")
    eva.type("200")
    eva.wait("troco R$ 80,00")
    eva.press("Enter: pago")
    shown = eva.wait("VENDIDO: 2 ingressos")
    assert "╰" in shown
    eva.wait("gravado em")
    eva.press("Enter Próxima venda")
    eva.wait("Ninguém na fila")
    eva.type("Down", "1")
    eva.wait("restam 15 de 16")
    eva.press("Enter Dinheiro")
    eva.wait("A PAGAR EM DINHEIRO")
    eva.press("Enter: pago")
    half = eva.wait("VENDIDO: 1 ingresso,")
    eva.wait("gravado em")
    return code_in(shown), code_in(half)


def print_again_and_refund(eva: Clerk, order: str) -> None:
    eva.press("F5 Pedidos")
    eva.wait("código, nome, e-mail")
    eva.type(order, "Enter")
    eva.wait("Encontrados: 1")
    eva.press("P Imprimir")
    eva.wait("gravado em")
    eva.press("R Reembolsar")
    eva.wait("O pedido inteiro")
    eva.press("Enter: seguir")
    eva.wait("Por quê?")
    eva.type("doente", "Enter")
    eva.wait("Não dá para desfazer")
    eva.press("Enter: sim")
    eva.wait("DEVOLVA R$ 120,00 EM DINHEIRO")


def let_in(eva: Clerk, slips: Path, order: str) -> None:
    (slip,) = slips.rglob(f"{order}*.txt")
    ticket = re.search(r"B1\.[\w.]+", slip.read_text(encoding="utf-8"))
    assert ticket is not None
    eva.press("F6 Portaria")
    eva.wait("Pronto.")
    eva.type(ticket[0], "Enter")
    assert "PEÇA O DOCUMENTO" in eva.wait("✓ SIM")


def test_a_first_day_at_the_window(terminal: Terminal, tmp_path: Path) -> None:
    publish(terminal)
    terminal.open()
    terminal.sign_in("eva", "F7 Caixa")
    eva = Clerk(terminal)
    first, half = sell(eva)
    print_again_and_refund(eva, first)
    let_in(eva, tmp_path, half)
    eva.press("F7 Caixa")
    eva.press("C Fechar")
    eva.helped("em branco é nenhuma")
    eva.type("Enter", "1", "Enter", "Enter", "1", "Enter", *["Enter"] * 8)
    eva.wait("diferença")
    eva.type("C-q")

    database = tmp_path / "office.db"
    payments = books.rows(
        database, "select captured_minor, reference from payments order by captured_minor"
    )
    assert [p["captured_minor"] for p in payments] == [6_000 // 2, 12_000]
    assert payments[1]["reference"] == "given 20000 change 8000"
    (shift,) = books.rows(database, "select counted_minor, expected_minor from shifts")
    assert shift == {"counted_minor": 12_000, "expected_minor": 13_000}
    books.check(database)
