"""The demonstration: a show sold out before your eyes, on the real office and the real store."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console
from rich.table import Table

from app.clock import SystemClock
from app.demo.links import FAST, SLOW
from app.demo.picture import Lines, Picture, Teller
from app.demo.play import SPAN_MS, Ending, Pace, play, start_ms
from app.demo.stage import demo_key
from app.keys import write_public_key
from core.terms import SECOND_MS
from core.verdict import Verdict
from data.auditing import audit

FANS = 2_000
_ZONE = "America/Sao_Paulo"
_ASIDE_S = 4
"""Of the seconds given, those for setting up and for the audit."""
_REFUSED = 2
_INTERRUPTED = 130


def run(
    *,
    seconds: int = 45,
    fans: int = FANS,
    seed: int = 1,
    plain: bool = False,
    keep: Path | None = None,
) -> int:
    """Play the demonstration in about `seconds` (0: as fast as it goes); return its exit code.

    0: nothing oversold, nobody overtaken, and the audit proved it; 1: otherwise. `keep` is where
    the database stays to be looked at; it must not be there yet.
    """
    console = Console()
    refused = _not_there(keep) if keep is not None else None
    if refused:
        console.print(refused, markup=False, highlight=False)
        return _REFUSED
    plain = plain or not console.is_terminal or bool(os.environ.get("NO_COLOR"))
    try:
        with _place(keep) as path:
            code = _show(console, path, seconds=seconds, fans=fans, seed=seed, plain=plain)
    except KeyboardInterrupt:
        console.print("Stopped. Nothing was left half done.", highlight=False)
        return _INTERRUPTED
    if keep is not None:
        key = _keep_key(keep, seed)
        console.print(
            f"Kept: look inside with BILHETERIA_DATABASE={keep} BILHETERIA_KEY_FILE={key}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if not shutil.which("bilheteria"):
        console.print(f"First: export PATH={Path(sys.executable).parent}:$PATH", soft_wrap=True)
    console.print(
        "Next: `bilheteria init` makes an office of your own, then\n"
        "`bilheteria show import FILE` puts shows on sale. `bilheteria --help` lists all.",
        highlight=False,
    )
    return code


def _not_there(keep: Path) -> str | None:
    """Say why a database can't be kept there, or None."""
    for path in (keep, _key_path(keep)):
        if path.exists():
            return f"{path} is there already: name a new file to keep"
    return None if keep.parent.is_dir() else f"{keep.parent} is no folder: make it first"


def _key_path(keep: Path) -> Path:
    return keep.with_name(f"{keep.name}.key")


def _keep_key(keep: Path, seed: int) -> Path:
    """Write the play's key beside its database, so that every command works on it."""
    path = _key_path(keep)
    path.touch(mode=0o600)
    pem = demo_key(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    write_public_key(path)
    return path


@contextmanager
def _place(keep: Path | None) -> Generator[Path]:
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="bilheteria-demo-") as folder:
        yield Path(folder) / "demo.db"


def _show(console: Console, path: Path, *, seconds: int, fans: int, seed: int, plain: bool) -> int:
    span_s = max(seconds - _ASIDE_S, 1) if seconds else 0
    teller: Teller = (
        Lines(console, _ZONE)
        if plain
        else Picture(console, _ZONE, SPAN_MS / SECOND_MS / max(span_s, 1))
    )
    console.print(
        f"{fans:,} people want tickets: half on fast links ({FAST.label}),\n"
        f"half on slow ones ({SLOW.label}). Only the time is pretended:\n"
        "the office and its store are the real ones.",
        highlight=False,
    )
    begins_ms = start_ms(SystemClock())
    with teller:
        pace = Pace(teller, span_s)
        ending = asyncio.run(play(path, begins_ms=begins_ms, fans=fans, seed=seed, pace=pace))
    with console.status("proving it: the audit recomputes every row"):
        verdict = audit(path)
    console.print(_table(ending, verdict))
    for problem in verdict.problems:
        console.print(f"  {problem.where}: {problem.what}", markup=False, highlight=False)
    return 0 if verdict.ok and not ending.oversold and not ending.inversions else 1


def _table(ending: Ending, verdict: Verdict) -> Table:
    tally = ending.tally
    table = Table(title="What happened", show_header=False, min_width=60)
    table.add_column()
    table.add_column(justify="right")
    rows: tuple[tuple[str, object], ...] = (
        ("tickets in the house", ending.show.card.capacity),
        ("sold", ending.sold),
        ("refunded, and sold again to the next in line", ending.refunded),
        ("fast links: got tickets", _success(ending, FAST.name)),
        ("slow links: got tickets", _success(ending, SLOW.name)),
        ("requests sent again for want of an answer", tally.repeated),
        ("people who vanished while buying", tally.vanished),
        ("places lost to the connection", tally.places_lost),
        ("people overtaken in line", ending.inversions),
        ("oversold", ending.oversold),
        ("audit", "clean" if verdict.ok else f"{len(verdict.problems)} PROBLEMS"),
    )
    for name, value in rows:
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    return table


def _success(ending: Ending, kind: str) -> str:
    tally = ending.tally
    return f"{tally.served[kind]:,} of {tally.fans[kind]:,} ({tally.success(kind):.1f} %)"
