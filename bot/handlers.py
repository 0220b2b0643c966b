"""Every handler, in the order in which they are asked; and those for what is no conversation."""

import asyncio
import logging
from typing import Any

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    PreCheckoutQueryHandler,
    filters,
)

from bot import talks
from bot.about import how_it_works, what_is_kept, wishes
from bot.acts import bought, mine
from bot.context import Talk
from bot.finding import find, words_of
from bot.room import visitor_of
from bot.screens import Key, Screen, bold, cut, plain, printable, screen
from bot.showing import Look, short, status_line, when
from core.messages import Lane
from core.ports import Overloaded, StorageLost
from core.views import ShowCard
from language import msgid

_log = logging.getLogger("bilheteria.bot")
_SHARED = 20
_CACHED_S = 30
_TITLE = 60
_DIGITS = 6
_AGREE_S = 7.0
"""A checkout that the office has not answered by then is refused, while Telegram still listens."""
CAN_NOT_NOW = msgid("The office can't answer now. Nothing is lost: try again in a moment.")

UPDATES = ("message", "callback_query", "inline_query", "pre_checkout_query", "my_chat_member")
"""The kinds of update that Telegram is asked for."""


def handlers() -> list[BaseHandler[Update, Talk, Any]]:
    """Return all handlers: the first that takes an update is the only one."""
    private = filters.ChatType.PRIVATE
    return [
        PreCheckoutQueryHandler(agree),
        MessageHandler(filters.SUCCESSFUL_PAYMENT, paid),
        InlineQueryHandler(share),
        ChatMemberHandler(membership),
        MessageHandler(filters.StatusUpdate.MIGRATE, moved),
        MessageHandler(~private, in_group),
        CommandHandler("start", talks.start),
        CommandHandler("shows", talks.search),
        CommandHandler("line", talks.shows_what(mine)),
        CommandHandler("tickets", talks.shows_what(bought)),
        CommandHandler("language", talks.shows_what(wishes)),
        CommandHandler("help", talks.shows_what(how_it_works, Talk.listener)),
        CommandHandler("privacy", talks.shows_what(what_is_kept, Talk.listener)),
        CallbackQueryHandler(talks.tapped),
        MessageHandler(filters.REPLY & filters.TEXT, talks.replied),
        MessageHandler(filters.TEXT & ~filters.COMMAND, talks.search),
        MessageHandler(filters.ALL, talks.shows_what(how_it_works, Talk.listener)),
    ]


async def agree(update: Update, talk: Talk) -> None:
    """Answer a checkout: Telegram waits ten seconds for it, then tells the person it failed."""
    query = update.pre_checkout_query
    assert query is not None, "a checkout was filtered for"
    till = talk.room.till
    why = msgid("This order can't be paid any more: see /line.")
    try:
        async with asyncio.timeout(_AGREE_S):
            agreed = till is not None and await till.agree(
                query.invoice_payload, query.total_amount, query.currency
            )
    except (StorageLost, Overloaded, TimeoutError):
        agreed, why = False, CAN_NOT_NOW
    if agreed:
        await query.answer(ok=True)
        return
    speech = talk.room.look(visitor_of(update, talk.room.language)).speech
    await query.answer(ok=False, error_message=speech.text(why))


async def paid(update: Update, talk: Talk) -> None:
    """Note money that Telegram took."""
    message = update.effective_message
    payment = message.successful_payment if message is not None else None
    assert payment is not None, "a payment was filtered for"
    if talk.room.till is None:
        _log.error("money came through Telegram, but no payments in Telegram are set up")
        return
    await talk.room.till.take(
        payment.invoice_payload,
        payment.total_amount,
        payment.currency,
        payment.telegram_payment_charge_id,
        payment.provider_payment_charge_id,
    )


async def share(update: Update, talk: Talk) -> None:
    """Offer shows to be shared in any chat: `@bot samba`."""
    query = update.inline_query
    assert query is not None, "an inline query was filtered for"
    room = talk.room
    look = room.look(await talk.visitor(update))
    offset = int(query.offset) if query.offset.isdecimal() and len(query.offset) <= _DIGITS else 0
    words, slug = words_of(query.query), printable(query.query)
    # A number is looked for in titles: as the id of a show it means nothing to people.
    show_id = await room.office.look.show_id(slug) if slug and not slug.isdigit() else None
    one = await room.office.look.show(show_id) if show_id is not None else None
    cards = await find(room, words, _SHARED, offset) if one is None else (one.card,)
    results = [_article(talk, look, card) for card in cards]
    more = str(offset + _SHARED) if len(cards) == _SHARED else ""
    try:
        await query.answer(results, cache_time=_CACHED_S, is_personal=True, next_offset=more)
    except TelegramError as failed:
        _log.debug("inline query not answered: %s", type(failed).__name__)


def _article(talk: Talk, look: Look, card: ShowCard) -> InlineQueryResultArticle:
    said = f"{bold(cut(card.title, _TITLE))}\n{when(look, card)}"
    button = Key(look.speech.text("Buy tickets"), url=look.link(card.slug))
    return InlineQueryResultArticle(
        id=str(card.show_id),
        title=cut(card.title, _TITLE),
        description=f"{short(look, card)} · {card.city} · {status_line(look, card)}",
        input_message_content=InputTextMessageContent(
            said, ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
        reply_markup=talk.room.post.markup(Screen(said, ((button,),))),
    )


async def membership(update: Update, talk: Talk) -> None:
    """Note that somebody blocked the bot, or let it in again: what they hold is kept either way."""
    del talk
    change = update.my_chat_member
    assert change is not None, "a change of membership was filtered for"
    _log.info("a chat's membership is now %s", change.new_chat_member.status)


async def moved(update: Update, talk: Talk) -> None:
    """Note that a group has another id now; nothing of a group is kept here."""
    del update, talk
    _log.info("a group became a supergroup")


async def in_group(update: Update, talk: Talk) -> None:
    """Say politely that tickets are bought in private, to who addressed the bot in a group."""
    message, room = update.effective_message, talk.room
    named = f"@{room.post.bot.username}"
    text = (message.text if message is not None else None) or ""
    if not (text.startswith("/") or named in text):
        return
    visitor = await talk.listener(update)
    look = room.look(visitor)
    said = look.speech.text("Tickets are bought in a private chat, so that your place is yours.")
    key = Key(look.speech.text("Open the private chat"), url=look.link(""))
    await room.post.send(visitor.chat_id, screen([plain(said)], [key]), Lane.NEWS)
