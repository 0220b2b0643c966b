"""How a store leases and gives back effects, and gives out turns to send, outside the batches.

Each engine brings the call that runs a statement.
"""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from core import limits
from core.ledger import encode
from core.messages import Effect, lanes_of
from core.turns import Block
from data.reading import Row


class Run(Protocol):
    """Runs a writing statement by itself, and commits it."""

    def __call__(self, name: str, values: dict[str, int | str]) -> Awaitable[list[Row]]: ...


async def lease(
    run: Run, worker: str, kinds: Sequence[str], now_ms: int, most: int
) -> tuple[Effect, ...]:
    """Lease the next effects of these kinds for `limits.LEASE_MS`, lane by lane."""
    values: dict[str, int | str] = {
        "worker": worker,
        "kinds": encode([(kind,) for kind in kinds]),
        "now_ms": now_ms,
        "until_ms": now_ms + limits.LEASE_MS,
    }
    leased: list[Effect] = []
    for lane in lanes_of(kinds):
        if len(leased) < most:
            rows = await run("effects_lease", values | {"lane": lane, "most": most - len(leased)})
            taken = (Effect(*row) for row in rows)
            leased += sorted(taken, key=lambda e: (e.show_id, e.ledger_seq, e.item))
    return tuple(leased)


async def retry(run: Run, effect: Effect, worker: str, due_ms: int, error: str) -> None:
    """Give a lease back, to be tried again at `due_ms`; an ended lease is left alone."""
    values: dict[str, int | str] = {
        "show_id": effect.show_id,
        "ledger_seq": effect.ledger_seq,
        "item": effect.item,
        "worker": worker,
        "due_ms": due_ms,
        "error": error[: limits.REASON_LENGTH],
    }
    await run("effects_retry", values)


async def reserve(run: Run, block: Block) -> int | None:
    """Reserve turns to send for every process; return when the next is due, None: not yet."""
    rows = await run(
        "paces_reserve",
        {
            "channel": block.channel,
            "first_ms": block.now_ms + block.span_ms,
            "span_ms": block.span_ms,
            "late_ms": block.late_ms,
            "open_ms": block.open_ms,
            "far_ms": block.far_ms,
        },
    )
    return rows[0][0] if rows else None
