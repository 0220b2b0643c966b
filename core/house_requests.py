"""What can be asked of the house itself: the catalogue, customers, clerks and their drawers."""

from dataclasses import dataclass

from core.catalogue import ShowDraft

FAN = "fan"
SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every request says: who asks."""

    actor: str = FAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Request):
    """Publish shows, all or none. `seed_digests[slug]` commits to each show's secret draw seed."""

    drafts: tuple[ShowDraft, ...]
    seed_digests: dict[str, str]
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Request):
    """Make a customer known by its contacts, or find the one who has the first of them.

    `contacts` are (channel, address) pairs: ('telegram', '123'), ('email', 'a@b.c'),
    ('phone', '+5511...'), ('walk_in', <the sale's key>).
    """

    customer_id: str
    contacts: tuple[tuple[str, str], ...]
    name: str = ""
    language: str = "pt-BR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefer(Request):
    """Change how a customer wants to be written to. None leaves a part as it is.

    `channels`: the kinds of contact to be reached by (`messages.REACHED_BY`), the best first; one
    left out is not used. Without any the house's own order applies again.
    """

    customer_id: str
    language: str | None = None
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase(Request):
    """Erase a customer's name and contacts; purchases and the ledger keep only the id."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClerk(Request):
    """Add a clerk, or change the role or password of one. None leaves a field as it is.

    `add` refuses a name that exists; without it a name must exist.
    """

    name: str
    add: bool = False
    role: str | None = None
    password_hash: str | None = None
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShift(Request):
    """Open the drawer of the clerk who asks, with `float_minor` in it."""

    shift_id: str
    currency: str
    float_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCash(Request):
    """Put cash into a drawer (`out` 0), or take some out (1), and say why."""

    shift_id: str
    move_id: str
    amount_minor: int
    reason: str
    out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseShift(Request):
    """Close a drawer. `counted` is ((note or coin in minor units, how many), ...)."""

    shift_id: str
    counted: tuple[tuple[int, int], ...]
