"""What the bot answers to what people write: commands, searches, replies to its questions."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import ForceReply, Message, Update
from telegram.constants import MessageEntityType

from bot.acts import Told, act, case_of, one_show, shows, standing, take
from bot.context import Talk
from bot.finding import words_of
from bot.marks import Do, Tap
from bot.refusals import refusal
from bot.room import Room, Visitor, visitor_of
from bot.screens import Screen, cut, plain, printable, screen
from core.documents import valid_cpf
from core.outcomes import DocumentNeeded, Standing
from core.ports import Overloaded, StorageLost
from language import msgid

_DOCUMENT_LINK = "https://t.me/{bot}?start=doc-"
_INVISIBLE = "\u2060"
_HOUSE = 60


def shows_what(
    make: Callable[[Room, Visitor], Awaitable[Screen]],
    who: Callable[[Talk, Update], Awaitable[Visitor]] = Talk.visitor,
) -> Callable[[Update, Talk], Coroutine[Any, Any, None]]:
    """Return a handler that shows somebody this screen; `who` says who that is."""

    async def show(update: Update, talk: Talk) -> None:
        room, visitor = talk.room, await who(talk, update)
        await room.post.show(visitor.chat_id, None, await make(room, visitor))

    return show


async def start(update: Update, talk: Talk) -> None:
    """Welcome somebody, or lead them to the show that a link names."""
    slug = printable(talk.args[0]) if talk.args else ""
    room, visitor = talk.room, await talk.visitor(update)
    show_id = await room.office.look.show_id(slug) if slug else None
    found = await one_show(room, visitor, show_id) if show_id is not None else None
    if found is None:
        speech = room.look(visitor).speech
        said = speech.text(
            "Tickets of {house}. Choose a show, or write a name, a city or a date.",
            house=cut(room.house, _HOUSE),
        )
        if slug:
            said = speech.text("The show of this link is not here any more. These are:")
        found = await shows(room, visitor, "", 0, said)
    await room.post.show(visitor.chat_id, None, found)


async def search(update: Update, talk: Talk) -> None:
    """Search for shows by words or a date: `/shows samba recife`, or just `samba`."""
    room, message = talk.room, update.effective_message
    assert message is not None, "a message was filtered for"
    text = message.text or ""
    if valid_cpf(text) is not None:
        await room.post.forget(message.chat_id, message.message_id)
        visitor = await talk.listener(update)
        said = room.look(visitor).speech.text(
            "A CPF is taken as the answer to my question alone. Tap the tickets once more in "
            "/line, and answer the message that asks for it."
        )
        await room.post.send(visitor.chat_id, screen([plain(said)]))
        return
    visitor = await talk.visitor(update)
    words = " ".join(talk.args or ()) if text.startswith("/") else text
    await room.post.show(visitor.chat_id, None, await shows(room, visitor, words_of(words), 0))


async def tapped(update: Update, talk: Talk) -> None:
    """Do what a tap asks, and show in its place how things stand."""
    query = update.callback_query
    assert query is not None, "a tap was filtered for"
    room, visitor = talk.room, visitor_of(update, talk.room.language)
    tap = room.marks.read(query.data or "")
    try:
        visitor = await room.recognised(visitor)
        if tap is None:
            unknown = msgid("This button is no longer known here. /start begins anew.")
            told = _only_said(room, visitor, unknown)
        else:
            told = await act(room, visitor, tap)
    except Overloaded:
        many = msgid("Very many people are here now. Tap again in a moment.")
        told = _only_said(room, visitor, many)
    except StorageLost:
        lost = msgid("The office can't answer now. Nothing is lost: tap again in a moment.")
        told = _only_said(room, visitor, lost)
    await room.post.toast(query.id, told.toast, alert=told.alert)
    message_id = query.message.message_id if query.message is not None else None
    await give(talk, visitor, message_id, told)


def _only_said(room: Room, visitor: Visitor, text: str) -> Told:
    return Told(toast=room.look(visitor).speech.text(text), alert=True)


async def give(talk: Talk, visitor: Visitor, message_id: int | None, told: Told) -> None:
    """Send what a tap is answered with."""
    room = talk.room
    if told.screen is not None:
        message_id = await room.post.show(visitor.chat_id, message_id, told.screen)
    if told.document is not None:
        await room.post.document(visitor.chat_id, *told.document)
    if told.pictures:
        await room.post.pictures(visitor.chat_id, list(told.pictures))
    if told.ask_document is not None:
        await ask_document(room, visitor, told.ask_document)
    if told.watch and message_id is not None:
        await talk.watch.follow(visitor, message_id, told.watch)


async def ask_document(room: Room, visitor: Visitor, tap: Tap) -> None:
    """Ask for a CPF. What it is for stands in the question itself, in a link nobody sees."""
    speech = room.look(visitor).speech
    said = speech.text(
        "Answer this message with the CPF of who will use the tickets. It is kept until a day "
        "after the show, for the door, and your message is deleted."
    )
    link = _DOCUMENT_LINK.format(bot=room.post.bot.username) + room.marks.write(tap)
    hint = ForceReply(input_field_placeholder=speech.text("CPF, 11 digits"))
    text = f'<a href="{link}">{_INVISIBLE}</a>{plain(said)}'
    await room.post.send(visitor.chat_id, Screen(text), reply_markup=hint)


def asked_in(room: Room, question: Message | None) -> Tap | None:
    """Return what a question of ours was about, or None if it was another message."""
    if question is None or question.from_user is None or not question.from_user.is_bot:
        return None
    begin = _DOCUMENT_LINK.format(bot=room.post.bot.username)
    for entity in question.entities:
        if entity.type == MessageEntityType.TEXT_LINK and (entity.url or "").startswith(begin):
            return room.marks.read((entity.url or "").removeprefix(begin))
    return None


async def replied(update: Update, talk: Talk) -> None:
    """Take the document that was asked for; any other reply is a search."""
    room, message = talk.room, update.effective_message
    assert message is not None, "a reply was filtered for"
    question = message.reply_to_message
    tap = asked_in(room, question)
    if tap is None or tap.do is not Do.TAKE or question is None:
        await search(update, talk)
        return
    # The CPF does not stay in the chat, whatever comes of it.
    await room.post.forget(message.chat_id, message.message_id)
    visitor = await talk.visitor(update)
    case = await case_of(room, visitor, tap.show_id, tap.purchase_id)
    answer: object = None
    said = ""
    if case is not None and tap.step == case.view.purchase.last_seq:
        answer = await take(room, case, tap, valid_cpf(message.text or ""))
        if isinstance(answer, DocumentNeeded):
            said = case.look.speech.text("This is no valid CPF: check its digits.")
        elif not isinstance(answer, Standing):
            said = refusal(case.look, case.show, answer)
    await room.post.forget(visitor.chat_id, question.message_id)
    if said:
        await room.post.send(visitor.chat_id, screen([plain(said)]))
    if isinstance(answer, DocumentNeeded):
        await ask_document(room, visitor, tap)
        return
    told = await standing(room, visitor, tap.show_id, tap.purchase_id)
    if told.screen is not None:
        await room.post.show(visitor.chat_id, None, told.screen)
