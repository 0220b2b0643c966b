"""The composition root: settings, wiring, the scheduler and the command line.

The only room that may import several rooms. Start at `wiring.open_office`.
"""

import os

# python-telegram-bot's coming form of spans of time, which the one of today warns of.
os.environ.setdefault("PTB_TIMEDELTA", "true")
