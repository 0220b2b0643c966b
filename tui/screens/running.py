"""Running a sale from a screen: pausing it and going on."""

from core.outcomes import SaleNow
from core.requests import PauseSale, ResumeSale
from core.views import ShowView
from tui.screens.dialogues import Confirm
from tui.screens.place import Place
from tui.words import refusal


async def pause_or_resume(place: Place, show: ShowView) -> None:
    """Stop calling people at a show, or go on, after a yes. Only within a worker."""
    context, say = place.context, place.context.say
    show_id, actor = show.card.show_id, context.actor
    paused = show.card.status == "paused"
    asked = say.text("Go on with the sale?") if paused else say.text("Pause the sale?")
    if not await place.question(Confirm(context, asked)):
        return
    kind = ResumeSale if paused else PauseSale
    office = context.givens.office
    answer = await context.ask(lambda: office.run(kind(show_id=show_id, actor=actor)))
    if not isinstance(answer, SaleNow):
        place.notice(refusal(answer, show, say), bad=True)
