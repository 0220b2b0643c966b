"""Runs a module of tests/storms as a process of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(module: str, *words: object) -> subprocess.Popen[str]:
    """Start it; what it prints is read line by line from its `stdout`."""
    command = [sys.executable, "-m", f"tests.storms.{module}", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
