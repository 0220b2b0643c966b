"""Screens about the bot and the person: how it works, what is kept, how one is written to."""

from bot.marks import Do, Tap
from bot.room import Room, Visitor
from bot.screens import Key, Screen, bold, plain, screen
from bot.showing import Look
from core.house import LANGUAGES
from core.lookups import CustomerView
from core.messages import REACHED_BY

_NAMES = {"pt-BR": "Português", "en": "English"}
"""How each language calls itself."""


async def how_it_works(room: Room, visitor: Visitor) -> Screen:
    """Say how it works."""
    speech = room.look(visitor).speech
    said = [
        bold(speech.text("How it works")),
        plain(
            speech.text(
                "Find a show and enter its line: your place is yours, connected or not, and nobody "
                "passes you. When you are called a ticket is kept for you: answer, choose, pay."
            )
        ),
        plain(
            speech.text(
                "/shows finds shows, /line shows your places, /tickets your tickets, "
                "/language changes the language, /privacy tells what is kept of you."
            )
        ),
    ]
    return screen(said)


async def what_is_kept(room: Room, visitor: Visitor) -> Screen:
    """Say what is kept of somebody, and offer to erase it."""
    speech = room.look(visitor).speech
    said = [
        bold(speech.text("What is kept of you")),
        plain(
            speech.text(
                "Your Telegram number, name and language, and what you bought. A CPF only where a "
                "fare asks for it, until a day after the show. No card or bank data."
            )
        ),
    ]
    return screen(said, [Key(speech.text("Erase me"), Tap(do=Do.ERASE))])


def erase_screen(look: Look, customer_id: str) -> Screen:
    """Ask once more before somebody is erased; who they are then stands in the button."""
    said = look.speech.text(
        "Your places in line are given up. Your tickets stay valid, but can't be shown or given "
        "back here again: save their PDF first."
    )
    return screen(
        [plain(said)],
        [Key(look.speech.text("Yes, erase me"), Tap(do=Do.ERASE_SURELY, text=customer_id))],
        [Key(look.speech.text("No, keep it"), Tap(do=Do.MINE))],
    )


async def wishes(room: Room, visitor: Visitor) -> Screen:
    """Offer the languages; and the ways of being told, to who has more than one."""
    look = room.look(visitor)
    said = [plain(look.speech.text("Which language do you want to be spoken to in?"))]
    keys = [[Key(_NAMES[one], Tap(do=Do.SPEAK, args=(n,))) for n, one in enumerate(LANGUAGES)]]
    customer_id = visitor.customer_id
    customer = await room.office.look.customer(customer_id) if customer_id is not None else None
    if customer is not None and len({channel for channel, _ in customer.contacts}) > 1:
        told, ways = _ways(look, customer)
        said.append(told)
        keys.append(ways)
    return screen(said, *keys)


def _ways(look: Look, customer: CustomerView) -> tuple[str, list[Key]]:
    """Say by what somebody is told; each button sets all of it, so that tapping twice is once."""
    speech = look.speech
    names = {
        "telegram": speech.text("Telegram"),
        "email": speech.text("e-mail"),
        "phone": speech.text("phone"),
        "push": speech.text("push"),
    }
    has = {channel for channel, _ in customer.contacts}
    chosen = list(dict.fromkeys(channel for channel, _ in customer.ways))
    keys: list[Key] = []
    for channel in (one for one in REACHED_BY if one in has):
        without = [one for one in chosen if one != channel]
        after = without if channel in chosen else [*chosen, channel]
        place = f"{chosen.index(channel) + 1}" if channel in chosen else "–"
        wanted = tuple(REACHED_BY.index(one) for one in after or chosen)
        keys.append(Key(f"{place} · {names[channel]}", Tap(do=Do.REACH, args=wanted)))
    told = speech.text(
        "You are told by these, the next where the one before does not get through: {ways}. "
        "Tap one to take it out, or to put it at the end.",
        ways=", ".join(names[one] for one in chosen),
    )
    return plain(told), keys
