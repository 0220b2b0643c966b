"""`bilheteria work`, which keeps an office going, `bilheteria window`, and the demonstration."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.frame import Exit, Refused, settings_now


def work(
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, then end: for cron.")
    ] = False,
) -> None:
    """Keep the office going: deadlines, calls, draws, payments. Until interrupted."""
    from app.keys import KeyTrouble  # noqa: PLC0415 - only this command works
    from app.settings import SettingsWrong  # noqa: PLC0415 - the same
    from app.working import work as keep_working  # noqa: PLC0415 - the same

    try:
        keep_working(settings_now(), once=once)
    except (KeyTrouble, SettingsWrong) as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble


def serve() -> None:
    """Serve webhooks of providers, health and figures over HTTP. Until interrupted."""
    from app.keys import KeyTrouble  # noqa: PLC0415 - only this command serves
    from app.serving import serve as keep_serving  # noqa: PLC0415 - the same
    from app.settings import SettingsWrong  # noqa: PLC0415 - the same

    try:
        keep_serving(settings_now())
    except (KeyTrouble, SettingsWrong) as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble


def window(
    web: Annotated[
        bool, typer.Option("--web", help="Serve it to browsers instead of this terminal.")
    ] = False,
    host: Annotated[str, typer.Option(help="With --web: the address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="With --web: the port to listen at.")
    ] = 8765,
) -> None:
    """Open the box office window: sell, serve the line, refund, count the drawer."""
    from app.keys import KeyTrouble  # noqa: PLC0415 - only these commands need a key
    from app.window import run_window, serve_window  # noqa: PLC0415 - slow to load

    settings = settings_now()
    if web:
        serve_window(settings, host, port)
        return
    try:
        run_window(settings)
    except KeyTrouble as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble


def demo(
    seconds: Annotated[
        int, typer.Option(min=0, max=600, help="How long to take; 0: no waiting.")
    ] = 45,
    seed: Annotated[int, typer.Option(help="The same seed, the same crowd.")] = 1,
    plain: Annotated[bool, typer.Option("--plain", help="Lines instead of a picture.")] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the database here, to look at it.")
    ] = None,
) -> None:
    """Sell a show out before your eyes, in a database of its own."""
    from app.demo import run  # noqa: PLC0415 - only this command plays

    raise typer.Exit(run(seconds=seconds, seed=seed, plain=plain, keep=keep))
