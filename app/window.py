"""What `bilheteria window` runs: the window on an open office."""

import asyncio
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from app.messaging import contacts
from app.passwords import bad_password, hash_password, password_fits
from app.settings import Settings
from app.wiring import Open, open_office
from core.catalogue import ShowDraft
from core.outcomes import CheckedOut
from core.terms import Problem
from core.views import PurchaseView, ShowView
from payments import counter
from tui.app import Window
from tui.ports import Givens, NotTaken, Printer, Taken


class _Passwords:
    """A `tui.ports.Passwords`: argon2id."""

    def fits(self, password_hash: str, password: str) -> bool:
        """Say whether this is the password that the hash was made of."""
        return password_fits(password_hash, password)

    def hashed(self, password: str) -> str:
        """Return what is kept of a new password."""
        return hash_password(password)

    def bad(self, password: str) -> str | None:
        """Say what is wrong with a new password, or None."""
        return bad_password(password)


class _Till:
    """A `tui.ports.Till`: the counter."""

    def cash(self, order: CheckedOut, given_minor: int, actor: str) -> Taken | NotTaken:
        """Take so much in cash."""
        taken = counter.take_cash(order, given_minor, order.currency, actor)
        match taken:
            case counter.Taken():
                return Taken(report=taken.report, change_minor=taken.change_minor)
            case counter.NotEnoughCash():
                return NotTaken(due_minor=taken.due_minor)
            case _:
                return NotTaken()

    def card(self, order: CheckedOut, reference: str, actor: str) -> Taken | NotTaken:
        """Note what a card terminal took."""
        taken = counter.take_card(order, reference, actor)
        if isinstance(taken, counter.Taken):
            return Taken(report=taken.report, change_minor=0)
        return NotTaken()


class _Papers:
    """The house's papers, in the house's language."""

    def __init__(self, an_office: Open) -> None:
        self._office = an_office

    def tickets(self, show: ShowView, purchase: PurchaseView) -> bytes:
        return self._office.papers().tickets(show, purchase, self._office.settings.language)


class _Catalogue:
    """A `tui.ports.Catalogue`: files and forms, in the house's zone and currency."""

    def __init__(self, time_zone: str, currency: str) -> None:
        self._time_zone, self._currency = time_zone, currency

    def from_file(
        self, path: Path, now_ms: int
    ) -> tuple[tuple[ShowDraft, ...], tuple[Problem, ...]]:
        from data.files import Supplied, read_catalogue  # noqa: PLC0415 - only managers need it

        supplied = Supplied(time_zone=self._time_zone, currency=self._currency)
        return read_catalogue(path, now_ms=now_ms, supplied=supplied)

    def from_form(
        self, values: Mapping[str, str | bool], now_ms: int
    ) -> tuple[ShowDraft | None, tuple[Problem, ...]]:
        from data.files.forms import read_form  # noqa: PLC0415 - only managers need it

        return read_form(values, now_ms=now_ms)

    def as_form(self, draft: ShowDraft) -> dict[str, str | bool]:
        from data.files.forms import form_of  # noqa: PLC0415 - only managers need it

        return form_of(draft)


def printer_of(address: str) -> Printer | None:
    """Return the printer at an address, or None for ''."""
    if not address:
        return None
    from tui.printing.escpos import EscposPrinter  # noqa: PLC0415 - only who prints needs it

    return EscposPrinter(address)


def givens_of(an_office: Open) -> Givens:
    """Return what a window on this office is made of."""
    settings = an_office.settings
    return Givens(
        office=an_office.office,
        offers=an_office.offers,
        signal=an_office,
        signer=an_office.signer,
        verifier=an_office.signer,
        passwords=_Passwords(),
        till=_Till(),
        printer=printer_of(settings.window_printer),
        papers=_Papers(an_office),
        catalogue=_Catalogue(settings.time_zone, settings.window_currency),
        channels=contacts(settings),
        folder=Path(settings.window_folder),
        house=settings.house,
        language=settings.language,
        time_zone=settings.time_zone,
        currency=settings.window_currency,
        place=settings.window_name,
        theme=settings.window_theme,
        keys=settings.window_keys,
        lock_ms=settings.window_lock_minutes * 60_000,
    )


def run_window(settings: Settings) -> None:
    """Open the office and the window on it, until somebody closes the window."""

    async def opened() -> None:
        async with open_office(settings) as an_office:
            await Window(givens_of(an_office)).run_async()

    asyncio.run(opened())


def serve_window(settings: Settings, host: str, port: int) -> None:
    """Serve windows to browsers, each visit a process of its own that asks who signs in."""
    from textual_serve.server import Server  # noqa: PLC0415 - only --web needs it

    command = shlex.join([sys.executable, "-m", "app", "window"])
    Server(command, host=host, port=port, title=settings.house).serve()
