"""The steps of a sale at the window."""

from enum import StrEnum


class Step(StrEnum):
    """What the clerk is at."""

    FINDING = "finding"
    CHOOSING = "choosing"
    PAYING = "paying"
    WAITING = "waiting"
    DONE = "done"
