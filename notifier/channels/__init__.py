"""Ways to reach people: one module each, all behind `Channel`."""

from notifier.channels.channel import Channel, Failed, Part, Refused

__all__ = ["Channel", "Failed", "Part", "Refused"]
