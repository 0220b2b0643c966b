"""Holds what is sent to the stand-in, and what it answers, against Stripe's published schema."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

SPEC: dict[str, Any] = json.loads((Path(__file__).parent / "spec.json").read_text("utf-8"))
_PART = re.compile(r"[^\[\]]+")

Json = dict[str, Any]


class OffSchema(AssertionError):
    """A request or answer that Stripe's schema does not allow."""


@cache
def _validator(operation: str, part: str) -> Draft202012Validator:
    schema = {"$ref": f"#/operations/{_escaped(operation)}/{part}"}
    return Draft202012Validator({**SPEC, **schema})


@cache
def _object(name: str) -> Draft202012Validator:
    return Draft202012Validator({**SPEC, "$ref": f"#/schemas/{name}"})


def _escaped(operation: str) -> str:
    return operation.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _held(validator: Draft202012Validator, what: str, given: Json) -> None:
    error = next(iter(validator.iter_errors(given)), None)
    if error is not None:
        where = "/".join(map(str, error.absolute_path))
        raise OffSchema(f"{what} {where}: {error.message[:300]}")


def read_form(operation: str, part: str, text: str) -> Json:
    """Read a form or query as Stripe does (a[b][0]=1) and hold it against the operation."""
    given: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        path = _PART.findall(name)
        at = given
        for key in path[:-1]:
            at = at.setdefault(key, {})
        at[path[-1]] = value
    schema = SPEC["operations"][operation][part]
    read = _typed(given, schema) if schema else given
    _held(_validator(operation, part), f"{operation} {part}", read)
    return read


def _typed(value: Any, schema: Json) -> Any:  # noqa: ANN401 - JSON
    """Give a form's texts the types that the schema says; lists come as numbered keys."""
    for one in schema.get("anyOf", [schema]):
        if isinstance(value, dict):
            if one.get("type") == "array":
                return [_typed(value[key], one["items"]) for key in sorted(value, key=int)]
            if one.get("type") == "object":
                of = one.get("properties", {})
                other = one.get("additionalProperties") or {}
                return {
                    key: _typed(item, of.get(key, other if isinstance(other, dict) else {}))
                    for key, item in value.items()
                }
        elif one.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
            return int(value)
        elif one.get("type") == "boolean" and value in {"true", "false"}:
            return value == "true"
    return value


def answered(operation: str, answer: Json) -> Json:
    """Return an answer, held against what the operation gives."""
    _held(_validator(operation, "answer"), operation, answer)
    return answer


def told(kind: str, thing: Json) -> Json:
    """Return an object, held against its schema."""
    _held(_object(kind), kind, thing)
    return thing
