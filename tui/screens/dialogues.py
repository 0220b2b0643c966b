"""Questions asked over a screen: each answers with a value, or None if it is taken back."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Digits, Input, Static

from core.documents import valid_cpf
from core.money import EXPONENTS, cash_change, cash_due, parse_amount
from core.outcomes import CheckedOut
from tui.context import Context
from tui.screens.place import Dialogue
from tui.widgets.lists import Walk


def figures(minor: int, currency: str) -> str:
    """Write an amount in digits alone, for large figures: '80,00'."""
    places = EXPONENTS[currency]
    whole, rest = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole},{rest:0{places}d}" if places else f"{sign}{whole}"


class AskText(Dialogue[str]):
    """Asks for a line of text. `check` returns what is wrong with it, or ''."""

    def __init__(
        self,
        context: Context,
        question: str,
        check: Callable[[str], str] = lambda _: "",
        *,
        given: str = "",
        secret: bool = False,
    ) -> None:
        super().__init__(context)
        self._question, self._check = question, check
        self._given, self._secret = given, secret

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            yield Input(self._given, password=self._secret)
            yield Static("", classes="wrong", markup=False)
            hint = self.context.say.text("Enter: go on   Esc: back")
            yield Static(hint, classes="hint", markup=False)

    @on(Input.Submitted)
    def _given_in(self, event: Input.Submitted) -> None:
        event.stop()
        wrong = self._check(event.value.strip())
        if wrong:
            self.query_one(".wrong", Static).update(Content(f"✗ {wrong}"))
        else:
            self.dismiss(event.value.strip())


class AskAmount(AskText):
    """Asks for an amount of money; answers in the words that were typed."""

    def __init__(self, context: Context, question: str, currency: str) -> None:
        def check(text: str) -> str:
            if parse_amount(text, currency) is None:
                return context.say.text("write an amount, such as 120 or 120,50")
            return ""

        super().__init__(context, question, check)


class AskDocument(AskText):
    """Asks for the CPF that a fare needs."""

    def __init__(self, context: Context, fare: str) -> None:
        def check(text: str) -> str:
            if valid_cpf(text) is None:
                return context.say.text("this is no CPF: check its digits")
            return ""

        question = context.say.text("CPF of the person who will use “{fare}”:", fare=fare)
        super().__init__(context, question, check)


class Confirm(Dialogue[bool]):
    """Asks for a yes."""

    BINDINGS: ClassVar = [("enter", "dismiss(True)", "")]

    def __init__(self, context: Context, question: str) -> None:
        super().__init__(context)
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            hint = self.context.say.text("Enter: yes   Esc: no")
            yield Static(hint, classes="hint", markup=False)


class Pick(Dialogue[str]):
    """Asks for one of some things; answers with its id."""

    BINDINGS: ClassVar = [("enter", "pick", "")]

    def __init__(self, context: Context, question: str, rows: list[tuple[str, str]]) -> None:
        super().__init__(context)
        self._question, self._rows = question, rows

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._question, classes="question", markup=False)
            yield Walk(markup=False)
            hint = self.context.say.text("↑↓: choose   Enter: go on   Esc: back")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self.query_one(Walk).fill([(name, Content(text)) for name, text in self._rows])
        self.query_one(Walk).focus()

    def action_pick(self) -> None:
        """Answer with what is marked."""
        self.dismiss(self.query_one(Walk).marked)


class CashDialogue(Dialogue[int]):
    """Takes cash: what is due, large; what was given; the change as it is typed."""

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
            yield Input()
            yield Static("", classes="change", markup=False)
            yield Static(say.text("Enter: paid   Esc: back"), classes="hint", markup=False)

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
