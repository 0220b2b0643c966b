"""The event loop under a measure: the one switch between uvloop and asyncio's own."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from importlib import import_module, util
from typing import Any, TypeVar, cast

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
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(main)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if chosen() == "asyncio":
        return None
    module = import_module("uvloop")
    return cast("Callable[[], asyncio.AbstractEventLoop]", module.new_event_loop)
