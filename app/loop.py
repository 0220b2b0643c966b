"""The event loop of a long-running process."""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
_SWITCH_S = 0.0001
_YOUNG = 2_000


def run(
    main: Coroutine[Any, Any, _T],
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> _T:
    """Run `main` to its end, on uvloop where there is one, or on the loop that `factory` makes."""
    gc.freeze()  # What the start made stays: the collector need not look at it.
    with asyncio.Runner(loop_factory=factory or _best()) as runner:
        return runner.run(main)


def answer_soon() -> None:
    """Have neither threads nor the collector keep an answer waiting: for a loop that is busy.

    A thread that commits a batch gives the interpreter up at each row, and gets it back after 5 ms
    if the loop has work: with a hundred rows, after half a second. And 50,000 young objects that
    are all alive, as the updates of a flood are, take the collector 0.15 s (docs/benchmarks.md).
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def _best() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - not on every system
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
