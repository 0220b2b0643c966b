"""A Bot API server of our own: Telegram, as far as a bot and the people who talk to it can tell.

`bilheteria chat` and the tests run the real bot against it, over HTTP, without a token or a phone.
It is held to Telegram's published schema by tests/bot/test_schema.py.

    async with LocalApi(clock) as api:
        bot = telegram.Bot(api.token, base_url=api.base_url, base_file_url=api.file_url)
        ana = api.person("Ana", language="pt-br")
        ana.send("/start")
        shown = await ana.shown()           # what the bot answers
        await ana.tap(shown, "Comprar")     # waits until the bot has answered the tap

What people do has its methods in `people`, what the network does to them in `trouble`.
"""
