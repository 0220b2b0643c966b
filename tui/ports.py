"""What the window needs from outside, given by `app` when it opens the window."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.box_office import BoxOffice
from core.catalogue import ShowDraft
from core.offers import Offers
from core.outcomes import CheckedOut
from core.ports import Signal, Signer, Verifier
from core.requests import Report
from core.terms import Problem
from core.views import PurchaseView, ShowView
from tui.printing.slips import Slip


class Passwords(Protocol):
    """Clerks' passwords. Each call takes some 50 ms of a processor, on purpose."""

    def fits(self, password_hash: str, password: str) -> bool:
        """Say whether this is the password that the hash was made of."""
        ...

    def hashed(self, password: str) -> str:
        """Return what is kept of a new password."""
        ...

    def bad(self, password: str) -> str | None:
        """Say what is wrong with a new password, or None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The money lies on the counter: what is reported, and the change to hand back."""

    report: Report
    change_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """It does not: less than `due_minor` was given, or the terminal's reference is missing."""

    due_minor: int | None = None


class Till(Protocol):
    """Takes money by hand."""

    def cash(self, order: CheckedOut, given_minor: int, actor: str) -> Taken | NotTaken:
        """Take so much in cash."""
        ...

    def card(self, order: CheckedOut, reference: str, actor: str) -> Taken | NotTaken:
        """Note what a card terminal took, by the reference that it printed (NSU)."""
        ...


class PrinterTrouble(Exception):
    """Nothing was printed, or not all. The message says what is wrong, for a clerk."""


class Printer(Protocol):
    """Prints slips of paper; called in a thread of its own, as it may hang."""

    def print(self, slips: tuple[Slip, ...], *, kick: bool) -> None:
        """Print, after opening the drawer if `kick`. Raises `PrinterTrouble`."""
        ...


class Papers(Protocol):
    """Makes the tickets of a purchase as a file to hand over or print elsewhere."""

    def tickets(self, show: ShowView, purchase: PurchaseView) -> bytes:
        """Return a PDF."""
        ...


class Catalogue(Protocol):
    """Reads shows as people write them down. Where there is a problem, there is no draft."""

    def from_file(
        self, path: Path, now_ms: int
    ) -> tuple[tuple[ShowDraft, ...], tuple[Problem, ...]]:
        """Read the shows of a file; each problem says its line or path in it."""
        ...

    def from_form(
        self, values: Mapping[str, str | bool], now_ms: int
    ) -> tuple[ShowDraft | None, tuple[Problem, ...]]:
        """Read a show from values by path, such as 'tier[0].price'; so do the problems say it."""
        ...

    def as_form(self, draft: ShowDraft) -> dict[str, str | bool]:
        """Write a draft as such values."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Givens:
    """All that a window is made of."""

    office: BoxOffice
    offers: Offers
    signal: Signal
    signer: Signer
    verifier: Verifier
    passwords: Passwords
    till: Till
    printer: Printer | None
    papers: Papers | None
    catalogue: Catalogue
    folder: Path
    """Where slips go that no printer takes, and what the door keeps for when it is cut off."""
    house: str
    language: str
    time_zone: str
    currency: str = "BRL"
    """The currency of the drawer."""
    place: str = "window"
    """What this terminal is called in the ledger of the door."""
    theme: str = "dark"
    channels: frozenset[str] = frozenset()
    """By which contacts people can be written to: 'telegram', 'email', 'phone', 'push'."""
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """Keys of commands by their name, for those that differ from the house's own."""
    lock_ms: int = 300_000
    """How long nobody touches a key until the window locks; 0: never."""
