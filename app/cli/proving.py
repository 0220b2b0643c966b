"""The audit as commands use it: with a bar, and with what it found said."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from app.cli.frame import Refused, complain, progress

if TYPE_CHECKING:
    from core.verdict import Verdict
    from data.database import Database

_TOLD_MAX = 20


def prove(database: "Database", show_id: int | None = None) -> "Verdict":
    """Prove one show, or everything."""
    from data.auditing import audit  # noqa: PLC0415 - slow to load
    from data.database import opened  # noqa: PLC0415 - the same

    opened(database)
    with progress("proving") as told:
        return audit(database, show_id, counting(told))


def counting(told: Callable[[int, int], None]) -> Callable[[int], None]:
    """Make a counter of steps into a bar of unknown length."""
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        told(done, 0)

    return count


def refuse_unproved(
    verdict: "Verdict", what: str, *, as_json: bool, facts: Mapping[str, object] | None = None
) -> None:
    """Refuse, and say what the audit found, unless it found nothing."""
    if verdict.ok:
        return
    for one in () if as_json else verdict.problems[:_TOLD_MAX]:
        complain(f"{one.where}: {one.what}")
    more = len(verdict.problems) - _TOLD_MAX
    if more > 0 and not as_json:
        complain(f"and {more} more (see --json)")
    first = verdict.problems[0]
    message = f"{what}: {first.where} {first.what}"
    raise Refused(message, facts={**verdict.as_plain(), **(facts or {})})
