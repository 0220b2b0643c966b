"""How a measure is run: its options, and progress told on stderr."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for. `size` 0: the size of the goal."""

    size: int = 0
    rounds: int = 3
    folder: Path | None = None


def say(text: str) -> None:
    """Tell how far a measure has come."""
    print(f"  {text}", file=sys.stderr, flush=True)
