"""Holds what passed between a bot and our Telegram to Telegram's published schema.

Runs in the environment of tests/schema/requirements.txt, whose aiogram writes the schema down as
pydantic models. Reads JSON lines, {"method", "given", "result"} or {"update"}; prints what is
wrong.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any

pydantic = importlib.import_module("pydantic")
methods = importlib.import_module("aiogram.methods")
types = importlib.import_module("aiogram.types")
KINDS = {
    getattr(methods, name).__api_method__: getattr(methods, name)
    for name in methods.__all__
    if hasattr(getattr(methods, name), "__api_method__")
}


def unknown(model: Any, where: str) -> Iterator[str]:
    """Name the fields that the schema does not have."""
    if isinstance(model, list | tuple):
        for number, one in enumerate(model):
            yield from unknown(one, f"{where}[{number}]")
    elif isinstance(model, pydantic.BaseModel):
        for name in model.model_extra or {}:
            yield f"{where}.{name} is no field of {type(model).__name__}"
        for name in model.model_fields_set:
            yield from unknown(getattr(model, name, None), f"{where}.{name}")


def read(value: Any) -> Any:
    """Read a parameter as the API does: JSON, where it is JSON of more than a word."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return json.loads(value)
    return value


def problems(line: dict[str, Any]) -> Iterator[str]:
    """Say all that is wrong with one exchange."""
    if "update" in line:
        kind, name, value = types.Update, "update", line["update"]
    else:
        method = KINDS.get(line["method"])
        if method is None:
            yield f"there is no method {line['method']}"
            return
        name, value, kind = line["method"], line["result"], method.__returning__
        given = {key: read(one) for key, one in line["given"].items()}
        yield from held(method, given, f"{name} asked")
    yield from held(kind, value, name)


def held(kind: Any, value: Any, where: str) -> Iterator[str]:
    try:
        model = pydantic.TypeAdapter(kind).validate_python(value)
    except pydantic.ValidationError as wrong:
        for error in wrong.errors():
            yield f"{where}: {'.'.join(map(str, error['loc']))}: {error['msg']}"
        return
    yield from unknown(model, where)


def main() -> None:
    lines = [json.loads(line) for line in sys.stdin]
    found = {problem for line in lines for problem in problems(line)}
    for problem in sorted(found):
        print(problem)
    print(f"{len(lines)} held")


if __name__ == "__main__":
    main()
