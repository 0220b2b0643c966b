"""Telegram's published schema, in the environment that `make` builds for it."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.local_api.calls import Call
from bot.local_api.server import LocalApi

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-schema" / "bin" / "python"
needed = pytest.mark.skipif(
    not PYTHON.exists(), reason="needs .venv-schema: run the tests by `make pytest`"
)


async def problems(lines: Iterable[Mapping[str, object]]) -> str:
    """Return what the schema has against some exchanges, and how many were held to it."""
    text = "\n".join(json.dumps(line) for line in lines)
    process = await asyncio.create_subprocess_exec(
        PYTHON,
        ROOT / "tests/schema/check.py",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate(text.encode())
    return said.decode()


async def hold(api: LocalApi) -> None:
    """Assert that all that passed between a bot and a server is as Telegram's schema says."""
    lines: list[dict[str, object]] = [
        {"method": call.method, "given": _given(call), "result": call.result}
        for call in api.calls
        if not call.refused
    ]
    updates = [
        update
        for call in api.calls
        if call.method == "getUpdates" and call.result
        for update in call.result
    ]
    lines += [{"update": update} for update in updates]
    assert lines, "nothing passed"
    said = await problems(lines)
    assert said == f"{len(lines)} held\n", said


def _given(call: Call) -> dict[str, Any]:
    """The parameters, files by a word: but those that another parameter attaches are none."""
    text = json.dumps(call.given)
    own = [name for name in call.uploads if f"attach://{name}" not in text]
    return call.given | dict.fromkeys(own, "file")
