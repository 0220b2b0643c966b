"""The machine a measure ran on, in one line."""

import os
import platform
import sqlite3
import sys
from pathlib import Path

from benchmarks.loops import chosen

_GIB = 1 << 30


def machine() -> str:
    """Name processor, memory, system and versions; nothing that names the machine itself."""
    parts = (
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gib()} GiB",
        f"{platform.system()} {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()} ({sys.implementation.name})",
        f"SQLite {sqlite3.sqlite_version}",
        f"loop: {chosen()}",
    )
    return "machine: " + "; ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory_gib() -> int:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB)
    except (AttributeError, ValueError, OSError):
        return 0
