"""`bilheteria show`: put shows on the catalogue, look at them, run their sales."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.cli.changing import Imported, ask_for, find_changes, put_in
from app.cli.finding import find_actor, find_show
from app.cli.frame import Json, Refused, at_office, complain, print_json, say, table
from app.cli.words import amount, full_name, iso_time, local_time, refusal, tier_name
from core.outcomes import SaleNow
from core.requests import CancelShow, CloseSale, PauseSale, ResumeSale
from core.sale import OVER
from core.terms import Problem
from core.views import ShowCard, ShowView

if TYPE_CHECKING:
    from app.wiring import Open
    from core.box_office import Running

show = typer.Typer(help="Put shows on the catalogue, look at them, run their sales.")
ShowName = Annotated[str, typer.Argument(metavar="SHOW", help="The show's slug or number.")]
Clerk = Annotated[
    str | None, typer.Option(metavar="NAME", help="The clerk who does it, for the ledger.")
]


@show.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .toml, .csv, .json or .html.")],
    time_zone: Annotated[
        str | None, typer.Option(help="For published events, which do not tell theirs.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Where the file tells none.")] = None,
    capacity: Annotated[int | None, typer.Option(help="Where the file tells none.", min=1)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Change shows without asking.")] = False,
    clerk: Clerk = None,
    json: Json = False,
) -> None:
    """Import the shows of a file. A show that is there already changes to what the file says.

    All the new ones, or none and every problem told. Changes are shown first, and asked for.
    """
    from data.files import Supplied, read_catalogue  # noqa: PLC0415 - only the import needs it

    async def work(an_office: "Open") -> Imported:
        actor = await find_actor(an_office, clerk, "manager")
        zone = time_zone or an_office.settings.time_zone
        supplied = Supplied(time_zone=zone, currency=currency, capacity=capacity)
        now_ms = an_office.clock.now_ms()
        drafts, problems = read_catalogue(file, now_ms=now_ms, supplied=supplied)
        if problems:
            _refuse_catalogue(file, problems, as_json=json)
        changes = await find_changes(an_office, drafts)
        if changes and not yes:
            ask_for(changes, an_office.settings.language, as_json=json)
        done = await put_in(an_office, drafts, changes, actor)
        await an_office.caretaker.round()  # What is on sale from the first moment opens now.
        return done

    done = at_office(work)
    if json:
        print_json({"ok": True, **asdict(done)})
        return
    for slug, show_id in done.shows.items():
        known = "  (there already)" if slug in done.unchanged else ""
        say(f"{show_id:>5}  {slug}{'  (changed)' if slug in done.changed else known}")
    new = len(done.shows) - len(done.unchanged) - len(done.changed)
    changed = f", {len(done.changed)} changed" if done.changed else ""
    say(f"{new} imported{changed}, {len(done.unchanged)} there already")
    for slug in done.told:
        say(f"{slug}: whoever waits, buys or holds tickets is told")


def _refuse_catalogue(file: Path, problems: tuple[Problem, ...], *, as_json: bool) -> NoReturn:
    """Tell every problem, then refuse."""
    if not as_json:
        for problem in problems:
            complain(f"{problem.where}: {problem.what}: {problem.advice}")
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    listed = [asdict(problem) for problem in problems]
    raise Refused(f"nothing was imported: {file} has {count}", facts={"problems": listed})


@show.command("list")
def list_(
    past: Annotated[bool, typer.Option("--past", help="Past shows too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List the shows to come, soonest first."""

    async def work(an_office: "Open") -> None:
        from_ms = 0 if past else an_office.clock.now_ms()
        cards = await an_office.look.search(from_ms=from_ms, limit=limit)
        _tell_cards(cards, an_office.settings.language, as_json=json)

    at_office(work)


@show.command()
def search(
    words: Annotated[list[str] | None, typer.Argument(help="Words of the title or place.")] = None,
    city: Annotated[str, typer.Option(help="In this city.")] = "",
    venue: Annotated[str, typer.Option(help="At this venue.")] = "",
    day: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="On this day.")
    ] = None,
    past: Annotated[bool, typer.Option("--past", help="Past shows too.")] = False,
    json: Json = False,
) -> None:
    """Find shows by words, city, venue and date. Accents and capitals do not matter."""
    from app.cli.days import day_span  # noqa: PLC0415 - only the search needs it

    async def work(an_office: "Open") -> None:
        now_ms = an_office.clock.now_ms()
        from_ms, to_ms = (0 if past else now_ms), None
        if day is not None:
            from_ms, to_ms = day_span(day, an_office.settings.time_zone)
        cards = await an_office.look.search(
            words=" ".join(words or ()), city=city, venue=venue, from_ms=from_ms, to_ms=to_ms
        )
        if not cards:
            raise Refused("no show was found: use fewer words, or --past for those over")
        _tell_cards(cards, an_office.settings.language, as_json=json)

    at_office(work)


def _tell_cards(cards: tuple[ShowCard, ...], language: str, *, as_json: bool) -> None:
    if as_json:
        listed = [
            {**asdict(card), "starts": iso_time(card.starts_ms, card.time_zone)} for card in cards
        ]
        print_json(listed)
        return
    rows = [
        (
            card.show_id,
            card.slug,
            card.title,
            local_time(card.starts_ms, card.time_zone, language),
            f"{card.venue}, {card.city}",
            card.status,
            card.free,
            amount(card.from_minor, card.currency, language),
        )
        for card in cards
    ]
    if rows:
        table(("no", "show", "title", "starts", "venue", "sale", "free", "from"), rows)
    else:
        say("no shows to come; `bilheteria show import FILE` brings some, --past shows those over")


@show.command()
def view(name: ShowName, json: Json = False) -> None:
    """Show one show whole: its tiers, fares, stock, line and draw."""

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, name)
        if json:
            print_json(asdict(found))
        else:
            _tell_show(found, an_office.settings.language)

    at_office(work)


def _tell_show(found: ShowView, language: str) -> None:
    card = found.card
    say(f"{card.title}  ({card.slug}, no {card.show_id})")
    where = ", ".join(part for part in (card.venue, card.city, card.region) if part)
    say(f"{local_time(card.starts_ms, card.time_zone, language)}  {where}")
    say(
        f"sale {card.status}; lobby {found.lobby}, in line {found.waiting}, "
        f"called or choosing {found.opened}, paying {found.paying}, tickets out {found.valid}"
    )
    say("")
    tiers = [
        (
            tier.tier_no,
            f"{tier.name} (closed)" if tier.closed else tier.name,
            *(tier.capacity, tier.sold, tier.held, tier.kept, tier.free),
        )
        for tier in found.tiers
    ]
    table(("no", "tier", "capacity", "sold", "held", "set aside", "free"), tiers)
    say("")
    fares = [
        (
            fare.fare_no,
            full_name(found, fare),
            amount(fare.price_minor, card.currency, language),
            amount(fare.fee_minor, card.currency, language),
            "" if fare.quota is None else f"{fare.quota_left} left of '{fare.quota}'",
            ", ".join(
                what for what, needed in (("proof", fare.proof), ("CPF", fare.document)) if needed
            ),
        )
        for fare in found.offered
    ]
    table(("no", "fare", "price", "fee", "quota", "needs"), fares)
    for kept in found.allotments:
        until = local_time(kept.release_ms, card.time_zone, language)
        state = "released" if kept.released else f"until {until}"
        tier = tier_name(found, kept.tier_no)
        say(f"set aside for {kept.channel}: {kept.quantity} of {tier}, {kept.taken} taken, {state}")
    say("")
    say(f"draw: seed committed to as {found.seed_digest}")
    if found.seed:
        say(f"draw: seed {found.seed}, list {found.list_digest}")


def _run(
    name: str, clerk: str | None, *, as_json: bool, act: "Callable[[int, str], Running]"
) -> None:
    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, name)
        actor = await find_actor(an_office, clerk, "manager")
        answer = await an_office.office.run(act(found.card.show_id, actor))
        if isinstance(answer, SaleNow) and answer.status in OVER:
            await an_office.caretaker.end(answer.show_id)
        await an_office.caretaker.round()
        _tell_sale(found, answer, an_office.settings.language, as_json=as_json)

    at_office(work)


def _tell_sale(found: ShowView, answer: object, language: str, *, as_json: bool) -> None:
    if not isinstance(answer, SaleNow):
        raise Refused(refusal(answer, found, language))
    if as_json:
        print_json({"ok": True, "show_id": answer.show_id, "status": answer.status})
    else:
        say(f"{found.card.slug}: {answer.status}")


@show.command("open")
def open_(name: ShowName, clerk: Clerk = None, json: Json = False) -> None:
    """Open the sale now. If people are in the lobby, the draw orders them first."""

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, name)
        actor = await find_actor(an_office, clerk, "manager")
        await an_office.caretaker.open(found.card.show_id, actor)
        await an_office.caretaker.round()
        now = await find_show(an_office, name)
        if now.card.status not in {"open", "drawing"}:
            message = f"{now.card.slug} can't be opened: its sale is {now.card.status}"
            advice = "; resume it" if now.card.status == "paused" else ""
            raise Refused(message + advice, facts={"status": now.card.status})
        answer = SaleNow(now.card.show_id, now.card.status)
        _tell_sale(now, answer, an_office.settings.language, as_json=json)

    at_office(work)


@show.command()
def pause(name: ShowName, clerk: Clerk = None, json: Json = False) -> None:
    """Stop calling and letting in. Open purchases may finish, numbers are kept."""
    _run(name, clerk, as_json=json, act=lambda no, who: PauseSale(show_id=no, actor=who))


@show.command()
def resume(name: ShowName, clerk: Clerk = None, json: Json = False) -> None:
    """Go on after a pause."""
    _run(name, clerk, as_json=json, act=lambda no, who: ResumeSale(show_id=no, actor=who))


@show.command()
def close(name: ShowName, clerk: Clerk = None, json: Json = False) -> None:
    """End the sale. Who waits is told, open purchases may finish."""
    _run(name, clerk, as_json=json, act=lambda no, who: CloseSale(show_id=no, actor=who))


@show.command()
def cancel(
    name: ShowName,
    reason: Annotated[str, typer.Option(help="Why, for the ledger.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    clerk: Clerk = None,
    json: Json = False,
) -> None:
    """Cancel the show and refund everyone. It can't be taken back."""
    if not yes:
        typer.confirm(f"Cancel {name} and refund every ticket?", abort=True)
    _run(
        name,
        clerk,
        as_json=json,
        act=lambda no, who: CancelShow(show_id=no, reason=reason, actor=who),
    )
