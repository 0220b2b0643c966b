"""Questions asked over a screen: each answers with a value, or None if it is taken back."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Digits, Input, Static

from core.documents import valid_cpf
from core.money import EXPONENTS, cash_change, cash_due, parse_amount
from core.outcomes import CheckedOut
from language import msgid
from tui.context import Context
from tui.screens.place import Dialogue
from tui.widgets.keys import Hint
from tui.widgets.lists import Walk

_CATALOGUES = frozenset({".toml", ".csv", ".json", ".jsonld", ".html", ".htm"})
"""How files of shows end."""
_LINE_MOST = 500
"""Characters of an answer: what is pasted by mistake is not taken."""


def figures(minor: int, currency: str) -> str:
    """Write an amount in digits alone, for large figures: '80,00'."""
    places = EXPONENTS[currency]
    whole, rest = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole},{rest:0{places}d}" if places else f"{sign}{whole}"


class AskText(Dialogue[str]):
    """Asks for a line of text. `check` returns what is wrong with it, or ''."""

    ABOUT = msgid("Type the answer, then Enter. Esc goes back, and nothing is done.")

    def __init__(
        self,
        context: Context,
        question: str,
        check: Callable[[str], str] = lambda _: "",
        *,
        secret: bool = False,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(context)
        self._question, self._check = question, check
        self._secret, self._suggester = secret, suggester

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            yield Input(password=self._secret, suggester=self._suggester, max_length=_LINE_MOST)
            yield Static("", classes="wrong", markup=False)
            hint = self.context.say.text("Enter: go on   Esc: back")
            yield Hint(hint)

    @on(Input.Submitted)
    def _given_in(self, event: Input.Submitted) -> None:
        event.stop()
        wrong = self._check(event.value.strip())
        if wrong:
            self.query_one(".wrong", Static).update(Content(f"✗ {wrong}"))
        else:
            self.dismiss(event.value.strip())


class _Paths(Suggester):
    """Completes the name of a file: folders end with a slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first name that begins so; hidden ones only if asked for."""
        return await asyncio.to_thread(self._first, value)

    @staticmethod
    def _first(value: str) -> str | None:
        folder, slash, begun = value.rpartition("/")
        try:
            found = sorted(Path(f"{folder}{slash}" or ".").expanduser().iterdir())
        except OSError:
            return None
        for path in found:
            hidden = path.name.startswith(".") and not begun.startswith(".")
            shown = path.is_dir() or path.suffix.lower() in _CATALOGUES
            if path.name.startswith(begun) and path.name.isprintable() and shown and not hidden:
                return f"{folder}{slash}{path.name}" + ("/" if path.is_dir() else "")
        return None


class AskPath(AskText):
    """Asks for a file of shows; → or Tab completes its name."""

    ABOUT = msgid(
        "Type where the file of shows is; Tab completes its name. Enter reads it, and says what "
        "would be published or what is wrong: nothing is published before you say yes."
    )
    BINDINGS: ClassVar = [Binding("tab", "complete", show=False, priority=True)]

    def __init__(self, context: Context, question: str) -> None:
        def check(text: str) -> str:
            there = Path(text).expanduser().is_file()
            return "" if there else context.say.text("there is no such file")

        super().__init__(context, question, check, suggester=_Paths())

    def action_complete(self) -> None:
        """Take what is suggested."""
        field = self.query_one(Input)
        field.action_end()
        field.action_cursor_right()


class Reading(Dialogue[bool]):
    """Shows a text that may be long, until it was read; `asks`: for a yes to it."""

    ABOUT = msgid(
        "Read it with the arrows. Where it asks, Enter says yes, and Esc goes back: nothing is "
        "done."
    )
    BINDINGS: ClassVar = [("enter", "dismiss(True)", "")]

    def __init__(self, context: Context, title: str, told: str, *, asks: bool = False) -> None:
        super().__init__(context)
        self._title, self._told, self._asks = title, told, asks

    def compose(self) -> ComposeResult:
        with Vertical(classes="box help"):
            yield Static(self._title, classes="question", markup=False)
            with VerticalScroll(classes="reading"):
                yield Static(self._told, markup=False)
            say = self.context.say
            hint = say.text("↑↓: read   Enter: back")
            if self._asks:
                hint = say.text("↑↓: read   Enter: yes   Esc: no")
            yield Hint(hint)

    async def set_up(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()


class AskAmount(AskText):
    """Asks for an amount of money; answers in the words that were typed."""

    ABOUT = msgid(
        "Type the amount, such as 120 or 120,50, then Enter. Esc goes back, and nothing is done."
    )

    def __init__(self, context: Context, question: str, currency: str) -> None:
        def check(text: str) -> str:
            if parse_amount(text, currency) is None:
                return context.say.text("write an amount, such as 120 or 120,50")
            return ""

        super().__init__(context, question, check)


class AskDocument(AskText):
    """Asks for the CPF that a fare needs."""

    ABOUT = msgid(
        "This fare is sold only with the CPF of the person who will use it. Type its eleven "
        "digits; dots and hyphen may be left out. It is kept for this sale alone, and erased after "
        "the show. Esc goes back, and the fare is not taken."
    )

    def __init__(self, context: Context, fare: str) -> None:
        def check(text: str) -> str:
            if valid_cpf(text) is None:
                return context.say.text("this is no CPF: check its digits")
            return ""

        question = context.say.text("CPF of the person who will use “{fare}”:", fare=fare)
        super().__init__(context, question, check)


class Confirm(Dialogue[bool]):
    """Asks for a yes."""

    ABOUT = msgid("Enter says yes. Esc goes back, and nothing is done.")
    BINDINGS: ClassVar = [("enter", "dismiss(True)", "")]

    def __init__(self, context: Context, question: str) -> None:
        super().__init__(context)
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            hint = self.context.say.text("Enter: yes   Esc: no")
            yield Hint(hint)


class Pick(Dialogue[str]):
    """Asks for one of some things; answers with its id."""

    ABOUT = msgid("The arrows mark one, Enter takes it. Esc goes back, and nothing is done.")
    BINDINGS: ClassVar = [("enter", "pick", "")]

    def __init__(self, context: Context, question: str, rows: list[tuple[str, str]]) -> None:
        super().__init__(context)
        self._question, self._rows = question, rows

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            yield Walk(markup=False)
            hint = self.context.say.text("↑↓: choose   Enter: go on   Esc: back")
            yield Hint(hint)

    async def set_up(self) -> None:
        """Show what there is."""
        self.query_one(Walk).fill([(name, Content(text)) for name, text in self._rows])
        self.query_one(Walk).focus()

    @on(Walk.OptionSelected)
    def _clicked(self, event: Walk.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_pick(self) -> None:
        """Answer with what is marked."""
        self.dismiss(self.query_one(Walk).marked)


class CashDialogue(Dialogue[int]):
    """Takes cash: what is due, large; what was given; the change as it is typed."""

    ABOUT = msgid(
        "Large stands what is due. Type what you were given and the change stands below; leave it "
        "empty if it is exactly that. Enter takes the money: the tickets are sold and printed. Esc "
        "goes back to the basket, and nothing is sold."
    )

    def __init__(self, context: Context, order: CheckedOut) -> None:
        super().__init__(context)
        self._order = order
        self._due = cash_due(order.total_minor, order.currency)

    def compose(self) -> ComposeResult:
        say, order = self.context.say, self._order
        with Vertical(classes="box"):
            yield Static(say.text("TO PAY IN CASH ({currency})", currency=order.currency))
            yield Digits(figures(self._due, order.currency))
            if self._due != order.total_minor:
                rounded = say.money(order.total_minor - self._due, order.currency)
                yield Static(say.text("rounded down by {amount}", amount=rounded), markup=False)
            hint = say.text("Given (Enter alone: exactly that):")
            yield Static(hint, classes="question", markup=False)
            yield Input(max_length=_LINE_MOST)
            yield Static("", classes="change", markup=False)
            yield Hint(say.text("Enter: paid   Esc: back"))

    def _change(self, text: str) -> tuple[int | None, int | None]:
        if not text.strip():
            return self._due, 0
        given = parse_amount(text, self._order.currency)
        if given is None:
            return None, None
        return given, cash_change(self._order.total_minor, given, self._order.currency)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        given, change = self._change(event.value)
        say, currency = self.context.say, self._order.currency
        if not event.value.strip():
            told = ""
        elif given is None:
            told = "✗ " + say.text("write an amount, such as 120 or 120,50")
        elif change is None:
            short = say.money(self._due - given, currency)
            told = "✗ " + say.text("{amount} is missing", amount=short)
        else:
            told = "✓ " + say.text("change {amount}", amount=say.money(change, currency))
        self.query_one(".change", Static).update(Content(told))

    @on(Input.Submitted)
    def _given_in(self, event: Input.Submitted) -> None:
        event.stop()
        given, change = self._change(event.value)
        if given is not None and change is not None:
            self.dismiss(given)
