"""The colours of the window: dark, light and high contrast. No colour is ever the only sign."""

from textual.theme import Theme

DARK = Theme(
    name="dark",
    primary="#5aa9e6",
    secondary="#f2b134",
    accent="#f2b134",
    foreground="#e8e8e8",
    background="#16181d",
    surface="#1e2128",
    panel="#2a2e37",
    success="#6cc070",
    warning="#f2b134",
    error="#ef6f6c",
    dark=True,
)
LIGHT = Theme(
    name="light",
    primary="#005f9e",
    secondary="#8a5a00",
    accent="#8a5a00",
    foreground="#1b1b1b",
    background="#fafafa",
    surface="#f0f0f0",
    panel="#e0e0e0",
    success="#1c6e25",
    warning="#8a5a00",
    error="#a61b1b",
    dark=False,
)
CONTRAST = Theme(
    name="contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#00ff00",
    warning="#ffff00",
    error="#ff8080",
    dark=True,
)
THEMES = (DARK, LIGHT, CONTRAST)
