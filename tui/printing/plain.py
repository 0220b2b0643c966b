"""Slips as plain text, in a file: where there is no printer, or it is in trouble."""

from pathlib import Path

from tui.ports import PrinterTrouble
from tui.printing.slips import WIDTH, Code, Slip
from tui.terminal_safe import without_controls


def plain(slip: Slip) -> str:
    """Write a slip as text; a QR code as what it says."""
    lines: list[str] = []
    for part in slip:
        if isinstance(part, Code):
            lines.append(without_controls(part.data))
        else:
            text = without_controls(part.text)
            lines.append(text.center(WIDTH).rstrip() if part.centred else text)
    return "\n".join(lines) + "\n"


def write_slips(folder: Path, name: str, slips: tuple[Slip, ...]) -> Path:
    """Write slips into one file of the folder and return where it is."""
    path = folder / f"{name}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(plain(slip) for slip in slips), encoding="utf-8")
    except OSError as lost:
        raise PrinterTrouble(f"{path}: {lost.strerror}") from lost
    return path
