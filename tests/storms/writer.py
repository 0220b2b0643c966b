"""A process that sells while its files may not grow any more, then while they may again.

    python -m tests.storms.writer FILE

It prints 'sold', 'lost: why' for what was refused, and 'sold again' at the end.
"""

import asyncio
import resource
import signal
import sys
from pathlib import Path

from core import requests as ask
from core.ports import StorageLost
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import open_office, publish

ROOM = 200_000


def allow(size: int) -> None:
    """Let no file of this process grow past this many bytes (-1: any)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, -1))


async def main(path: Path) -> None:
    """Sell until the disk says no, some more, and then when it has room again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    async with open_office(path) as office:
        await publish(office, show(tier("pista", 10_000)))
        await office.run(ask.OpenSale(show_id=1))
        allow(Path(f"{path}-wal").stat().st_size + ROOM)
        lost = 0
        for count in range(2_000):
            name = f"fan{count}"
            try:
                await register(office, name)
                await Fan(office, 1, name).buy()
                print("sold", flush=True)
            except StorageLost as said:
                print(f"lost: {said}", flush=True)
                lost += 1
                if lost == 3:
                    break
        allow(-1)
        await register(office, "last")
        await Fan(office, 1, "last").buy()
    print("sold again", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
