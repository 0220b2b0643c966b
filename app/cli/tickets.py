"""`bilheteria ticket`: list an order's signed codes, verify one anywhere, let its holder in."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.finding import find_actor, find_order
from app.cli.frame import Exit, Json, Refused, at_office, print_json, say, settings_now
from app.cli.words import fare_name, local_time, refusal
from core.outcomes import Admitted
from core.payments import Ticket, TicketState
from core.ports import Signer, Verifier
from core.receipts import TicketName, read_ticket_code, ticket_code
from core.requests import CheckIn
from core.views import ShowView

if TYPE_CHECKING:
    from app.wiring import Open

ticket = typer.Typer(help="List, verify and check in tickets.")
Code = Annotated[str, typer.Argument(metavar="CODE", help="The ticket's signed code.")]
_FORGED = "NOT GENUINE: the code is not signed by the house; do not let in"


def ticket_rows(
    found: ShowView, tickets: Sequence[Ticket], signer: Signer, language: str
) -> list[dict[str, object]]:
    """Describe tickets; those that let somebody in have their code, others an empty one."""
    rows: list[dict[str, object]] = []
    for one in tickets:
        state: str = one.state
        if one.used_ms is not None:
            at = local_time(one.used_ms, found.card.time_zone, language)
            state = f"used {at} {one.used_where}".rstrip()
        live = one.state is TicketState.VALID
        rows.append(
            {
                "ticket": one.ticket_no,
                "fare": fare_name(found, one.fare_no),
                "state": state,
                "code": ticket_code(one, signer) if live else "",
            }
        )
    return rows


@ticket.command("list")
def list_(
    code: Annotated[str, typer.Argument(metavar="ORDER", help="The order code: 3-1204-7KQX.")],
    json: Json = False,
) -> None:
    """List the tickets of an order with their signed codes."""

    async def work(an_office: "Open") -> None:
        found, purchase = await find_order(an_office, code)
        language = an_office.settings.language
        rows = ticket_rows(found, purchase.tickets, an_office.signer, language)
        if json:
            print_json({"order": purchase.order_code, "tickets": rows})
            return
        for row in rows:
            say(f"ticket {row['ticket']}  {row['fare']}  {row['state']}")
            if row["code"]:
                say(f"  {row['code']}")
        if not rows:
            raise Refused(f"order {purchase.order_code} has no tickets: it is not paid")

    at_office(work)


@ticket.command()
def verify(
    code: Code,
    public_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The house's .pub file; no settings needed.")
    ] = None,
    json: Json = False,
) -> None:
    """Say whether a code is genuine: offline, without any database.

    A genuine code may belong to a ticket that was refunded or used since: only check-in knows.
    """
    name = _read(code, _verifier(public_key))
    if json:
        print_json({"ok": True, **asdict(name)})
    else:
        say(
            f"genuine: show {name.show_id}, order {name.order_no}, ticket {name.ticket_no}, "
            f"fare {name.fare_no}"
        )


def _verifier(public_key: Path | None) -> Verifier:
    from app.keys import (  # noqa: PLC0415 - only this command needs a public key
        KeyTrouble,
        public_path,
        read_public_key,
    )

    path = public_path(settings_now().key_file) if public_key is None else public_key
    try:
        return read_public_key(path)
    except KeyTrouble as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble


def _read(code: str, verifier: Verifier) -> TicketName:
    name = read_ticket_code(code, verifier)
    if name is None:
        raise Refused(_FORGED)
    return name


@ticket.command("check-in")
def check_in(
    code: Code,
    where: Annotated[str, typer.Option(metavar="GATE", help="Which door: 'Gate 2'.")],
    clerk: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who stands at the door, for the ledger.")
    ] = None,
    json: Json = False,
) -> None:
    """Let a ticket's holder in, once."""

    async def work(an_office: "Open") -> None:
        actor = await find_actor(an_office, clerk, "door", "clerk", "manager")
        name = _read(code, an_office.signer)
        found = await an_office.look.show(name.show_id)
        if found is None:
            raise Refused("NOT GENUINE HERE: this office has no such show; do not let in")
        answer = await an_office.office.check_in(
            CheckIn(
                show_id=name.show_id,
                order_no=name.order_no,
                ticket_no=name.ticket_no,
                where=where,
                actor=actor,
            )
        )
        if not isinstance(answer, Admitted):
            facts: dict[str, object] = {"answer": type(answer).__name__, **asdict(answer)}
            raise Refused(refusal(answer, found, an_office.settings.language), facts=facts)
        if json:
            print_json({"ok": True, **asdict(answer)})
        else:
            proof = "; ASK FOR THE PROOF of the fare" if answer.proof else ""
            say(f"let in: {found.card.title}, {answer.tier}/{answer.fare}{proof}")

    at_office(work)
