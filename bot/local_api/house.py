"""The methods of the API about the bot itself: who it is, what it offers, how updates come."""

from collections.abc import Sequence
from typing import Any

from bot.local_api.calls import Call
from bot.local_api.methods import Method
from bot.local_api.updates import Superseded, Webhook
from bot.local_api.world import Refusal, World, bad

Json = dict[str, Any]
_COMMANDS_MAX = 100
_COMMAND_MAX = 32
_TELLS_MAX = 256
_FETCHED_MAX = 100
_LONGEST_POLL_S = 50.0
_LENGTHS = {"description": 512, "short_description": 120, "name": 64}


async def get_me(world: World, call: Call) -> Json:
    """Tell who the bot is."""
    del call
    able = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**world.me, **able}


async def get_updates(world: World, call: Call) -> Sequence[Json]:
    """Confirm and fetch updates."""
    if world.updates.webhook.url:
        raise Refusal(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    world.updates.allow(call.value("allowed_updates"))
    limit = max(1, min(call.integer("limit", _FETCHED_MAX), _FETCHED_MAX))
    wait_s = min(call.number("timeout"), _LONGEST_POLL_S)
    try:
        return await world.updates.fetch(call.integer("offset", 0), limit, wait_s)
    except Superseded:
        raise Refusal(
            409,
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running",
        ) from None


async def set_webhook(world: World, call: Call) -> bool:
    """Have updates brought."""
    url = call.string("url")
    # Telegram takes https alone; a server on the same machine may do without.
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if call.flag("drop_pending_updates"):
        world.updates.drop()
    world.updates.allow(call.value("allowed_updates"))
    secret = call.string("secret_token", 0, 256)
    connections = call.integer("max_connections", 40)
    await world.updates.set_webhook(Webhook(url=url, secret=secret, connections=connections))
    return True


async def delete_webhook(world: World, call: Call) -> bool:
    """Have updates fetched again."""
    if call.flag("drop_pending_updates"):
        world.updates.drop()
    await world.updates.set_webhook(Webhook())
    return True


async def get_webhook_info(world: World, call: Call) -> Json:
    """Tell where updates are brought."""
    del call
    webhook = world.updates.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending,
    }
    if webhook.last_error:
        info |= {"last_error_message": webhook.last_error, "last_error_date": world.now_s()}
    return info


def _scope(call: Call) -> tuple[str, str]:
    scope: Json = call.value("scope") or {"type": "default"}
    language = call.string("language_code", 0, 2)
    return language, str(scope.get("type"))


async def set_my_commands(world: World, call: Call) -> bool:
    """Set the commands for a language and scope."""
    commands: list[Json] = call.value("commands") or []
    if len(commands) > _COMMANDS_MAX:
        raise bad("too many commands specified")
    for one in commands:
        command = str(one.get("command", ""))
        if not (1 <= len(command) <= _COMMAND_MAX and command.replace("_", "").isalnum()):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(one.get("description", ""))) <= _TELLS_MAX:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile["commands", *_scope(call)] = commands
    return True


async def get_my_commands(world: World, call: Call) -> list[Json]:
    """Tell the commands of a language and scope."""
    return world.profile.get(("commands", *_scope(call)), [])


async def delete_my_commands(world: World, call: Call) -> bool:
    """Take the commands of a language and scope back."""
    world.profile.pop(("commands", *_scope(call)), None)
    return True


def _setter(what: str) -> Method:
    async def set_it(world: World, call: Call) -> bool:
        world.profile[what, call.string("language_code", 0, 2), ""] = call.string(
            what, 0, _LENGTHS[what]
        )
        return True

    return set_it


def _getter(what: str) -> Method:
    async def get_it(world: World, call: Call) -> Json:
        said = world.profile.get((what, call.string("language_code", 0, 2), ""))
        return {what: said if said is not None else world.profile.get((what, "", ""), "")}

    return get_it


PROFILE: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
}
