"""Ways to reach people: one module each, all behind `Channel`."""

from notifier.channels.channel import PAUSE, Channel, Failed, Part, Refused

__all__ = ["PAUSE", "Channel", "Failed", "Part", "Refused"]
