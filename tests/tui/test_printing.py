"""Printers that speak ESC/POS, over a real socket and into a real file."""

import socket
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from tui.ports import PrinterTrouble
from tui.printing.escpos import EscposPrinter
from tui.printing.plain import plain, write_slips
from tui.printing.slips import Code, Line, between

SLIP = (Line("São João", "big", centred=True), Line("R$\N{NO-BREAK SPACE}5,00"), Code("B1.1"))
KICK = b"\x1bp\x00"
CUT = b"\x1dV\x00"


def test_it_prints_on_the_network_after_opening_the_drawer() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(4096):
                    heard.append(part)

        listener = threading.Thread(target=listen)
        listener.start()
        port = server.getsockname()[1]
        EscposPrinter(f"tcp:127.0.0.1:{port}").print((SLIP, SLIP), kick=True)
        listener.join(10)
    said = b"".join(heard)
    assert said.startswith(KICK)
    assert said.count(CUT) == 2
    assert "São João".encode("cp1252") in said
    assert b"R$ 5,00" in said
    assert b"B1.1" in said


def test_it_prints_into_a_device_file_without_opening_the_drawer(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    device.touch()
    EscposPrinter(f"file:{device}").print((SLIP,), kick=False)
    said = device.read_bytes()
    assert KICK not in said
    assert said.endswith(CUT)


def test_no_name_tells_the_printer_what_to_do(tmp_path: Path) -> None:
    name = "Ana\x1bp\x00\x19\x19\x1dV\x00\x10\x14\x9b\nB\u202e"
    device = tmp_path / "lp0"
    device.touch()
    EscposPrinter(f"file:{device}").print(((Line(name), Code("B1")),), kick=False)
    said = device.read_bytes()
    assert KICK not in said
    assert (said.count(CUT), said.endswith(CUT)) == (1, True)
    assert "Ana·p····V·····B·".encode("cp1252") in said
    assert plain((Line(name),)) == "Ana·p····V·····B·\n"


def test_a_printer_that_is_not_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PrinterTrouble, match=f"127.0.0.1:{port}"):
        EscposPrinter(f"tcp:127.0.0.1:{port}").print((SLIP,), kick=True)


@pytest.mark.skipif(find_spec("usb") is not None, reason="what USB needs is installed")
def test_a_usb_printer_says_what_it_needs() -> None:
    with pytest.raises(PrinterTrouble, match=r"usb:04b8:0e15: .*pip install 'bilheteria\[usb\]'"):
        EscposPrinter("usb:04b8:0e15").print((SLIP,), kick=True)


@pytest.mark.parametrize("address", ["file:/nowhere/at/all/lp0", "tcp:127.0.0.1:99999", "tcp:"])
def test_whatever_is_wrong_is_trouble_and_nothing_else(address: str) -> None:
    with pytest.raises(PrinterTrouble):
        EscposPrinter(address).print((SLIP,), kick=False)


def test_a_slip_is_a_text_too(tmp_path: Path) -> None:
    assert plain(SLIP).splitlines()[0].strip() == "São João"
    path = write_slips(tmp_path / "new", "order", (SLIP,))
    assert "B1.1" in path.read_text(encoding="utf-8")
    (tmp_path / "taken").write_text("")
    with pytest.raises(PrinterTrouble):
        write_slips(tmp_path / "taken", "order", (SLIP,))


def test_a_long_name_gives_way_to_its_price() -> None:
    line = between("x" * 80, "R$ 1,00")
    assert len(line) == 42
    assert line.endswith(" R$ 1,00")
