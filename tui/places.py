"""The screens of the window and the ways between them.

Loaded when somebody has signed in: the sign-in is painted before a dozen screens are made.
"""

from typing import Any

from textual.app import App

from tui import commands as can
from tui import manager_commands as run
from tui.commands import Command
from tui.context import Context
from tui.moves import FillForm, PublishDraft, ServeHere
from tui.screens.clerks import Clerks
from tui.screens.door import Door
from tui.screens.failed import Failed
from tui.screens.form import ShowForm
from tui.screens.house import House
from tui.screens.line import LineScreen
from tui.screens.manage import Manage
from tui.screens.orders import Orders
from tui.screens.place import Place
from tui.screens.sell import Sell
from tui.screens.shift import ShiftScreen

SCREENS: dict[type[Command], type[Place]] = {
    can.GoSell: Sell,
    can.GoHouse: House,
    can.GoLine: LineScreen,
    can.GoOrders: Orders,
    can.GoDoor: Door,
    can.GoShift: ShiftScreen,
    can.GoManage: Manage,
    run.NewShow: ShowForm,
    run.GoClerks: Clerks,
    run.GoFailed: Failed,
}
"""Where each command that goes somewhere leads."""
_FIRST: dict[str, type[Command]] = {"door": can.GoDoor}
"""Where somebody with this role begins; everyone else at the sale."""


class Places:
    """The screens of one clerk; each is made when it is first gone to, and waits when left."""

    def __init__(self, app: App[Any], context: Context) -> None:
        self._app, self._context = app, context
        self._made: dict[type[Command], Place] = {}

    async def close(self) -> None:
        """Take all of them down."""
        for place in self._made.values():
            self._app.uninstall_screen(place)  # pyright: ignore[reportUnknownMemberType]
            if place.is_running:
                await place.remove()
        self._made.clear()

    async def go(self, where: type[Command]) -> Place | None:
        """Bring a screen to the front, if this clerk may go there."""
        app, clerk = self._app, self._context.clerk
        if clerk is None or clerk.role not in where.ROLES:
            return None
        place, new = self._made.get(where), where not in self._made
        if place is None:
            place = self._made[where] = SCREENS[where](self._context)
            app.install_screen(place, where.WORD)  # pyright: ignore[reportUnknownMemberType]
        if app.screen is place:
            return place
        if isinstance(app.screen, Place):
            await app.switch_screen(place)  # pyright: ignore[reportUnknownMemberType]
        else:
            await app.push_screen(place)
        if not new:
            place.arrive()
        return place

    async def begin(self) -> None:
        """Show where this clerk begins; a sale that was cut off is gone on with."""
        clerk = self._context.clerk
        assert clerk is not None, "somebody has signed in"
        place = await self.go(_FIRST.get(clerk.role, can.GoSell))
        if isinstance(place, Sell):
            await place.resume()

    async def serve(self, message: ServeHere) -> None:
        """Serve somebody at the sale."""
        place = await self.go(can.GoSell)
        if isinstance(place, Sell):
            await place.serve(message.sale)

    async def fill(self, message: FillForm) -> None:
        """Fill the form of a show in, unless one is begun: then its writer decides."""
        form = await self.go(run.NewShow)
        if isinstance(form, ShowForm) and form.begun:
            form.ask_anew(message.values)
        elif isinstance(form, ShowForm):
            await form.clear(message.values)

    async def publish(self, message: PublishDraft) -> None:
        """Publish a show or change it; go back to its form if it is refused."""
        form, manage = self._made.get(run.NewShow), await self.go(can.GoManage)
        if isinstance(manage, Manage) and isinstance(form, ShowForm):
            new = () if message.changes else (message.draft,)
            wrong = await manage.publish(new, message.changes)
            if wrong:
                await self.go(run.NewShow)
                form.notice(wrong, bad=True)
            else:
                await form.clear({})
