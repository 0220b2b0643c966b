"""The event loop under a measure: the one switch between uvloop and asyncio's own."""

import asyncio
import os
from collections.abc import Coroutine
from importlib import util
from typing import Any, TypeVar

from app import loop

SWITCH = "BENCHMARKS_LOOP"
"""Environment variable, handed down to child processes: 'uvloop' or 'asyncio'."""
LOOPS = ("uvloop", "asyncio")

_T = TypeVar("_T")


def chosen() -> str:
    """Return the loop that measures run on: uvloop unless told otherwise or not to be had."""
    wanted = os.environ.get(SWITCH, "uvloop")
    return wanted if wanted == "asyncio" or util.find_spec("uvloop") else "asyncio"


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run `main` to its end."""
    return loop.run(main, asyncio.new_event_loop if chosen() == "asyncio" else None)
