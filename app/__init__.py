"""The composition root: settings, wiring, the scheduler and the command line.

The only room that may import several rooms. Start at `wiring.open_office`.
"""

import gc
import os

# python-telegram-bot's coming form of spans of time, which the one of today warns of.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# Nearly all that a start makes stays, and a batch makes tens of thousands of rows that die with it:
# looked through less often, less of it is alive (docs/benchmarks.md says what that saves).
gc.set_threshold(50_000, 20, 50)
