"""Which rows each request names, so that a batch reads them all at once."""

from typing import assert_never

from core.ledger import HOUSE
from core.ports import Names
from core.requests import (
    AnyRequest,
    Approve,
    Change,
    CheckIn,
    CheckOut,
    Choose,
    Claim,
    CloseShift,
    Dispute,
    DrawStep,
    EffectDead,
    EffectDone,
    EffectTried,
    End,
    Erase,
    Expire,
    HouseAct,
    Join,
    Leave,
    MoveCash,
    OpenShift,
    Prefer,
    Publish,
    Refund,
    RefundReport,
    Register,
    Report,
    SendAgain,
    SetClerk,
    StepBack,
    TellChange,
)


def name_rows(request: AnyRequest, names: Names) -> None:  # noqa: C901 - one case a request
    """Add what the request names."""
    if isinstance(request, HouseAct):
        _name_house(request, names)
        return
    show_id = request.show_id
    if show_id == HOUSE:
        return
    names.shows.add(show_id)
    match request:
        case Join(purchase_id=purchase_id, customer_id=customer_id):
            names.purchases.add((show_id, purchase_id))
            names.joining.add((show_id, customer_id))
        case Choose() | Claim() | Leave() | Expire() | StepBack():
            names.purchases.add((show_id, request.purchase_id))
        case CheckOut(purchase_id=purchase_id, payment_id=payment_id):
            names.purchases.add((show_id, purchase_id))
            names.payments.add((show_id, payment_id))
            _name_shift(request.shift_id, names)
        case Approve(payment_id=payment_id):
            names.payments.add((show_id, payment_id))
        case (
            Report(payment_id=payment_id, event_id=event_id)
            | Dispute(payment_id=payment_id, event_id=event_id)
        ):
            names.payments.add((show_id, payment_id))
            names.events.add((show_id, payment_id, event_id))
        case Refund(purchase_id=purchase_id, refund_id=refund_id):
            names.purchases.add((show_id, purchase_id))
            names.tickets_of.add((show_id, purchase_id))
            names.refunds.add((show_id, refund_id))
            _name_shift(request.shift_id, names)
        case RefundReport(refund_id=refund_id):
            names.refunds.add((show_id, refund_id))
        case End(purchase_id=purchase_id):
            names.purchases.add((show_id, purchase_id))
            names.tickets_of.add((show_id, purchase_id))
        case EffectDone() | EffectDead() | EffectTried() | SendAgain():
            names.effects.add((show_id, request.ledger_seq, request.item))
            if isinstance(request, SendAgain) and request.customer_id:
                names.joining.add((show_id, request.customer_id))
        case CheckIn(order_no=order_no):
            names.orders.add((show_id, order_no))
        case Change(draft=draft):  # Its venue and series are the house's.
            names.slugs.add(draft.slug)
            names.house = True
        case DrawStep(purchase_ids=purchase_ids) | TellChange(purchase_ids=purchase_ids):
            names.purchases.update((show_id, purchase_id) for purchase_id in purchase_ids)
        case _:
            pass


def _name_shift(shift_id: str, names: Names) -> None:
    """Name a drawer: shifts are in the house's book, which is read (and so locked) with them."""
    if shift_id:
        names.shifts.add(shift_id)
        names.house = True


def _name_house(request: HouseAct, names: Names) -> None:
    names.house = True
    match request:
        case Register(customer_id=customer_id, contacts=contacts):
            names.contacts.update(contacts)
            names.customers.add(customer_id)
        case Prefer(customer_id=customer_id) | Erase(customer_id=customer_id):
            names.customers.add(customer_id)
        case SetClerk(name=name):
            names.clerks.add(name)
        case OpenShift(shift_id=shift_id, actor=actor):
            names.shifts.add(shift_id)
            names.shifts_of.add(actor.removeprefix("clerk:"))
            names.clerks.add(actor.removeprefix("clerk:"))
        case MoveCash(shift_id=shift_id, actor=actor) | CloseShift(shift_id=shift_id, actor=actor):
            names.shifts.add(shift_id)
            names.drawers.add(shift_id)
            names.clerks.add(actor.removeprefix("clerk:"))
        case Publish(drafts=drafts):
            names.slugs.update(draft.slug for draft in drafts)
        case _:
            assert_never(request)
