"""Draws the generated parts of docs/how-a-request-travels.md from the code itself.

`python -m scripts.draw_lifecycle` writes them anew, between the page's `<!-- NAME -->` and
`<!-- end of NAME -->`; tests/test_lifecycle_diagram.py fails when the page is not what it writes.
"""

import re
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

from core import outcomes
from core.box_office import BoxOffice
from core.purchase import LIVE, TRANSITIONS, State

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-a-request-travels.md"
_BEGINNINGS = (
    (State.IN_LOBBY, "join before the opening"),
    (State.IN_LINE, "join"),
    (State.CHOOSING, "join, nobody waits"),
)
"""How a purchase begins (`core.selling.join`): not a step, so not in the table."""
_PART = re.compile(r"(<!-- (?P<name>\w+) -->\n).*?(<!-- end of (?P=name) -->)", re.DOTALL)


def lifecycle() -> str:
    """Return the state diagram of a purchase, as Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state}: {how}" for state, how in _BEGINNINGS]
    lines += [f"    {state} --> {then}: {event}" for (state, event), then in TRANSITIONS.items()]
    lines += [f"    {state} --> [*]" for state in State if state not in LIVE]
    return "\n".join([*lines, "```"])


def steps() -> str:
    """Return the transition table for readers without pictures: what may happen in each state."""
    lines = ["| state | what may happen, and what it leads to |", "|---|---|"]
    for state in State:
        then = ", ".join(
            f"{event} -> `{after}`" for (now, event), after in TRANSITIONS.items() if now is state
        )
        lines.append(f"| `{state}` | {then or 'nothing more'} |")
    return "\n".join(lines)


def answers() -> str:
    """Return the table of what can be asked of the office and what it may answer."""
    lines = ["| request | what it does | answers | refusals |", "|---|---|---|---|"]
    for said, requests, answered in _asked():
        refused = [name for name in answered if _is_refusal(name)]
        granted = [name for name in answered if not _is_refusal(name)]
        cells = (_listed(requests), said, _listed(granted), _listed(refused) or "none")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _asked() -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield (first line, kinds of request, kinds of outcome) of each method that takes one."""
    for method in vars(BoxOffice).values():
        hints = typing.get_type_hints(method) if callable(method) else {}
        if "request" in hints:
            said = (method.__doc__ or "").partition("\n")[0]
            yield said, _names(hints["request"]), _names(typing.get_args(hints["return"])[0])


def _names(hint: object) -> list[str]:
    kinds = typing.get_args(hint) or (hint,)
    return [kind.__name__ for kind in kinds if isinstance(kind, type)]


def _is_refusal(name: str) -> bool:
    """Whether an outcome is a refusal: in its module they follow those that are not."""
    told = list(vars(outcomes))
    return told.index(name) >= told.index(outcomes.UnknownShow.__name__)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


PARTS: dict[str, Callable[[], str]] = {"lifecycle": lifecycle, "steps": steps, "answers": answers}


def redrawn(page: str) -> str:
    """Return the page with its generated parts as they are now."""
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part['name']]()}\n{part[3]}", page)


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"drawn: {PAGE.name}")


if __name__ == "__main__":
    main()
