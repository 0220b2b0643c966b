"""Receipt printers that speak ESC/POS, by python-escpos: on the network, on USB, or as a file.

Opened anew for each job, so that a printer that was switched off and on again just works. The
drawer is opened before anything is printed: money comes first, paper may be out.
"""

import socket
from pathlib import Path
from typing import Any

from tui.ports import PrinterTrouble
from tui.printing.slips import Line, Slip
from tui.terminal_safe import without_controls

_TIMEOUT_S = 5
_PORT = 9100
_CODE_PAGE = "CP1252"
"""Has every letter of Portuguese; without it accents print as boxes."""
_DRAWER_PIN = 2
_MODULE = 6
"""Dots a side of a module of a QR code."""


class EscposPrinter:
    """A printer by its address.

    `tcp:HOST[:PORT]`, `file:PATH` as systems show USB printers, or `usb:VENDOR:PRODUCT` by its ids.
    """

    def __init__(self, address: str) -> None:
        self._kind, _, self._where = address.partition(":")

    def print(self, slips: tuple[Slip, ...], *, kick: bool) -> None:
        """Print, after opening the drawer if `kick`; a job is made whole before it is sent."""
        try:
            self._send(written(slips, kick=kick))
        except (OSError, ValueError) as trouble:
            what = str(trouble) or type(trouble).__name__
            raise PrinterTrouble(f"{self._kind}:{self._where}: {what}") from trouble

    def _send(self, job: bytes) -> None:
        if self._kind == "tcp":
            host, _, port = self._where.partition(":")
            with socket.create_connection((host, int(port or _PORT)), _TIMEOUT_S) as printer:
                printer.sendall(job)
        elif self._kind == "usb":
            _send_by_usb(self._where, job)
        else:
            with Path(self._where).open("ab") as device_file:
                device_file.write(job)


def _send_by_usb(ids: str, job: bytes) -> None:
    from escpos.exceptions import Error  # noqa: PLC0415 - slow to load, and few need it
    from escpos.printer import Usb  # noqa: PLC0415

    if not Usb.is_usable():
        raise OSError("install what USB needs: pip install 'bilheteria[usb]'")
    vendor, _, product = ids.partition(":")
    device: Any = Usb(int(vendor, 16), int(product, 16), timeout=_TIMEOUT_S * 1_000)
    try:
        device.open()
        device._raw(job)  # noqa: SLF001 - python-escpos sends a job made whole by no other way
    except Error as trouble:
        raise OSError("no such printer: is it plugged in and on?") from trouble
    finally:
        device.close()


def written(slips: tuple[Slip, ...], *, kick: bool) -> bytes:
    """Write slips in ESC/POS."""
    from escpos.printer import Dummy  # noqa: PLC0415 - slow to load, and needed at the first slip

    device: Any = Dummy()
    if kick:
        device.cashdraw(_DRAWER_PIN)
    device.charcode(_CODE_PAGE)
    for slip in slips:
        for part in slip:
            if isinstance(part, Line):
                _line(device, part)
            else:
                device.set(align="center")
                device.qr(part.data, size=_MODULE, native=True)
        device.cut()
    return bytes(device.output)


def _line(device: Any, line: Line) -> None:  # noqa: ANN401 - python-escpos has no types of its own
    big = line.style == "big"
    device.set(
        align="center" if line.centred else "left",
        bold=line.style != "plain",
        double_width=big,
        double_height=big,
        normal_textsize=not big,
    )
    text = without_controls(line.text)  # The printer would obey them: ESC p opens the drawer.
    device.textln(text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-"))
