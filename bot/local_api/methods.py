"""The methods of the API that concern messages, chats, files and queries."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.local_api.calls import Call, Upload
from bot.local_api.markup import check_keyboard, read_text
from bot.local_api.world import Chat, Refusal, StoredFile, World, bad, png_size

Json = dict[str, Any]
Method = Callable[[World, Call], Awaitable[Any]]

_TOAST_MAX = 200
_CAPTION_MAX = 1_024
_RESULTS_MAX = 50
_OFFSET_BYTES = 64
_GROUP_LEAST, _GROUP_MOST = 2, 10


def _chat(world: World, call: Call) -> Chat:
    return world.chat(call.integer("chat_id"))


def _markup(call: Call) -> tuple[Json | None, str]:
    """Return the inline keyboard, which stays with the message, and the hint of a prompt."""
    markup: Json | None = call.value("reply_markup")
    if markup is None:
        return None, ""
    if "inline_keyboard" in markup:
        check_keyboard(markup)
        return (markup if markup["inline_keyboard"] else None), ""
    if markup.get("force_reply"):
        return None, markup.get("input_field_placeholder") or "…"
    return None, ""


def _text(call: Call, name: str, most: int) -> tuple[str | None, list[Json] | None]:
    raw = call.string(name, 0, most * 2)
    entities = call.value("entities" if name == "text" else "caption_entities")
    text, found = read_text(raw, call.string("parse_mode"), entities)
    if len(text) > most:
        raise bad(f"{'message' if name == 'text' else 'message caption'} is too long")
    return text or None, found or None


def _replied(chat: Chat, call: Call) -> Json | None:
    parameters: Json = call.value("reply_parameters") or {}
    message = chat.messages.get(parameters.get("message_id", 0))
    return {k: v for k, v in message.items() if k != "reply_to_message"} if message else None


def posted(world: World, chat: Chat, call: Call, **content: Any) -> Json:  # noqa: ANN401 - fields
    """Post a message of the bot's with the buttons, prompt and reply that its call asks for."""
    keyboard, hint = _markup(call)
    replied = _replied(chat, call)
    message = world.post(chat, world.me, **content, reply_to_message=replied, reply_markup=keyboard)
    if hint:
        chat.prompts[message["message_id"]] = hint
    return message


async def send_message(world: World, call: Call) -> Json:
    """Send a text."""
    chat = _chat(world, call)
    text, entities = _text(call, "text", 4_096)
    if text is None:
        raise bad("message text is empty")
    return posted(world, chat, call, text=text, entities=entities)


def _stored(world: World, upload: Upload | None, reference: object) -> StoredFile:
    if upload is not None:
        return world.keep(upload.name, upload.mime, upload.content)
    stored = world.files.get(reference) if isinstance(reference, str) else None
    if stored is None:
        raise bad("wrong file identifier/HTTP URL specified")
    return stored


def _photo(stored: StoredFile) -> Json:
    width, height = png_size(stored.content)
    return {"photo": [{**stored.facts(), "width": width, "height": height}]}


def _document(stored: StoredFile) -> Json:
    facts = {**stored.facts(), "file_name": stored.name, "mime_type": stored.mime}
    return {"document": facts}


async def send_photo(world: World, call: Call) -> Json:
    """Send a photo."""
    return _send_file(world, call, "photo", _photo)


async def send_document(world: World, call: Call) -> Json:
    """Send a document."""
    return _send_file(world, call, "document", _document)


def _send_file(world: World, call: Call, name: str, facts: Callable[[StoredFile], Json]) -> Json:
    chat = _chat(world, call)
    reference = call.given.get(name)
    stored = _stored(world, call.upload(reference, name), reference)
    caption, entities = _text(call, "caption", _CAPTION_MAX)
    content = {**facts(stored), "caption": caption, "caption_entities": entities}
    return posted(world, chat, call, **content)


async def send_media_group(world: World, call: Call) -> list[Json]:
    """Send an album of photos or of documents."""
    chat = _chat(world, call)
    media: list[Json] = call.value("media") or []
    if not _GROUP_LEAST <= len(media) <= _GROUP_MOST:
        raise bad("wrong number of items in the album: 2 to 10 are expected")
    kinds = {"photo": _photo, "document": _document}
    ready: list[Json] = []
    for item in media:
        if item.get("type") not in kinds:
            raise bad("can't parse InputMedia: unsupported type")
        stored = _stored(world, call.upload(item["media"]), item["media"])
        caption, entities = read_text(
            item.get("caption", ""), item.get("parse_mode", ""), item.get("caption_entities")
        )
        facts = kinds[item["type"]](stored)
        ready.append({**facts, "caption": caption or None, "caption_entities": entities or None})
    group = f"album{world.number()}"
    return [posted(world, chat, call, **one, media_group_id=group) for one in ready]


async def edit_message_text(world: World, call: Call) -> Json:
    """Change a text, and with it the buttons."""
    chat = _chat(world, call)
    message = world.message_of_bot(chat, call.integer("message_id"), "edit")
    text, entities = _text(call, "text", 4_096)
    if text is None:
        raise bad("message text is empty")
    if "text" not in message:
        raise bad("there is no text in the message to edit")
    keyboard, _ = _markup(call)
    return _changed(
        world, chat, message, {"text": text, "entities": entities, "reply_markup": keyboard}
    )


async def edit_message_reply_markup(world: World, call: Call) -> Json:
    """Change the buttons alone."""
    chat = _chat(world, call)
    message = world.message_of_bot(chat, call.integer("message_id"), "edit")
    keyboard, _ = _markup(call)
    return _changed(world, chat, message, {"reply_markup": keyboard})


def _changed(world: World, chat: Chat, message: Json, content: Json) -> Json:
    if all(message.get(name) == value for name, value in content.items()):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    for name, value in content.items():
        if value is None:
            message.pop(name, None)
        else:
            message[name] = value
    message["edit_date"] = world.now_s()
    chat.touch(message["message_id"])
    return message


async def delete_message(world: World, call: Call) -> bool:
    """Delete a message of the bot's, or one of the person's in a private chat."""
    chat = _chat(world, call)
    message_id = call.integer("message_id")
    if not chat.private or message_id not in chat.messages:
        world.message_of_bot(chat, message_id, "delete")
    del chat.messages[message_id]
    chat.touch(message_id)
    return True


async def answer_callback_query(world: World, call: Call) -> bool:
    """Answer a tap: a line that appears for a moment, or one to be confirmed."""
    if len(call.string("text")) > _TOAST_MAX:
        raise bad("MESSAGE_TOO_LONG")
    answer = {"text": call.string("text"), "alert": call.flag("show_alert")}
    world.answered("callback_query", call.string("callback_query_id", 1), answer)
    return True


async def answer_inline_query(world: World, call: Call) -> bool:
    """Answer an inline query: what the person may choose from."""
    results: list[Json] = call.value("results") or []
    if len(results) > _RESULTS_MAX:
        raise bad("RESULTS_TOO_MUCH")
    if len({result.get("id") for result in results}) != len(results):
        raise bad("RESULT_ID_DUPLICATE")
    for result in results:
        if result.get("type") != "article" or "input_message_content" not in result:
            raise bad("can't parse inline query result: only articles with text are known here")
        check_keyboard(result.get("reply_markup", {}))
    more = call.string("next_offset", 0, _OFFSET_BYTES)
    answer = {"results": results, "next_offset": more}
    world.answered("inline_query", call.string("inline_query_id", 1), answer)
    return True


async def send_chat_action(world: World, call: Call) -> bool:
    """Show that the bot is at it."""
    _chat(world, call)
    call.string("action", 1)
    return True


async def get_chat(world: World, call: Call) -> Json:
    """Tell about a chat."""
    chat = _chat(world, call)
    return {
        **chat.facts,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


async def leave_chat(world: World, call: Call) -> bool:
    """Leave a group."""
    chat = _chat(world, call)
    if chat.private:
        raise bad("can't leave a private chat")
    chat.refusal = Refusal(403, "Forbidden: bot is not a member of the group chat")
    return True


async def get_file(world: World, call: Call) -> Json:
    """Tell where a file is downloaded from."""
    stored = world.files.get(call.string("file_id", 1))
    if stored is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    return {**stored.facts(), "file_path": stored.path}


MESSAGES: dict[str, Method] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
    "leaveChat": leave_chat,
    "getFile": get_file,
}
