"""The steps of a sale at the window."""

from enum import StrEnum

from tui import commands as can
from tui.commands import Command


class Step(StrEnum):
    """What the clerk is at."""

    FINDING = "finding"
    CHOOSING = "choosing"
    PAYING = "paying"
    WAITING = "waiting"
    DONE = "done"


SHOWN_AT: dict[type[Command], frozenset[Step]] = {
    can.PickShow: frozenset({Step.FINDING}),
    can.Proceed: frozenset({Step.DONE, Step.WAITING}),
    can.PayCash: frozenset({Step.CHOOSING}),
    can.PayCard: frozenset({Step.CHOOSING}),
    can.PayOther: frozenset({Step.CHOOSING}),
    can.More: frozenset({Step.CHOOSING}),
    can.Fewer: frozenset({Step.CHOOSING}),
    can.PrintAgain: frozenset({Step.DONE, Step.WAITING, Step.PAYING}),
    can.SaveSlips: frozenset({Step.DONE, Step.WAITING, Step.PAYING}),
    can.SendTickets: frozenset({Step.DONE}),
    can.Undo: frozenset({Step.CHOOSING, Step.PAYING}),
    can.AnotherShow: frozenset({Step.WAITING, Step.DONE}),
}
"""When a command of the sale makes sense; what is not here always does."""
