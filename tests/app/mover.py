"""A process that is killed (-9) in the midst of moving an office.

    python -m tests.app.mover FILE URL ROWS

It dies when that many rows are copied.
"""

import os
import signal
import sys
from pathlib import Path

from data.database import SqliteDatabase
from data.moving import move
from data.postgres_database import PostgresDatabase


def main(file: str, url: str, rows: int) -> None:
    """Move, until enough rows are over."""

    def copied(done: int, _total: int) -> None:
        if done >= rows:
            os.kill(os.getpid(), signal.SIGKILL)

    move(SqliteDatabase(Path(file)), PostgresDatabase(url), copied, lambda _: None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
