"""Every text of every room is in its catalogue, translated, with the same fields."""

import ast
from collections.abc import Iterator
from string import Formatter
from typing import cast

import pytest
from babel.messages.catalog import Message

from language import Speech, speech
from language.speaking import _catalogue
from scripts.gather_messages import (
    CATALOGUES,
    LOCALE,
    ROOMS,
    ROOT,
    catalogue_path,
    gathered,
    said,
    translated,
    untranslated,
)

DOMAINS = sorted(domain for domain in ROOMS if len(said(domain)))
"""Those whose rooms say anything yet."""


def forms(message: Message) -> list[tuple[str, str]]:
    """Pair each translation with the text that it translates."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    one, many = message.id
    first, *others = cast("tuple[str, ...]", message.string)
    return [(one, first), *((many, other) for other in others)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def rooms_that_speak() -> Iterator[str]:
    """Yield the rooms in which some file knows of `language`."""
    for room in sorted({path.parent.name for path in ROOT.glob("*/__init__.py")}):
        files = (ROOT / room).rglob("*.py")
        if room not in {"language", "scripts"} and any(
            "from language import" in path.read_text(encoding="utf-8") for path in files
        ):
            yield room


def texts_in_f_strings(source: str) -> Iterator[str]:
    """Yield the calls whose text is an f-string, or stands in one: neither can be gathered."""
    tree = ast.parse(source)
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(node) for string in strings for node in ast.walk(string)}
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
                texts = call.args[: {"text": 1, "msgid": 1, "plural": 2}.get(name, 0)]
            case _:
                continue
        made = any(isinstance(text, ast.JoinedStr | ast.BinOp) for text in texts)
        said = any(isinstance(text, ast.Constant) for text in texts)
        if made or (said and id(call) in inside):
            yield f"{call.lineno}: {ast.unparse(call)}"


@pytest.mark.parametrize("room", sorted(ROOMS.values()))
def test_every_text_can_be_gathered(room: str):
    for path in (ROOT / room).rglob("*.py"):
        assert not list(texts_in_f_strings(path.read_text(encoding="utf-8"))), path


@pytest.mark.parametrize(
    "wrong",
    [
        'say.text(f"{n} left")',
        'say.plural("one", f"{n} left", n)',
        'say.text("a" + b)',
        "f\"{say.text('left')}: {n}\"",
        'msgid(f"a")',
    ],
)
def test_a_text_that_can_not_be_gathered_is_found(wrong: str):
    assert list(texts_in_f_strings(wrong))
    assert not list(texts_in_f_strings('f"{say.text(LEFT)}: " + say.text("left", n=f"{n}")'))


def test_every_room_that_speaks_has_a_domain():
    assert set(rooms_that_speak()) <= set(ROOMS.values())


def test_no_catalogue_is_left_of_a_room_that_says_nothing():
    kept = {path.stem for path in (CATALOGUES / LOCALE).glob("*.po")}
    assert kept == set(DOMAINS)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_catalogue_holds_what_its_room_says_and_nothing_else(domain: str):
    assert catalogue_path(domain).read_text(encoding="utf-8") == gathered(domain), (
        "run make messages"
    )


@pytest.mark.parametrize("domain", DOMAINS)
def test_everything_is_translated(domain: str):
    assert not list(untranslated(domain))


@pytest.mark.parametrize("domain", DOMAINS)
def test_catalogues_are_read_as_babel_reads_them(domain: str):
    read, plurals, form = _catalogue("pt-BR", domain)
    assert len(read) + len(plurals) == len(translated(domain))
    for message in translated(domain):
        if isinstance(message.id, tuple):
            assert plurals[cast("tuple[str, str]", message.id)] == message.string
        elif isinstance(message.id, str) and message.id:
            assert read[message.id] == message.string
    assert [form(n) for n in (0, 1, 2, 100)] == [0, 0, 1, 1]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_translation_has_the_fields_of_its_text(domain: str):
    for message in translated(domain):
        for text, translation in forms(message):
            missing = fields(text) ^ fields(translation)
            # One of something may be said in words: 'um ingresso'.
            assert missing <= ({"n"} if isinstance(message.id, tuple) else set()), translation


@pytest.mark.parametrize("domain", DOMAINS)
def test_texts_are_found_by_who_speaks(domain: str):
    here: Speech = speech("pt-BR", domain)
    for message in translated(domain):
        if isinstance(message.id, str) and message.id:
            given = dict.fromkeys(fields(message.id), "x")
            assert here.text(message.id, **given) == str(message.string).format(**given)
