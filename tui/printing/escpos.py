"""Receipt printers that speak ESC/POS, by python-escpos: on the network, on USB, or a device file.

Opened anew for each job, so that a printer that was switched off and on again just works. The
drawer is opened before anything is printed: money comes first, paper may be out.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from tui.ports import PrinterTrouble
from tui.printing.slips import Line, Slip

_TIMEOUT_S = 5
_PORT = 9100
_CODE_PAGE = "CP1252"
"""Has every letter of Portuguese; without it accents print as boxes."""
_DRAWER_PIN = 2
_MODULE = 6
"""Dots a side of a module of a QR code."""


class EscposPrinter:
    """A printer by its address: `tcp:HOST[:PORT]`, `usb:VENDOR:PRODUCT` in hex, `file:PATH`."""

    def __init__(self, address: str) -> None:
        self._kind, _, self._where = address.partition(":")

    def print(self, slips: tuple[Slip, ...], *, kick: bool) -> None:
        """Print, after opening the drawer if `kick`."""
        with self._opened() as device:
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

    @contextmanager
    def _opened(self) -> Generator[Any]:
        try:
            device = self._device()
            device.open()
            try:
                yield device
            finally:
                device.close()
        except Exception as trouble:  # python-escpos and usb raise kinds of their own
            what = str(trouble) or type(trouble).__name__
            raise PrinterTrouble(f"{self._kind}:{self._where}: {what}") from trouble

    def _device(self) -> Any:  # noqa: ANN401 - python-escpos has no common typed base to name
        from escpos import printer  # noqa: PLC0415 - slow to load, and needed at the first slip

        kinds = cast("Any", printer)
        if self._kind == "tcp":
            host, _, port = self._where.partition(":")
            return kinds.Network(host, port=int(port or _PORT), timeout=_TIMEOUT_S)
        if self._kind == "usb":
            vendor, _, product = self._where.partition(":")
            return kinds.Usb(int(vendor, 16), int(product, 16), timeout=_TIMEOUT_S * 1_000)
        return kinds.File(self._where)


def _line(device: Any, line: Line) -> None:  # noqa: ANN401 - as in _device
    big = line.style == "big"
    device.set(
        align="center" if line.centred else "left",
        bold=line.style != "plain",
        double_width=big,
        double_height=big,
        normal_textsize=not big,
    )
    device.textln(line.text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-"))
