"""The command line: everything an operator does.

Each module has the commands of one subject; what is slow to load they import when they are run, so
that a command which needs little starts at once.
"""

from typing import Annotated

import typer

from app.cli import bot, house, keeping, reports, running, sales
from app.cli.clerks import clerk
from app.cli.frame import Front
from app.cli.messages import messages
from app.cli.payments import payments
from app.cli.shows import show
from app.cli.tickets import ticket

app = typer.Typer(
    cls=Front,
    help="A box office for live shows: one stock, one fair line.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=house.tell_version, help="Say it, end."),
    ] = False,
) -> None:
    """Take what stands before the command; whatever does anything does it by its callback."""
    del version


for command in (house.init, keeping.migrate, keeping.backup, keeping.restore, keeping.move):
    app.command()(command)
app.command()(house.doctor)
app.add_typer(show, name="show")
for command in (sales.sell, sales.join, sales.leave, sales.line):
    app.command()(command)
app.add_typer(sales.order, name="order")
app.command()(sales.refund)
app.add_typer(payments, name="payments")
app.add_typer(ticket, name="ticket")
app.add_typer(messages, name="messages")
app.add_typer(reports.draw, name="draw")
for command in (reports.report, house.audit):
    app.command()(command)
app.add_typer(clerk, name="clerk")
for command in (running.work, running.serve, bot.bot, bot.chat, running.window):
    app.command()(command)
for command in (running.demo, house.version):
    app.command()(command)
