"""The event loop of a long-running process."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


def run(
    main: Coroutine[Any, Any, _T],
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> _T:
    """Run `main` to its end, on uvloop where there is one, or on the loop that `factory` makes."""
    gc.freeze()  # What the start made stays: the collector need not look at it.
    with asyncio.Runner(loop_factory=factory or _best()) as runner:
        return runner.run(main)


def _best() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - not on every system
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
