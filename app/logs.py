"""Where programs that run on write what they do: to standard error, for whoever keeps it."""

import logging
import sys

from app.settings import Settings


def write_logs(settings: Settings) -> None:
    """Write logs from now on, as much as the settings say."""
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # They tell of every request with its address, and Telegram's holds the bot's token; or of every
    # job that they run.
    for name in ("httpx", "stripe", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
