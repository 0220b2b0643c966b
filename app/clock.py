"""The machine's clock: with `app.ids`, the only place that asks what time it is."""

import time

_NS_PER_MS = 1_000_000


class SystemClock:
    """A `core.ports.Clock` on the machine's own time."""

    def now_ms(self) -> int:
        """Return UTC epoch milliseconds."""
        return time.time_ns() // _NS_PER_MS
