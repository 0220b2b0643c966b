"""Everything that can be done at the window: a command is one class, a message to its screen.

A class says its key, its name in the footer and the palette, and the sentence that help shows.
`Givens.keys` may give it other keys, by the command's own name ('sell.cash = "f12"').
"""

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding
from textual.message import Message

from language import Speech, msgid

AT_WORK: frozenset[str] = frozenset({"clerk", "manager", "door"})
"""The roles of who may do anything at all."""


class Command(Message):
    """Something a person can ask a screen to do."""

    WORD: ClassVar[str]
    """Its name in settings: '<screen>.<act>'."""
    KEYS: ClassVar[str]
    NAME: ClassVar[str]
    HELP: ClassVar[str]
    SHOWN: ClassVar[bool] = True
    """Whether the footer shows it; help and palette always do."""
    FIRST: ClassVar[bool] = False
    """Whether it goes before what a focused field would do with the key."""
    ROLES: ClassVar[frozenset[str]] = AT_WORK

    @classmethod
    def keys(cls, remapped: Mapping[str, str]) -> str:
        """Return its keys, comma-separated."""
        return remapped.get(cls.WORD, cls.KEYS)

    @classmethod
    def binding(cls, say: Speech, remapped: Mapping[str, str]) -> Binding:
        """Return what binds it to its keys, in the clerk's language."""
        return Binding(
            cls.keys(remapped),
            f"command('{cls.WORD}')",
            say.text(cls.NAME),
            show=cls.SHOWN,
            priority=cls.FIRST,
            tooltip=say.text(cls.HELP),
        )


OFFICE: frozenset[str] = frozenset({"clerk", "manager"})
MANAGER: frozenset[str] = frozenset({"manager"})


# Everywhere.


class Help(Command):
    WORD = "window.help"
    KEYS = "f1"
    NAME = msgid("Help")
    HELP = msgid("Say what this screen is for, and every key of it")
    FIRST = True


class GoSell(Command):
    WORD = "window.sell"
    KEYS = "f2"
    NAME = msgid("Sell")
    HELP = msgid("Go to the sale")
    SHOWN = False
    FIRST = True
    ROLES = OFFICE


class GoHouse(Command):
    WORD = "window.house"
    KEYS = "f3"
    NAME = msgid("House")
    HELP = msgid("See all shows, what is sold, who waits, what was taken")
    SHOWN = False
    FIRST = True
    ROLES = OFFICE


class GoLine(Command):
    WORD = "window.line"
    KEYS = "f4"
    NAME = msgid("Line")
    HELP = msgid("See who is in line and who is called, and serve them")
    SHOWN = False
    FIRST = True
    ROLES = OFFICE


class GoOrders(Command):
    WORD = "window.orders"
    KEYS = "f5"
    NAME = msgid("Orders")
    HELP = msgid("Find an order: print it again, send it again, refund it")
    SHOWN = False
    FIRST = True
    ROLES = OFFICE


class GoDoor(Command):
    WORD = "window.door"
    KEYS = "f6"
    NAME = msgid("Door")
    HELP = msgid("Let people in by their tickets")
    SHOWN = False
    FIRST = True


class GoShift(Command):
    WORD = "window.shift"
    KEYS = "f7"
    NAME = msgid("Shift")
    HELP = msgid("Open, move and count your drawer")
    SHOWN = False
    FIRST = True
    ROLES = OFFICE


class GoManage(Command):
    WORD = "window.manage"
    KEYS = "f8"
    NAME = msgid("Manage")
    HELP = msgid("Publish shows, run their sales, clerks, messages that failed")
    SHOWN = False
    FIRST = True
    ROLES = MANAGER


class Lock(Command):
    WORD = "window.lock"
    KEYS = "f9"
    NAME = msgid("Lock")
    HELP = msgid("Lock the window; the sale that is open waits for you")
    SHOWN = False
    FIRST = True


class Colours(Command):
    WORD = "window.theme"
    KEYS = "f10"
    NAME = msgid("Colours")
    HELP = msgid("Change between dark, light and high contrast")
    SHOWN = False
    FIRST = True


class Leave(Command):
    WORD = "window.leave"
    KEYS = "ctrl+q"
    NAME = msgid("Leave")
    HELP = msgid("Close the window; an open sale is found again at the next sign-in")
    SHOWN = False
    FIRST = True


EVERYWHERE: tuple[type[Command], ...] = (
    *(Help, GoSell, GoHouse, GoLine, GoOrders, GoDoor, GoShift, GoManage),
    *(Lock, Colours, Leave),
)


# What is longer than the screen.


class ReadOn(Command):
    WORD = "window.down"
    KEYS = "pagedown"
    NAME = msgid("Read on")
    HELP = msgid("Scroll down what the screen has no room for")
    FIRST = True


class ReadBack(Command):
    WORD = "window.up"
    KEYS = "pageup"
    NAME = msgid("Read back")
    HELP = msgid("Scroll up again")
    SHOWN = False
    FIRST = True


# The sale.


class Undo(Command):
    WORD = "sell.undo"
    KEYS = "escape"
    NAME = msgid("Undo")
    HELP = msgid("Undo the last step of the sale")


class AnotherShow(Command):
    WORD = "sell.home"
    KEYS = "escape"
    NAME = msgid("Another show")
    HELP = msgid("Go back to the shows; what was sold stays sold")


class Again(Command):
    WORD = "sell.again"
    KEYS = "ctrl+n"
    NAME = msgid("New sale")
    HELP = msgid("Let go of everything and begin again")
    FIRST = True


class PickShow(Command):
    WORD = "sell.pick"
    KEYS = "enter"
    NAME = msgid("Choose")
    HELP = msgid("Sell tickets of the show that is marked; type to search")
    FIRST = True


class Proceed(Command):
    WORD = "sell.proceed"
    KEYS = "enter"
    NAME = msgid("Next sale")
    HELP = msgid("Go on with the next person at the same show")


class PayCash(Command):
    WORD = "sell.cash"
    KEYS = "enter"
    NAME = msgid("Cash")
    HELP = msgid("Take the money in cash")


class PayCard(Command):
    WORD = "sell.card"
    KEYS = "c"
    NAME = msgid("Card")
    HELP = msgid("Note what the card terminal took, by the NSU on its slip")


class PayOther(Command):
    WORD = "sell.other"
    KEYS = "o"
    NAME = msgid("Pix, link")
    HELP = msgid("Let the person pay by a code on this screen")


class More(Command):
    WORD = "sell.more"
    KEYS = "plus,equals_sign"
    NAME = msgid("One more")
    HELP = msgid("One more ticket of this fare; a digit sets how many")
    SHOWN = False


class Fewer(Command):
    WORD = "sell.fewer"
    KEYS = "minus"
    NAME = msgid("One less")
    HELP = msgid("One ticket less of this fare")
    SHOWN = False


class PrintAgain(Command):
    WORD = "sell.print"
    KEYS = "p"
    NAME = msgid("Print")
    HELP = msgid("Print tickets, number or code once more")


class SaveSlips(Command):
    WORD = "sell.save"
    KEYS = "w"
    NAME = msgid("To a file")
    HELP = msgid("Write what should have been printed into a file")
    SHOWN = False


class SendTickets(Command):
    WORD = "sell.send"
    KEYS = "e"
    NAME = msgid("E-mail")
    HELP = msgid("Send the tickets to an e-mail address too")


# The line.


class Serve(Command):
    WORD = "line.serve"
    KEYS = "enter"
    NAME = msgid("Serve")
    HELP = msgid("Serve this person here, with the place they have")


class TakeNumber(Command):
    WORD = "line.number"
    KEYS = "n"
    NAME = msgid("Number")
    HELP = msgid("Give a walk-in the next number, and print it")


class FindPerson(Command):
    WORD = "line.find"
    KEYS = "f"
    NAME = msgid("Find")
    HELP = msgid("Find somebody by name, code or contact")


class NextShow(Command):
    WORD = "line.show"
    KEYS = "right"
    NAME = msgid("Next show")
    HELP = msgid("Look at the line of the next show")


class PauseResume(Command):
    WORD = "line.pause"
    KEYS = "s"
    NAME = msgid("Pause")
    HELP = msgid("Stop calling people at this show, or go on")
    ROLES = MANAGER


# Orders.


class Reprint(Command):
    WORD = "orders.print"
    KEYS = "p"
    NAME = msgid("Print")
    HELP = msgid("Print the tickets and a second copy of the receipt")


class RefundOrder(Command):
    WORD = "orders.refund"
    KEYS = "r"
    NAME = msgid("Refund")
    HELP = msgid("Give money back, for the whole order or one ticket")


class SendOrder(Command):
    WORD = "orders.send"
    KEYS = "e"
    NAME = msgid("Send")
    HELP = msgid("Send the tickets or a message again, on a channel you choose")


class SavePaper(Command):
    WORD = "orders.save"
    KEYS = "w"
    NAME = msgid("To a file")
    HELP = msgid("Write the tickets into a file, to hand over or print elsewhere")
    SHOWN = False


# The drawer.


class OpenDrawer(Command):
    WORD = "shift.open"
    KEYS = "o"
    NAME = msgid("Open")
    HELP = msgid("Open your drawer with the float that lies in it")


class CashIn(Command):
    WORD = "shift.in"
    KEYS = "i"
    NAME = msgid("Cash in")
    HELP = msgid("Put cash into the drawer, and say why")


class CashOut(Command):
    WORD = "shift.out"
    KEYS = "t"
    NAME = msgid("Cash out")
    HELP = msgid("Take cash out of the drawer, and say why")


class CloseDrawer(Command):
    WORD = "shift.close"
    KEYS = "c"
    NAME = msgid("Close")
    HELP = msgid("Count the drawer by note and close it, with its report")


class PrintReport(Command):
    WORD = "shift.print"
    KEYS = "p"
    NAME = msgid("Print")
    HELP = msgid("Print the report of this drawer as it stands, or the last one closed")
