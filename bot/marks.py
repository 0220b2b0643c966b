"""What a button carries, and the ids of what a tap makes.

A tap's data is at most 64 bytes: what to do, at which show and purchase, at which step of the
purchase it was offered, and eight characters of an HMAC over all that. A tap that we did not write
reads as None. `step` is the purchase's newest ledger entry when the button was shown: what changes
something is done only while that is still the newest, so a tap on an old message, a second tap and
a replayed one change nothing. Whose purchase it is, is asked of the office, not of the button.

Ids of customers, purchases, payments and refunds are an HMAC of what they come from: the same tap
delivered twice asks for the same thing twice, and nobody can guess the next.
"""

import hmac
from base64 import b32encode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum

DATA_MAX = 64
_SEAL = 8
_ID_LENGTH = 26
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)
_NUMBER_MAX = 13
_PARTS = 5
_TO_CROCKFORD = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)


class Do(StrEnum):
    """What a tap asks for."""

    SHOWS = "l"
    SHOW = "s"
    JOIN = "j"
    VIEW = "v"
    CLAIM = "k"
    FARE = "h"
    TAKE = "q"
    PAY = "p"
    BACK = "b"
    LEAVE = "x"
    LEAVE_SURELY = "y"
    TICKETS = "t"
    CODES = "c"
    PIX_PICTURE = "g"
    REFUND = "r"
    REFUND_SURELY = "f"
    ERASE = "w"
    ERASE_SURELY = "e"
    SPEAK = "n"
    REACH = "o"
    MINE = "m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """What a button carries. `text` is a search's words, or the customer to be erased."""

    do: Do
    show_id: int = 0
    purchase_id: str = ""
    step: int = 0
    args: tuple[int, ...] = ()
    text: str = ""


class Marks:
    """Writes and reads taps, with the secret that makes them ours."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def write(self, tap: Tap) -> str:
        """Return a tap as a button's data; longer than `DATA_MAX`, it fits no button."""
        said = ".".join(
            (
                tap.do + _written(tap.show_id),
                _written(tap.step),
                ",".join(_written(one) or "0" for one in tap.args),
                tap.purchase_id,
                tap.text,
            )
        )
        return self._seal(said) + said

    def read(self, data: str) -> Tap | None:
        """Return what a button of ours carries, or None."""
        seal, said = data[:_SEAL], data[_SEAL:]
        if not said or not data.isprintable():  # What can't be seen can't always be encoded.
            return None
        if not hmac.compare_digest(seal.encode(), self._seal(said).encode()):
            return None
        show, step, args, purchase_id, text = said.split(".", _PARTS - 1)
        return Tap(
            do=Do(show[0]),
            show_id=_read(show[1:]),
            purchase_id=purchase_id,
            step=_read(step),
            args=tuple(map(_read, args.split(","))) if args else (),
            text=text,
        )

    def new_id(self, *made_of: object) -> str:
        """Return the id of what comes from these: the same each time, and not to be guessed."""
        digest = hmac.digest(self._secret, "\n".join(map(str, made_of)).encode(), "sha256")
        return b32encode(digest).decode("ascii")[:_ID_LENGTH].translate(_TO_CROCKFORD)

    def _seal(self, said: str) -> str:
        digest = hmac.digest(self._secret, b"tap\n" + said.encode(), "sha256")
        return urlsafe_b64encode(digest).decode("ascii")[:_SEAL]


def _written(number: int) -> str:
    """Write a whole number, not negative, in base 36."""
    text = ""
    while number:
        number, digit = divmod(number, _BASE)
        text = _DIGITS[digit] + text
    return text


def _read(text: str) -> int:
    return int(text[:_NUMBER_MAX], _BASE) if text else 0
