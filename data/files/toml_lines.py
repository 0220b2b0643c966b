"""On which line of a TOML file a table or a key stands.

The standard library's parser tells no positions, so the file is looked through once more, line
by line. The parser has accepted it before; where this look is fooled (a key inside an inline
table), the line of the table around it is told instead.
"""

import re
from typing import Final

_HEADER: Final = re.compile(r"[ \t]*(\[\[?)([^\[\]]*)\]")
_KEY: Final = re.compile(r"""[ \t]*([A-Za-z0-9_.'"-]+)[ \t]*=""")
_NAME: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_INDEX: Final = re.compile(r"\[[0-9]+\]$")
_LONG_QUOTE: Final = re.compile(r"'''|\"\"\"")


def lines_by_path(text: str) -> dict[str, int]:
    """Give the line, from 1, of each path such as 'show[1].tier[0].price'."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    quote: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if quote is None:
            if match := _HEADER.match(line):
                table = _header(match.group(2), match.group(1) == "[[", counts)
                lines.setdefault(table, number)
                lines.setdefault(_INDEX.sub("", table), number)
            elif match := _KEY.match(line):
                key = ".".join(_names(match.group(1)))
                lines.setdefault(f"{table}.{key}" if table else key, number)
        quote = _open_quote(line, quote)
    return lines


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in _NAME.findall(dotted)]


def _header(dotted: str, is_list: bool, counts: dict[str, int]) -> str:  # noqa: FBT001  # [[ or [
    """Give the path a header opens: each list on the way stands for its latest table."""
    names = _names(dotted)
    path = ""
    for place, name in enumerate(names):
        path = f"{path}.{name}" if path else name
        if is_list and place == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = f"{path}[{counts[path]}]"
    return path


def _open_quote(line: str, quote: str | None) -> str | None:
    """Give the quote of a text of several lines that is open at the end of a line."""
    for match in _LONG_QUOTE.finditer(line):
        if quote is None:
            quote = match.group()
        elif quote == match.group():
            quote = None
    return quote
