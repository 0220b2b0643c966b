"""One call of the API: its parameters, read from whatever form they came in."""

import json
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from bot.local_api.world import Refusal, bad

Json = dict[str, Any]
_TRUE = {"true", "1", "yes"}
_NAMED = "filename"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a call."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Call:
    """A method and its parameters. `result` is what was answered, once it is."""

    method: str
    given: Json
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    result: Any = None
    refused: str = ""

    def has(self, name: str) -> bool:
        """Say whether a parameter was given."""
        return self.given.get(name) not in {None, ""} or name in self.uploads

    def string(self, name: str, least: int = 0, most: int = 4_096) -> str:
        """Return a text parameter within its bounds; '' if it may be left out and was."""
        value = self.given.get(name, "")
        text = value if isinstance(value, str) else json.dumps(value)
        if len(text) < least:
            raise bad(f"{name.replace('_', ' ')} is empty")
        if len(text) > most:
            raise bad(f"{name.replace('_', ' ')} is too long")
        return text

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.given.get(name)
        if value in {None, ""}:
            if default is None:
                raise bad(f"parameter {name} is required")
            return default
        try:
            return int(cast("str", value))
        except (TypeError, ValueError):
            raise bad(f"parameter {name} must be a number") from None

    def number(self, name: str) -> float:
        """Return a number of seconds; 0 if left out."""
        value = self.given.get(name)
        return float(cast("str", value)) if value not in {None, ""} else 0.0

    def flag(self, name: str) -> bool:
        """Return a yes or no; no if left out."""
        return str(self.given.get(name, "")).lower() in _TRUE

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever JSON there is
        """Return a JSON-serialised parameter; None if left out."""
        given = self.given.get(name)
        if not isinstance(given, str):
            return given
        if not given:
            return None
        try:
            return json.loads(given)
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    def upload(self, reference: object, name: str = "") -> Upload | None:
        """Return the file that a parameter means: its own, or one `attach://` names."""
        if isinstance(reference, str) and reference.startswith("attach://"):
            found = self.uploads.get(reference.removeprefix("attach://"))
            if found is None:
                raise bad("there is no file in the request")
            return found
        return self.uploads.get(name)


def read_call(method: str, content_type: str, query: str, body: bytes) -> Call:
    """Read a request: parameters in its address, a form, a form with files, or JSON."""
    given: Json = dict(parse_qsl(query))
    kind = content_type.partition(";")[0].strip().lower()
    uploads: dict[str, Upload] = {}
    if kind == "application/json" and body:
        given |= json.loads(body)
    elif kind == "application/x-www-form-urlencoded":
        given |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind == "multipart/form-data":
        for head, content in _parts(content_type, body):
            if _NAMED in head:
                mime = head.get("content-type", "application/octet-stream")
                uploads[head["name"]] = Upload(head[_NAMED], mime, content)
            else:
                given[head["name"]] = content.decode()
    elif body:
        raise Refusal(400, "Bad Request: unsupported content type")
    return Call(method, given, uploads)


def _parts(content_type: str, body: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Take a multipart body apart: (what the head says, content) of each part."""
    boundary = _said(content_type).get("boundary", "")
    parts: list[tuple[dict[str, str], bytes]] = []
    for raw in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        head, found, content = raw.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found:
            continue
        said: dict[str, str] = {}
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-disposition":
                said |= _said(value)
            else:
                said[name.lower()] = value.strip()
        parts.append((said, content))
    return parts


def _said(header: str) -> dict[str, str]:
    """Return the parameters of a header: `form-data; name="x"; filename="y"`."""
    said: dict[str, str] = {}
    for part in header.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        said[name.lower().removesuffix("*")] = value.strip('"').removeprefix("utf-8''")
    return said
