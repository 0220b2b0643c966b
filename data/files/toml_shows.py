"""Our own catalogue format: a TOML file of [[show]] tables. docs/catalogue.md tells its keys."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from data.files.sheets import Findings, Sheet, nearest, printable, unknown
from data.files.toml_lines import lines_by_path
from data.files.values import shown

TABLES_MAX: Final = 100_000
KEY_PARTS_MAX: Final = 1_000
_KEY_LIKE: Final = re.compile(r"""[\w"'. \t-]+""")
_TOP_KEYS: Final = frozenset(("defaults", "venues", "series", "show"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A parsed file and the lines of its paths."""

    name: str
    tree: Mapping[str, object]
    lines: Mapping[str, int]
    findings: Findings

    def where(self, path: str) -> str:
        line = nearest(path, self.lines)
        place = f":{line}" if line else ""
        return f"{self.name}{place} {printable(path)}".rstrip()

    def table(self, key: str) -> Mapping[str, object]:
        """Give a table of the top, or an empty one, saying so if it is something else."""
        value = self.tree.get(key, {})
        if isinstance(value, dict):
            return cast("Mapping[str, object]", value)
        what = f"{shown(value)} stands where a table belongs"
        self.findings.add(self.where(key), what, f"write [{key}] with its keys under it")
        return {}


def read_sheets(text: str, name: str, findings: Findings) -> list[Sheet]:
    """Give the sheets of a TOML text; `name` stands for the file in problems."""
    # Files from Windows and from old editors have other line ends than TOML allows.
    text = text.replace("\r\n", "\n")
    if too_large := _too_large(text):
        findings.add(name, too_large, "split the file, or write it plainer")
        return []
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        findings.add(name, f"this is not TOML: {printable(str(error))}", "correct it there")
        return []
    except (ValueError, RecursionError, OverflowError):
        findings.add(
            name,
            "the file nests too deep or has a number too long to read",
            "write a plain catalogue, as in docs/catalogue.md",
        )
        return []
    file = _File(name=name, tree=tree, lines=lines_by_path(text), findings=findings)
    for key in tree:
        if key not in _TOP_KEYS:
            findings.unknown(file.where(key), key, _TOP_KEYS)
    return _sheets(file)


def _too_large(text: str) -> str | None:
    """Say what would make the parser take minutes or gigabytes, if anything would."""
    if text.count("\n[") > TABLES_MAX:
        return f"the file has more than {TABLES_MAX} tables"
    # Time and memory grow with the square of the parts of a dotted key.
    if any(run.group().count(".") > KEY_PARTS_MAX for run in _KEY_LIKE.finditer(text)):
        return f"a key has more than {KEY_PARTS_MAX} parts"
    return None


def _sheets(file: _File) -> list[Sheet]:
    value = file.tree.get("show", [])
    shows = cast("list[object]", value) if isinstance(value, list) else [value]
    if not shows:
        file.findings.add(file.name, "the file has no show", "write at least one [[show]]")
    sheets: list[Sheet] = []
    for number, entry in enumerate(shows):
        if isinstance(entry, dict) and isinstance(value, list):
            sheets.append(_sheet(file, number, cast("Mapping[str, object]", entry)))
        else:
            what = "a show is not a table of a list"
            file.findings.add(file.where(f"show[{number}]"), what, "write it under [[show]]")
    return sheets


def _sheet(file: _File, number: int, show: Mapping[str, object]) -> Sheet:
    """Lay a show over the defaults, and put the venue and the series it names in their places."""
    defaults = file.table("defaults")
    table: dict[str, object] = {**defaults, **show}
    sources = {key: f"defaults.{key}" for key in defaults if key not in show}
    for key, home in (("venue", "venues"), ("series", "series")):
        chosen = table.get(key)
        if isinstance(chosen, str):
            named = file.table(home)
            entry = named.get(chosen)
            if isinstance(entry, dict):
                entries = cast("dict[str, object]", entry)
                table[key] = {"slug": chosen, **entries} if key == "series" else entries
                sources[key] = f"{home}.{chosen}"
            else:
                table[key] = unknown(chosen, named, f"table in [{home}] named")

    def place(path: str) -> str:
        top = path.partition(".")[0].partition("[")[0]
        source = sources.get(top)
        if source is None:
            return file.where(f"show[{number}].{path}" if path else f"show[{number}]")
        return file.where(source + path[len(top) :])

    return Sheet(table=table, place=place)
