"""The Telegram face: the purchase is the conversation."""
