"""The text of a file: bounded, decoded, and known to be text."""

import stat
from pathlib import Path
from typing import Final

from data.files.sheets import Findings

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_TEXT_CONTROLS: Final = frozenset("\t\n\r")
_FIRST_PRINTABLE: Final = 0x20


def file_text(
    path: Path, name: str, max_bytes: int, findings: Findings, *, windows_too: bool
) -> str | None:
    """Give the text of a file, or None and a finding that says why there is none.

    UTF-8, with or without a byte order mark; where `windows_too`, else Windows-1252, which
    holds all of Latin-1 that is printed.
    """
    content = _content(path, name, max_bytes, findings)
    if content is None:
        return None
    text = _decoded(content, windows_too=windows_too)
    if text is None:
        advice = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"
        findings.add(name, "the file is not in an encoding that can be read", advice)
        return None
    control = _control(text)
    if control is not None:
        line = text.count("\n", 0, control) + 1
        what = f"there is a control character (number {ord(text[control])}): is this a text file?"
        findings.add(f"{name}:{line}", what, "take it out, or give another file")
        return None
    if not text.strip():
        findings.add(name, "the file is empty", "write at least one show")
        return None
    return text


def _content(path: Path, name: str, max_bytes: int, findings: Findings) -> bytes | None:
    try:
        # Asked first: to open a pipe or a device could wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            findings.add(name, "this is not a file", "give the path of a file")
            return None
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        reason = getattr(error, "strerror", None) or "the path is not one"
        findings.add(name, f"the file cannot be read: {reason}", "check the path and its rights")
        return None
    if len(content) > max_bytes:
        findings.add(name, f"the file is larger than {max_bytes} bytes", "split it")
        return None
    return content


def _decoded(content: bytes, *, windows_too: bool) -> str | None:
    if content.startswith(_UTF16):
        return None
    for encoding in ("utf-8-sig", "cp1252") if windows_too else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _control(text: str) -> int | None:
    """Give the place of the first character that no text file has."""
    for place, letter in enumerate(text):
        if ord(letter) < _FIRST_PRINTABLE and letter not in _TEXT_CONTROLS:
            return place
    return None
