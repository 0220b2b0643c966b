"""Sending a message again from a screen: on a channel that the person chose."""

import re
from dataclasses import dataclass

from core.messages import MESSAGE_KINDS, Effect, EffectState
from core.outcomes import Done, Registered
from core.requests import Register, SendAgain
from language import msgid
from tui.context import Context, Lost
from tui.screens.dialogues import AskText, Pick
from tui.screens.place import Place
from tui.words import refusal

_EMAIL = "email"
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_OTHER, _ANY = "other", "any"
CONTACTS = {
    "telegram": msgid("Telegram"),
    "email": msgid("e-mail"),
    "phone": msgid("SMS"),
    "push": msgid("push"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a message goes: a contact to try first, and whose, if not its reader's."""

    channel: str = ""
    customer_id: str = ""


async def ask_way(place: Place, customer_id: str) -> Way | None:
    """Ask how somebody is to be written to; None if it is taken back. Only within a worker."""
    context = place.context
    say, channels = context.say, context.givens.channels
    look = context.givens.office.look
    person = await context.ask(lambda: look.customer(customer_id))
    if isinstance(person, Lost):
        return None
    contacts = person.contacts if person is not None else ()
    known = dict(reversed([one for one in contacts if one[0] in channels]))
    rows = [
        (channel, f"{say.text(CONTACTS.get(channel, channel))}: {address}")
        for channel, address in reversed(known.items())
    ]
    if len(rows) > 1:
        rows.insert(0, (_ANY, say.text("as they prefer")))
    if _EMAIL in channels:
        rows.append((_OTHER, say.text("to another e-mail…")))
    if not rows:
        return None
    picked = await place.question(Pick(context, say.text("Send it how?"), rows))
    if picked == _OTHER:
        return await ask_email(place)
    return None if picked is None else Way(channel="" if picked == _ANY else picked)


async def ask_email(place: Place) -> Way | None:
    """Ask for an e-mail address that a message is to go to. Only within a worker."""
    context, say = place.context, place.context.say

    def check(text: str) -> str:
        return "" if _ADDRESS.fullmatch(text) else say.text("this is no e-mail address")

    address = await place.question(AskText(context, say.text("E-mail:"), check))
    if address is None:
        return None
    request = Register(
        customer_id=context.new_id(),
        contacts=((_EMAIL, address),),
        language=context.givens.language,
        actor=context.actor,
    )
    office = context.givens.office
    answer = await context.ask(lambda: office.register(request))
    if not isinstance(answer, Registered):
        return None
    return Way(channel=_EMAIL, customer_id=answer.customer_id)


async def send(context: Context, effect: Effect, way: Way) -> str:
    """Have a message sent again; return '' or what was wrong."""
    request = SendAgain(
        show_id=effect.show_id,
        ledger_seq=effect.ledger_seq,
        item=effect.item,
        channel=way.channel,
        customer_id=way.customer_id,
        actor=context.actor,
    )
    office = context.givens.office
    answer = await context.ask(lambda: office.send_again(request))
    return "" if isinstance(answer, Done) else refusal(answer, None, context.say)


def can_be_sent(effects: tuple[Effect, ...]) -> list[Effect]:
    """Return the messages that may go out again, the newest of each kind."""
    newest = {effect.kind: effect for effect in effects if effect.kind in MESSAGE_KINDS}
    return [e for e in newest.values() if e.state != EffectState.WAITING]
