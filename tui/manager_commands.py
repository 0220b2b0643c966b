"""What only a manager can do at the window: shows, clerks, messages that failed."""

from language import msgid
from tui.commands import MANAGER, Command


class ManagerCommand(Command):
    """A command of managers."""

    ROLES = MANAGER


class Back(ManagerCommand):
    WORD = "manage.back"
    KEYS = "escape"
    NAME = msgid("Back")
    HELP = msgid("Go back to the shows; what was begun waits")


# Shows.


class NewShow(ManagerCommand):
    WORD = "manage.new"
    KEYS = "n"
    NAME = msgid("New")
    HELP = msgid("Write a new show, or go on with the one begun")


class EditShow(ManagerCommand):
    WORD = "manage.edit"
    KEYS = "e"
    NAME = msgid("Edit")
    HELP = msgid("Change the marked show; what differs and who is told is shown first")


class LikeThis(ManagerCommand):
    WORD = "manage.like"
    KEYS = "l"
    NAME = msgid("Copy")
    HELP = msgid("Write a new show that begins as a copy of the marked one")


class ImportShows(ManagerCommand):
    WORD = "manage.import"
    KEYS = "i"
    NAME = msgid("Import")
    HELP = msgid("Publish or change the shows of a file: .toml, .csv, .json or .html")


class OpenNow(ManagerCommand):
    WORD = "manage.open"
    KEYS = "o"
    NAME = msgid("Open")
    HELP = msgid("Open the sale now; who waits in the lobby is drawn first")


class Hold(ManagerCommand):
    WORD = "manage.pause"
    KEYS = "s"
    NAME = msgid("Pause")
    HELP = msgid("Stop calling people at this show, or go on")


class CancelShow(ManagerCommand):
    WORD = "manage.cancel"
    KEYS = "x"
    NAME = msgid("Cancel")
    HELP = msgid("Cancel the show: everyone is refunded and told")


class GoClerks(ManagerCommand):
    WORD = "manage.clerks"
    KEYS = "c"
    NAME = msgid("Clerks")
    HELP = msgid("Say who may sell, manage and stand at the door")


class GoFailed(ManagerCommand):
    WORD = "manage.messages"
    KEYS = "m"
    NAME = msgid("Messages")
    HELP = msgid("See which messages did not arrive, why, and send them again")


# The form of a show.


class PublishShow(ManagerCommand):
    WORD = "form.publish"
    KEYS = "ctrl+s"
    NAME = msgid("Publish")
    HELP = msgid("Put the show on the catalogue, or change it; what is wrong is told first")
    FIRST = True


class AddPart(ManagerCommand):
    WORD = "form.add"
    KEYS = "ctrl+o"
    NAME = msgid("Add")
    HELP = msgid("Add a tier, a fare, tickets kept for a channel, or a quota")
    FIRST = True


class DropPart(ManagerCommand):
    WORD = "form.remove"
    KEYS = "ctrl+r"
    NAME = msgid("Remove")
    HELP = msgid("Remove the tier, fare or quota in which the cursor stands")
    FIRST = True


# Clerks.


class AddClerk(ManagerCommand):
    WORD = "clerks.add"
    KEYS = "n"
    NAME = msgid("New")
    HELP = msgid("Add a clerk, with a role and a password")


class ChangeRole(ManagerCommand):
    WORD = "clerks.role"
    KEYS = "r"
    NAME = msgid("Role")
    HELP = msgid("Change what the marked clerk may do")


class NewPassword(ManagerCommand):
    WORD = "clerks.password"
    KEYS = "p"
    NAME = msgid("Password")
    HELP = msgid("Give the marked clerk a new password")


class DisableClerk(ManagerCommand):
    WORD = "clerks.disable"
    KEYS = "d"
    NAME = msgid("Disable")
    HELP = msgid("Let the marked clerk do nothing any more; the ledger keeps the name")


# Drawers.


class CloseForgotten(ManagerCommand):
    WORD = "shift.forgotten"
    KEYS = "f"
    NAME = msgid("Forgotten")
    HELP = msgid("Count and close the drawer of a clerk who has gone")


# Messages that failed.


class Resend(ManagerCommand):
    WORD = "failed.send"
    KEYS = "e"
    NAME = msgid("Send")
    HELP = msgid("Send the marked message again, on a channel you choose")
