"""Text as Telegram reads it: HTML into entities, commands and links found, keyboards checked."""

import re
from html.parser import HTMLParser
from typing import Any

from bot.local_api.world import bad

Json = dict[str, Any]
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "s": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}
_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]{3,32})?(?![A-Za-z0-9_])")
_CALLBACK_BYTES = 64
_COPIED_MAX = 256
_BUTTON_KINDS = {
    *("url", "callback_data", "web_app", "login_url", "switch_inline_query"),
    *("switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text"),
    *("callback_game", "pay"),
}
_BUTTONS_MAX = 100


def units(text: str) -> int:
    """Return a text's length as entities count it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


class _Reader(HTMLParser):
    """Collects plain text and entities."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: list[Json] = []
        self._open: list[tuple[str, Json]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0')
        entity: Json = {"type": _TAGS[tag], "offset": units(self.text), "length": 0}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad("can't parse entities: Unmatched end tag")
        _, entity = self._open.pop()
        entity["length"] = units(self.text) - entity["offset"]
        if entity["length"]:
            self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.text += data

    def whole(self) -> None:
        """Refuse what was opened and not closed."""
        if self._open:
            raise bad(
                f"can't parse entities: Can't find end tag corresponding to start tag "
                f'"{self._open[-1][0]}"'
            )


def read_text(text: str, parse_mode: str, entities: list[Json] | None) -> tuple[str, list[Json]]:
    """Return the plain text and its entities."""
    if not parse_mode:
        return text.strip(), entities or commands(text)
    if parse_mode.upper() != "HTML":
        raise bad("unsupported parse_mode")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.whole()
    found = [*reader.entities, *commands(reader.text)]
    return reader.text.strip(), sorted(found, key=lambda entity: entity["offset"])


def commands(text: str) -> list[Json]:
    """Find the commands in a text."""
    return [
        {
            "type": "bot_command",
            "offset": units(text[: found.start()]),
            "length": units(found.group()),
        }
        for found in _COMMAND.finditer(text)
        if found.start() == 0 or text[found.start() - 1].isspace()
    ]


def check_keyboard(markup: Json) -> None:
    """Refuse inline buttons that Telegram would refuse."""
    rows: list[list[Json]] = markup.get("inline_keyboard", [])
    if sum(map(len, rows)) > _BUTTONS_MAX:
        raise bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")).strip():
            raise bad("inline keyboard button text must be non-empty")
        kinds = _BUTTON_KINDS & button.keys()
        if len(kinds) != 1:
            raise bad("can't parse inline keyboard button: exactly one optional field must be used")
        data: str = button.get("callback_data", "-")
        if not 1 <= len(data.encode()) <= _CALLBACK_BYTES:
            raise bad("BUTTON_DATA_INVALID")
        if "url" in button and not re.match(r"(https?|tg)://[^\s]+$", button["url"]):
            raise bad("BUTTON_URL_INVALID")
        copied: str = button.get("copy_text", {}).get("text", "-")
        if not 1 <= len(copied) <= _COPIED_MAX:
            raise bad("BUTTON_COPY_TEXT_INVALID")
