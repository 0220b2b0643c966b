"""What every channel is, and the two ways in which it fails."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from language import msgid
from notifier.letters import Letter

Part = Callable[[str], Awaitable[None]]
"""Sends one part of a letter to an address: one call to the provider, which happens or does not."""


PAUSE: Final = msgid("the channel asks for a pause, which is kept")
"""What is said of a failure that is none: its `retry_after_ms` is waited for."""


class Channel(Protocol):
    """Carries letters to addresses of one kind."""

    name: str
    """As attempts are recorded under it: 'telegram', 'email', 'sms', 'push'."""
    contact: str
    """The kind of contact that it reaches."""

    def parts(self, letter: Letter) -> Sequence[Part]:
        """Return what is to be sent, in order; the same parts whenever it is asked."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


class Failed(Exception):
    """It may work later. `safe` is a text of our catalogue and holds nothing from outside.

    It says what is wrong and what to do; the reply code that the other side gave stands behind it.
    """

    def __init__(self, safe: str, code: int = 0, *, retry_after_ms: int = 0) -> None:
        self.safe = f"{safe} ({code})" if code else safe
        super().__init__(self.safe)
        self.retry_after_ms = retry_after_ms
        """The pause that the provider asked for; 0 if it asked for none."""
        self.tries = 1
        """How often the message failed so far: waiting for one's turn is no failure."""


class Refused(Exception):
    """It will never work for this address, or not for this letter. `safe` as in `Failed`."""

    def __init__(self, safe: str, code: int = 0) -> None:
        self.safe = f"{safe} ({code})" if code else safe
        super().__init__(self.safe)
