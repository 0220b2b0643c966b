"""`bilheteria messages`: what was told to whom, what did not arrive, and sending it again."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from app.cli.finding import OPERATOR, find_show
from app.cli.frame import Exit, Json, Refused, at_office, print_json, say, settings_now, table
from app.cli.words import iso_time, local_time
from core.messages import MESSAGE_KINDS, REACHED_BY, EffectState
from core.outcomes import Done, Malformed, Registered
from core.requests import Prefer, Register, SendAgain
from core.views import MessageView

if TYPE_CHECKING:
    from app.wiring import Open

messages = typer.Typer(
    help="See what was told to customers, and send again what did not arrive.",
    no_args_is_help=True,
)

State = Annotated[str, typer.Option(help="Only those waiting, done or dead.")]
KindOf = Annotated[str, typer.Option(help="Only of this kind, such as receipt or your_turn.")]
ShowOf = Annotated[str, typer.Option("--show", help="Only of this show.")]
Contact = Annotated[
    str, typer.Option(help="Only to this customer: email:ana@example.org, telegram:123, phone:...")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")]
Key = Annotated[str, typer.Argument(help="A message's key, as the list shows it: 3.120.0")]
_KEY_PARTS = 3
_DIGITS = 16
"""More than any count has."""


@messages.command("list")
def list_messages(
    state: State = "",
    kind: KindOf = "",
    show: ShowOf = "",
    contact: Contact = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List messages, the newest first."""
    _check(state, kind)
    found = at_office(lambda office: _find(office, state, kind, show, contact, limit))
    settings = settings_now()
    if as_json:
        print_json([_facts(one, settings.time_zone) for one in found])
        return
    table(
        ("key", "kind", "state", "purchase", "tries", "due or ended", "last failure"),
        (
            (
                one.effect.key,
                one.effect.kind,
                one.effect.state,
                one.effect.purchase_id or "",
                one.effect.attempts,
                local_time(
                    one.ended_ms or one.effect.due_ms, settings.time_zone, settings.language
                ),
                one.error,
            )
            for one in found
        ),
    )


@messages.command("show")
def show_message(key: Key, as_json: Json = False) -> None:
    """Show one message with every attempt at it."""
    told = at_office(lambda office: _whole(office, key))
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        if name not in {"attempts", "next"} and value is not None and value != "":
            say(f"{name}: {value}")
    if told["attempts"]:
        head = ("at", "try", "channel", "part", "state", "said")
        table(head, ([one[name] for name in head] for one in told["attempts"]))
    if told["next"]:
        say(told["next"])


@messages.command("resend")
def resend(
    key: Annotated[str, typer.Argument(help="The message's key; none: all that are dead.")] = "",
    kind: KindOf = "",
    show: ShowOf = "",
    contact: Contact = "",
    channel: Annotated[
        str, typer.Option(help="Try this contact first: email, telegram, phone, push.")
    ] = "",
    to: Annotated[
        str, typer.Option(help="Send it to another address: email:ana@example.org, phone:...")
    ] = "",
    limit: Limit = 1_000,
    as_json: Json = False,
) -> None:
    """Send a message again, or all that were given up (narrowed by the options).

    One that failed and waits for its next try is tried at once if it is named by its key.
    """
    _check("", kind)
    if key and (kind or show or contact):
        raise Refused("name one message by its key, or narrow the dead ones: not both", Exit.USAGE)
    if to and (channel or not key):
        raise Refused("--to goes with the key of a message, and names the channel", Exit.USAGE)
    if to:
        sent = at_office(lambda office: _send_to(office, key, to))
    else:
        sent = at_office(lambda office: _resend(office, key, kind, show, contact, channel, limit))
    if as_json:
        print_json({"ok": True, "sent_again": sent})
    else:
        say(f"{len(sent)} to be sent again" + ("" if sent else ": none was given up"))


@messages.command("prefer")
def prefer(
    contact: Annotated[str, typer.Argument(help="Whose: email:ana@example.org, telegram:123.")],
    language: Annotated[str, typer.Option(help="Write in this language: pt-BR or en.")] = "",
    channels: Annotated[
        str,
        typer.Option(
            help="By these kinds of contact, the best first, such as email,phone; 'all': as usual."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """See or change how a customer is written to: in which language, by which channels."""
    listed = tuple(one.strip() for one in channels.lower().split(",") if one.strip())
    wanted = None if not listed else () if listed == ("all",) else listed
    told = at_office(lambda office: _prefer(office, contact, language or None, wanted))
    if as_json:
        print_json(told)
    else:
        ways = ", ".join(cast("list[str]", told["ways"])) or "no contact"
        say(f"{told['customer']}: in {told['language']}, by {ways}")


async def _prefer(
    office: "Open", contact: str, language: str | None, channels: tuple[str, ...] | None
) -> dict[str, object]:
    customer_id = await _customer(office, contact)
    answer = await office.office.prefer(
        Prefer(customer_id=customer_id, language=language, channels=channels, actor=OPERATOR)
    )
    if isinstance(answer, Malformed):
        raise Refused(f"{answer.field}: {answer.advice}", Exit.USAGE)
    person = await office.look.customer(customer_id)
    assert person is not None, "who has a contact is a customer"
    ways = [channel for channel, _ in person.ways]
    return {"customer": customer_id, "language": person.language, "ways": ways}


def _check(state: str, kind: str) -> None:
    if state and state not in set(EffectState):
        raise Refused(f"'{state}' is no state: give one of {', '.join(EffectState)}", Exit.USAGE)
    if kind and kind not in MESSAGE_KINDS:
        names = ", ".join(sorted(MESSAGE_KINDS))
        raise Refused(f"'{kind}' is no kind of message: give one of {names}", Exit.USAGE)


async def _find(
    office: "Open", state: str, kind: str, show: str, contact: str, limit: int
) -> tuple[MessageView, ...]:
    show_id = (await find_show(office, show)).card.show_id if show else None
    customer_id = await _customer(office, contact) if contact else None
    return await office.look.messages(
        state=state, kind=kind, show_id=show_id, customer_id=customer_id, limit=limit
    )


def _read_contact(contact: str) -> tuple[str, str]:
    channel, separator, address = contact.partition(":")
    if not separator:
        text = f"'{contact}' is no contact: it reads like email:ana@example.org"
        raise Refused(text, Exit.USAGE)
    return channel.strip().lower(), address.strip()


async def _customer(office: "Open", contact: str) -> str:
    customer_id = await office.look.customer_of(*_read_contact(contact))
    if customer_id is None:
        raise Refused(f"nobody has the contact {contact}")
    return customer_id


def _read(key: str) -> tuple[int, int, int]:
    parts = key.strip().split(".")
    if len(parts) != _KEY_PARTS or not all(p.isdecimal() and len(p) < _DIGITS for p in parts):
        raise Refused(f"'{key}' is no key of a message: it reads like 3.120.0", Exit.USAGE)
    show_id, seq, item = map(int, parts)
    return show_id, seq, item


async def _one(office: "Open", key: str) -> MessageView:
    found = await office.look.message(*_read(key))
    if found is None:
        raise Refused(f"there is no message {key}: see `bilheteria messages list`")
    return found


def _facts(one: MessageView, zone: str) -> dict[str, Any]:
    effect = one.effect
    return {
        "key": effect.key,
        "kind": effect.kind,
        "state": effect.state,
        "customer": effect.customer_id,
        "purchase": effect.purchase_id,
        "tries": effect.attempts,
        "due": iso_time(effect.due_ms, zone),
        "ended": iso_time(one.ended_ms, zone) if one.ended_ms else None,
        "error": one.error,
        "data": json.loads(effect.data),
    }


async def _whole(office: "Open", key: str) -> dict[str, Any]:
    one = await _one(office, key)
    effect, zone = one.effect, office.settings.time_zone
    tried = await office.look.attempts(effect.show_id, effect.ledger_seq, effect.item)
    attempts = [
        {
            "at": iso_time(attempt.at_ms, zone),
            "try": max(attempt.try_no, 0),
            "channel": attempt.channel,
            "part": attempt.part,
            "state": attempt.state,
            "said": attempt.said,
        }
        for attempt in tried
    ]
    return {**_facts(one, zone), "attempts": attempts, "next": _next(one)}


def _next(one: MessageView) -> str:
    """Say what an operator can do about a message."""
    again = f"bilheteria messages resend {one.effect.key}"
    match EffectState(one.effect.state):
        case EffectState.DEAD:
            return (
                "given up; to send it again once the cause is gone:\n"
                f"  {again}\n"
                f"  {again} --channel email                    by this contact first\n"
                f"  {again} --to email:ana@example.org         to another address"
            )
        case EffectState.WAITING if one.error:
            return f"tried again by itself when it is due; at once: {again}"
        case EffectState.WAITING | EffectState.DONE:
            return ""


async def _hurry(office: "Open", one: MessageView) -> str:
    """Have a message that failed tried again now: not when its pause is over."""
    effect, key = one.effect, one.effect.key
    if one.leased:
        raise Refused(f"{key} is being sent just now: look again in a minute")
    if not one.error:
        raise Refused(f"{key} still waits: `bilheteria work` sends it when it is due")
    await office.office.put_back(effect, "", office.clock.now_ms(), one.error)
    return key


async def _send_to(office: "Open", key: str, to: str) -> list[str]:
    """Send a message to an address that its reader does not have with us: see decision 52."""
    effect, (channel, address) = (await _one(office, key)).effect, _read_contact(to)
    if channel not in REACHED_BY:
        kinds = ", ".join(REACHED_BY)
        raise Refused(f"'{channel}' reaches nobody: give one of {kinds}", Exit.USAGE)
    reader = await office.look.customer(effect.customer_id or "")
    language = reader.language if reader else office.settings.language
    known = await office.office.register(
        Register(
            customer_id=office.ids.new(),
            contacts=((channel, address),),
            language=language,
            actor=OPERATOR,
        )
    )
    if not isinstance(known, Registered):
        raise Refused(f"{known.field}: {known.advice}", Exit.USAGE)
    again = SendAgain(
        show_id=effect.show_id,
        ledger_seq=effect.ledger_seq,
        item=effect.item,
        channel=channel,
        customer_id=known.customer_id,
        actor=OPERATOR,
    )
    return [key] if isinstance(await office.office.send_again(again), Done) else []


async def _resend(
    office: "Open", key: str, kind: str, show: str, contact: str, channel: str, limit: int
) -> list[str]:
    if key:
        chosen = (await _one(office, key),)
        if chosen[0].effect.state == EffectState.WAITING:
            return [await _hurry(office, chosen[0])]
    else:
        chosen = await _find(office, EffectState.DEAD, kind, show, contact, limit)
    answers = await asyncio.gather(
        *(
            office.office.send_again(
                SendAgain(
                    show_id=one.effect.show_id,
                    ledger_seq=one.effect.ledger_seq,
                    item=one.effect.item,
                    channel=channel,
                    actor=OPERATOR,
                )
            )
            for one in chosen
        )
    )
    done = zip(chosen, answers, strict=True)
    return [one.effect.key for one, answer in done if isinstance(answer, Done)]
