"""`bilheteria clerk`: who may sell, manage and stand at the door."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.frame import Exit, Json, Refused, at_office, print_json, say, table
from core.outcomes import Malformed, Taken
from core.requests import SetClerk

if TYPE_CHECKING:
    from app.wiring import Open

clerk = typer.Typer(help="Who may sell, manage and stand at the door.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The clerk's name.")]
_ROLES = ("clerk", "manager", "door", "disabled")
_CHOICE = "|".join(_ROLES)
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
_LINE_MAX = 1_000


@clerk.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(metavar=_CHOICE, help="What the clerk may do.")] = "clerk",
    password_stdin: FromStdin = False,
    json: Json = False,
) -> None:
    """Add a clerk. The password is asked for, never given as an argument."""
    _check(role)
    password_hash = _new_password(from_stdin=password_stdin)
    request = SetClerk(name=name, add=True, role=role, password_hash=password_hash)
    _set(request, f"{name} is a {role}", as_json=json)


@clerk.command("role")
def role_(
    name: Name,
    role: Annotated[str, typer.Argument(metavar=_CHOICE, help="What the clerk may do now.")],
    json: Json = False,
) -> None:
    """Change what a clerk may do."""
    _check(role)
    told = f"{name} is disabled" if role == "disabled" else f"{name} is a {role}"
    _set(SetClerk(name=name, role=role), told, as_json=json)


@clerk.command()
def password(name: Name, password_stdin: FromStdin = False, json: Json = False) -> None:
    """Change a clerk's password."""
    password_hash = _new_password(from_stdin=password_stdin)
    request = SetClerk(name=name, password_hash=password_hash)
    _set(request, f"the password of {name} is changed", as_json=json)


@clerk.command("list")
def list_(json: Json = False) -> None:
    """List the clerks."""

    async def work(an_office: "Open") -> None:
        clerks = await an_office.look.clerks()
        if json:
            print_json([{"name": one.name, "role": one.role} for one in clerks])
        elif clerks:
            table(("name", "role"), [(one.name, one.role) for one in clerks])
        else:
            say("no clerks yet: `bilheteria clerk add NAME`")

    at_office(work)


def _check(role: str) -> None:
    if role not in _ROLES:
        raise Refused(f"'{role}' is no role: give one of {', '.join(_ROLES)}", Exit.USAGE)


def _new_password(*, from_stdin: bool) -> str:
    from app.passwords import bad_password, hash_password  # noqa: PLC0415 - only clerks need it

    if from_stdin:
        given = sys.stdin.readline(_LINE_MAX).rstrip("\r\n")
    elif sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise Refused(
            "there is no terminal to ask for the password: use --password-stdin", Exit.USAGE
        )
    bad = bad_password(given)
    if bad is not None:
        raise Refused(bad)
    return hash_password(given)


def _set(request: SetClerk, done: str, *, as_json: bool) -> None:
    async def work(an_office: "Open") -> None:
        answer = await an_office.office.set_clerk(request)
        if isinstance(answer, Taken):
            raise Refused(f"there is a clerk '{answer.name}' already: change the role or password")
        if isinstance(answer, Malformed):
            raise Refused(f"{answer.field}: {answer.advice}")

    at_office(work)
    if as_json:
        print_json({"ok": True, "name": request.name})
    else:
        say(done)
