"""The window: a pane for each person, who reads, taps and writes as on a phone.

What a person sees is what arrived over their own link: the panes never look into the office.
"""

from collections.abc import Sequence

from textual import on, work
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Footer, Input, Static

from app.chat.stage import Stage
from bot.local_api.people import Button as Key
from bot.local_api.people import Person, Shown
from language import Speech, msgid, speech

_PATIENCE_S = 10.0
_INVOICE = "https://t.me/$"
_START = "?start="
_KINDS = {
    "document": msgid("file"),
    "photo": msgid("picture"),
    "invoice": msgid("invoice"),
    "successful_payment": msgid("paid"),
    "refunded_payment": msgid("refunded"),
}


def speech_of(person: Person) -> Speech:
    """Return how the window speaks to somebody: in the language of their phone."""
    return speech(str(person.facts.get("language_code", "en")), "cli")


class Copied(Message):
    """Somebody copied a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class KeyButton(Button):
    """A button under a message."""

    def __init__(self, shown: Shown, key: Key, label: str = "") -> None:
        super().__init__(Content(label or key.text), compact=True)
        self.shown = shown
        self.key = key
        self.pays = bool(label)


class MessageBox(Vertical):
    """A message as it now stands."""

    def __init__(self, shown: Shown, say: Speech, *, own: bool) -> None:
        super().__init__(classes="own" if own else "")
        self.shown = shown
        self._say = say

    def compose(self) -> ComposeResult:
        """Show the text, and a row of buttons for each row."""
        text = self.shown.text or _what(self.shown, self._say)
        yield Static(text, classes="text", markup=False)
        for row in self.shown.rows:
            yield Horizontal(*(KeyButton(self.shown, key) for key in row))
            for key in row:
                if key.copied:
                    pays = self._say.text("Bank app: pay it")
                    yield Horizontal(KeyButton(self.shown, key, pays))


def _what(shown: Shown, say: Speech) -> str:
    for kind, named in _KINDS.items():
        if kind in shown.message:
            name = shown.message[kind].get("file_name", "") if kind == "document" else ""
            return f"[{say.text(named)}] {name}".strip()
    what = say.text("message")
    return f"[{what}]"


class Messages(VerticalScroll, can_focus=False, inherit_bindings=False):
    """What was said; the arrow keys are for its buttons."""


class FanPane(Vertical):
    """One person's phone."""

    def __init__(self, person: Person, stage: Stage) -> None:
        super().__init__()
        self.person = person
        self._say = speech_of(person)
        self._stage = stage
        self._drawn: list[Shown] = []
        self._messages = Messages()
        self.line = Input(placeholder="/start", compact=True)

    def compose(self) -> ComposeResult:
        """Show the name, the messages and the line to write in."""
        yield Static(str(self.person.facts["first_name"]), classes="name", markup=False)
        yield self._messages
        yield self.line

    def on_mount(self) -> None:
        """Follow what arrives, and begin."""
        self.follow()
        self.person.send("/start")

    @work
    async def follow(self) -> None:
        """Draw what arrives, whenever something does, until the window closes.

        A pane's children go before its workers are told: they are never looked for here.
        """
        while self._messages.is_attached:
            beats = self.person.pulse.beats
            await self._draw()
            await self.person.until(lambda seen=beats: self.person.pulse.beats != seen)

    async def _draw(self) -> None:
        """Draw from the first message that is not as it was; who was there keeps the place."""
        shown = [Shown(message) for message in self.person.everything]
        same = 0
        for old, new in zip(self._drawn, shown, strict=False):
            if old.message != new.message:
                break
            same += 1
        mine = self.person.user_id
        gone = list(self._messages.children)[same:]
        boxes = [
            MessageBox(one, self._say, own=one.message["from"]["id"] == mine)
            for one in shown[same:]
        ]
        async with self._messages.batch():
            await self._messages.mount_all(boxes)
            if not self._messages.is_attached:
                return
            kept = self._keep_place(gone, boxes)
            self._drawn = shown
            self.line.placeholder = self._hint() or "/start /shows /line /tickets /privacy"
            await self._messages.remove_children(gone)
        self.call_after_refresh(self._show_end, kept=kept)

    def _keep_place(self, gone: Sequence[Widget], boxes: Sequence[MessageBox]) -> bool:
        """Go from a button to the same one of its message as it is now, or to the first there."""
        at = self._at
        if at is None or not any(box in at.ancestors for box in gone):
            return False
        now = (box for box in boxes if box.shown.message_id == at.shown.message_id)
        keys = [key for box in now for key in box.query(KeyButton)]
        same = [key for key in keys if key.label == at.label]
        (same or keys or [self.line])[0].focus()
        return True

    def _show_end(self, *, kept: bool) -> None:
        """Scroll to the end, as far as the button where one is, or its message, stays in sight."""
        self._messages.scroll_end(animate=False, immediate=True)
        if self._at is None:
            return
        if kept:
            for box in self._at.ancestors:
                if isinstance(box, MessageBox):
                    box.scroll_visible(animate=False, immediate=True)
        self._at.scroll_visible(animate=False, immediate=True)

    @property
    def _at(self) -> KeyButton | None:
        """The button of this pane where one is."""
        at = self.screen.focused
        return at if isinstance(at, KeyButton) and self in at.ancestors else None

    def go(self, step: int) -> None:
        """Go to the button before or after, or to the line to write in, which comes last."""
        stops: list[Widget] = [*self.query(KeyButton), self.line]
        here = stops.index(self._at or self.line)
        stops[(here + step) % len(stops)].focus()

    def page(self, step: int) -> None:
        """Look at what was said before, or after."""
        self._messages.scroll_relative(y=step * (self._messages.size.height - 1), animate=False)

    def _hint(self) -> str:
        prompt = self._prompt()
        return self.person.chat.prompts.get(prompt.message_id, "") if prompt else ""

    def _prompt(self) -> Shown | None:
        """Return the question that the next text answers."""
        last = self._drawn[-1] if self._drawn else None
        asks = last is not None and last.message_id in self.person.chat.prompts
        return last if asks else None

    @on(Input.Submitted)
    def write(self, event: Input.Submitted) -> None:
        """Send what was written."""
        text = event.value.strip()
        event.input.clear()
        if text.startswith("https://t.me/") and _START in text:
            self.person.follow(text)
        elif text:
            self.person.send(text, reply_to=self._prompt())

    @on(Button.Pressed)
    def press(self, event: Button.Pressed) -> None:
        """Do what a button does on a phone."""
        event.stop()
        if isinstance(event.button, KeyButton):
            self.tap(event.button)

    @work
    async def tap(self, button: KeyButton) -> None:
        """Tap, and show the line that the bot answers with."""
        key = button.key
        if button.pays:
            await self._stage.bank.pay(self._stage.office, key.copied)
            self.notify(self._say.text("Paid"))
        elif key.copied:
            self.post_message(Copied(key.copied))
            self.notify(self._say.text("Copied"))
        elif key.url.startswith(_INVOICE):
            paid = await self.person.pay(key.url, _PATIENCE_S)
            self.notify(
                paid.trouble or self._say.text("Paid"),
                markup=False,
                severity="error" if paid.trouble else "information",
            )
        elif key.shared:
            bot = self._stage.bot.bot.username
            title = self._say.text("Written in another chat")
            self.notify(f"@{bot} {key.shared}", markup=False, title=title)
        elif key.url:
            self.notify(key.url, markup=False, title=self._say.text("Opens in a browser"))
        elif key.data:
            answer = await self.person.press_data(button.shown, key.data)
            if answer.text:
                self.notify(
                    answer.text, markup=False, severity="warning" if answer.alert else "information"
                )


class ChatWindow(App[None], inherit_bindings=False):
    """Several people and one bot."""

    CSS_PATH = "window.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, stage: Stage, people: Sequence[Person]) -> None:
        super().__init__()
        self.panes = [FanPane(person, stage) for person in people]
        say = speech_of(people[0])
        self.bind("ctrl+q", "quit", description=say.text("Leave"))
        self.bind("ctrl+c", "help_quit", show=False)
        self.bind("f5", "reopen", description=say.text("Open the app anew"))
        self.bind("f6", "next_person", description=say.text("Next person"))
        self.bind("up,left", "go(-1)", description=say.text("Buttons"), key_display="↑↓")
        self.bind("down,right", "go(1)", show=False)
        self.bind("pageup", "page(-1)", show=False)
        self.bind("pagedown", "page(1)", show=False)

    def compose(self) -> ComposeResult:
        """Show the panes side by side."""
        yield Horizontal(*self.panes, id="people")
        yield Footer()

    def on_mount(self) -> None:
        """Begin at the first person's line."""
        self.panes[0].line.focus()

    @on(Copied)
    def copy(self, event: Copied) -> None:
        """Put a text on the clipboard, where the terminal has one."""
        self.copy_to_clipboard(event.text)

    def action_next_person(self) -> None:
        """Go to the line of the person beside."""
        self.panes[(self._here() + 1) % len(self.panes)].line.focus()

    def action_go(self, by: int) -> None:
        """Go to the button before or after."""
        self.panes[self._here()].go(by)

    def action_page(self, by: int) -> None:
        """Look at what was said before, or after."""
        self.panes[self._here()].page(by)

    def _here(self) -> int:
        """Return whose pane the keys are for."""
        return next((n for n, pane in enumerate(self.panes) if pane.has_focus_within), 0)

    def action_reopen(self) -> None:
        """Have everybody's app fetch how the chat stands."""
        for pane in self.panes:
            pane.person.reopen()
