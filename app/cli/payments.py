"""`bilheteria payments`: payments compared with their providers, and put right by hand."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.days import day_span
from app.cli.finding import find_actor, find_order
from app.cli.frame import Exit, Json, Refused, at_office, print_json, say
from app.cli.words import amount, refusal
from core.outcomes import Refunded
from core.payments import Refund as RefundRow
from core.payments import RefundState
from core.requests import Refund, RefundReport
from core.terms import DAY_MS
from core.views import PurchaseView, ShowView

if TYPE_CHECKING:
    from app.wiring import Open

payments = typer.Typer(no_args_is_help=True, help="Payments: compare and put right.")


@payments.command()
def reconcile(
    since: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Payments begun on this day or later; else two days."),
    ] = None,
    json: Json = False,
) -> None:
    """Compare payments with their providers; repair what has a rule, list what has none."""

    async def work(an_office: "Open") -> None:
        from app.reconciler import Reconciler  # noqa: PLC0415 - only this command compares
        from app.reporting import Money  # noqa: PLC0415 - the same

        zone = an_office.settings.time_zone
        since_ms = an_office.clock.now_ms() - 2 * DAY_MS
        if since is not None:
            since_ms = day_span(since, zone)[0]
        money = Money(an_office.office, an_office.gateways)
        done = await Reconciler(money, an_office.look, an_office.clock).since(since_ms)
        facts = {
            "checked": done.checked,
            "repaired": [asdict(d) for d in done.differences if d.repaired],
            "listed": [asdict(d) for d in done.listed],
            "failed": [{**asdict(name), "why": why} for name, why in done.failed],
        }
        clean = not done.listed and not done.failed
        if json and clean:
            print_json({"ok": True, **facts})
        elif not json:
            for one in done.differences:
                mark = "repaired" if one.repaired else "SEE TO"
                say(f"{mark}  {one.payment_id} ({one.gateway} {one.reference}): {one.what}")
            for name, why in done.failed:
                say(f"FAILED  {name.payment_id} ({name.gateway}): {why}")
            repaired = len(done.differences) - len(done.listed)
            say(f"{done.checked} compared, {repaired} repaired, {len(done.listed)} to see to")
        if not clean:
            count = len(done.listed) + len(done.failed)
            raise Refused(f"{count} payments must be seen to", Exit.REFUSED, facts)

    at_office(work)


@payments.command()
def refunded(
    code: Annotated[str, typer.Argument(metavar="ORDER", help="The order's code.")],
    reference: Annotated[
        str, typer.Option(help="The refund's own name at the provider, such as re_1Abc.")
    ],
    ticket: Annotated[
        list[int] | None, typer.Option(min=1, help="Only this ticket number; may be repeated.")
    ] = None,
    clerk: Annotated[str | None, typer.Option(metavar="NAME", help="Who acts.")] = None,
    json: Json = False,
) -> None:
    """Say which tickets a refund was for that was made at the provider; no money moves."""

    async def work(an_office: "Open") -> None:
        found, purchase = await find_order(an_office, code)
        actor = await find_actor(an_office, clerk, "manager")
        language = an_office.settings.language
        answer = await an_office.office.refund(
            Refund(
                show_id=found.card.show_id,
                purchase_id=purchase.purchase.purchase_id,
                refund_id=reference,
                reason="refunded at the provider",
                ticket_nos=tuple(ticket) if ticket else None,
                reference=reference,
                actor=actor,
            )
        )
        if not isinstance(answer, Refunded):
            raise Refused(f"not noted: {refusal(answer, found, language)}")
        if json:
            print_json({"ok": True, **asdict(answer)})
            return
        back = amount(answer.amount_minor, found.card.currency, language)
        numbers = ", ".join(map(str, answer.ticket_nos))
        say(f"noted {back} as given back: ticket {numbers} of {purchase.order_code} is void")

    at_office(work)


@payments.command()
def again(
    code: Annotated[str, typer.Argument(metavar="ORDER", help="The order's code.")],
    refund: Annotated[str, typer.Argument(help="The refund, as `reconcile` lists it.")],
    clerk: Annotated[str | None, typer.Option(metavar="NAME", help="Who acts.")] = None,
    json: Json = False,
) -> None:
    """Send a refund that failed at its provider once more."""

    async def work(an_office: "Open") -> None:
        found, purchase, row = await _find_refund(an_office, code, refund)
        actor = await find_actor(an_office, clerk, "manager")
        if row.state != RefundState.FAILED:
            raise Refused(f"refund {refund} is {row.state}: only one that failed is sent again")
        answer = await an_office.office.refund(
            Refund(
                show_id=found.card.show_id,
                purchase_id=row.purchase_id,
                refund_id=refund,
                reason=row.reason,
                actor=actor,
            )
        )
        language = an_office.settings.language
        if not isinstance(answer, Refunded):
            raise Refused(f"not sent: {refusal(answer, found, language)}")
        if json:
            print_json({"ok": True, **asdict(answer)})
            return
        back = amount(answer.amount_minor, found.card.currency, language)
        say(f"{back} of {purchase.order_code} are sent again; `bilheteria work` carries it out")

    at_office(work)


async def _find_refund(
    an_office: "Open", code: str, refund_id: str
) -> tuple[ShowView, PurchaseView, RefundRow]:
    found, purchase = await find_order(an_office, code)
    row = next((one for one in purchase.refunds if one.refund_id == refund_id), None)
    if row is None:
        raise Refused(f"order {code} has no refund {refund_id}: see `bilheteria order view`")
    return found, purchase, row


@payments.command()
def returned(
    code: Annotated[str, typer.Argument(metavar="ORDER", help="The order's code.")],
    refund: Annotated[str, typer.Argument(help="The refund, as `reconcile` lists it.")],
    reference: Annotated[str, typer.Option(help="How it was sent, such as a transfer's id.")],
    clerk: Annotated[str | None, typer.Option(metavar="NAME", help="Who acts.")] = None,
    json: Json = False,
) -> None:
    """Say that a refund which failed at its provider was sent by hand."""

    async def work(an_office: "Open") -> None:
        found, purchase, _ = await _find_refund(an_office, code, refund)
        actor = await find_actor(an_office, clerk, "manager")
        answer = await an_office.office.refund_report(
            RefundReport(
                show_id=found.card.show_id,
                refund_id=refund,
                state="done",
                reference=reference,
                actor=actor,
            )
        )
        if not isinstance(answer, Refunded):
            raise Refused(f"not noted: {refusal(answer, found, an_office.settings.language)}")
        if json:
            print_json({"ok": True, **asdict(answer)})
            return
        back = amount(answer.amount_minor, found.card.currency, an_office.settings.language)
        say(f"noted {back} of {purchase.order_code} as given back ({reference})")

    at_office(work)
