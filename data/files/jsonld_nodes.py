"""JSON-LD as a tree of nodes that know their path, such as '$[0].offers[1]'."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from data.files.sheets import Findings
from data.files.values import NumberText

_INTEGER_MAX_CHARACTERS: Final = 15
_SCRIPT: Final = re.compile(r"<script\b([^<>]{0,1000})>", re.IGNORECASE)
_SCRIPT_END: Final = re.compile(r"</script", re.IGNORECASE)
_JSONLD: Final = "application/ld+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One object of the tree."""

    entries: Mapping[str, object]
    path: str

    def at(self, key: str) -> str:
        return f"{self.path}.{key}"

    def value(self, key: str) -> object:
        """Give the value of a key as it stands, '' where there is none or it is null."""
        value = self.entries.get(key)
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get("@value", cast("object", value))
        return "" if value is None else value

    def text(self, key: str) -> str:
        """Give the text of a key, or the name of the thing under it; '' where it has none."""
        value = self.value(key)
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get("name")
        return value.strip() if isinstance(value, str) else ""

    def nodes(self, key: str) -> "list[Node]":
        """Give the objects under a key, whether there is one or a list."""
        return list(children(self.value(key), self.at(key)))

    def types(self) -> frozenset[str]:
        """Give the names of the types, without where they are defined."""
        value = self.entries.get("@type")
        names = cast("list[object]", value) if isinstance(value, list) else [value]
        return frozenset(local_name(name) for name in names if isinstance(name, str))


def local_name(name: str) -> str:
    """Give 'Event' for 'https://schema.org/Event' and for 'schema:Event'."""
    return re.split(r"[/:#]", name)[-1]


def children(value: object, path: str) -> Iterator[Node]:
    """Give the object or the objects that a value holds, with their paths."""
    if isinstance(value, dict):
        yield Node(entries=cast("Mapping[str, object]", value), path=path)
    elif isinstance(value, list):
        for number, entry in enumerate(cast("list[object]", value)):
            if isinstance(entry, dict):
                entries = cast("Mapping[str, object]", entry)
                yield Node(entries=entries, path=f"{path}[{number}]")


def parsed(text: str, name: str, findings: Findings) -> object:
    """Parse JSON without floats: a number with decimals stays the digits it was written with."""
    try:
        tree = cast(
            "object",
            json.loads(
                text, parse_float=NumberText, parse_int=_whole_number, parse_constant=NumberText
            ),
        )
    except json.JSONDecodeError as error:
        findings.add(f"{name}:{error.lineno}", f"this is not JSON: {error.msg}", "correct it")
    except RecursionError:
        findings.add(name, "the file nests too deep", "give the events in a plain list")
    else:
        return tree
    return None


def _whole_number(digits: str) -> int | NumberText:
    return int(digits) if len(digits) <= _INTEGER_MAX_CHARACTERS else NumberText(digits)


def scripts(page: str) -> Iterator[str]:
    """Give the JSON-LD texts of an HTML page, in order."""
    place = 0
    while match := _SCRIPT.search(page, place):
        place = match.end()
        if _JSONLD in match.group(1).lower():
            end = _SCRIPT_END.search(page, place)
            if end is None:
                return
            yield page[place : end.start()]
            place = end.end()
