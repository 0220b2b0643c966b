"""How effects end: carried out, or given up and kept for a person, who may have them sent again.

Ends are in the ledger. Attempts are not: how often a channel was tried proves nothing.
"""

import dataclasses
import json

from core import limits
from core.ledger import encode
from core.messages import MESSAGE_KINDS, AttemptState, Effect, EffectState, Kind
from core.outcomes import Done, Malformed, UnknownCustomer, UnknownTicket, WrongState
from core.purchase import State
from core.requests import EffectDead, EffectDone, EffectTried, SendAgain
from core.sale import Message, Sale

EffectAnswer = Done | UnknownTicket
TriedAnswer = Done | UnknownTicket | Malformed
AgainAnswer = Done | UnknownTicket | UnknownCustomer | WrongState


def effect_done(sale: Sale, request: EffectDone) -> EffectAnswer:
    """Note an effect as carried out, once. A call delivered starts the claim clock."""
    return _finish(sale, request, EffectState.DONE, "")


def effect_dead(sale: Sale, request: EffectDead) -> EffectAnswer:
    """Give an effect up; it can be sent again by hand."""
    return _finish(sale, request, EffectState.DEAD, request.error[: limits.REASON_LENGTH])


def _unknown(request: EffectDone | EffectDead | EffectTried | SendAgain) -> UnknownTicket:
    return UnknownTicket(f"{request.show_id}.{request.ledger_seq}.{request.item}")


def _finish(
    sale: Sale,
    request: EffectDone | EffectDead,
    state: EffectState,
    error: str,
) -> EffectAnswer:
    key = (request.ledger_seq, request.item)
    effect = sale.effects.get(key)
    if effect is None:
        return _unknown(request)
    if effect.state in {EffectState.DONE, state}:
        return Done()
    sale.effects[key] = dataclasses.replace(effect, state=state)
    ended_seq = sale.book.ledger_seq + 1
    sale.changes.effect_ends.append(
        [sale.book.show_id, *key, state, sale.now_ms, ended_seq, error],
    )
    facts: dict[str, object] = {"effect": [*key, state]}
    purchase = sale.purchases.get(effect.purchase_id or "")
    called = effect.kind == Kind.YOUR_TURN and state is EffectState.DONE
    if called and purchase is not None and purchase.state is State.CALLED:
        # The window that the call named: the show's may have changed meanwhile.
        claim_ms = json.loads(effect.data).get("claim_ms", sale.plan.terms.claim_ms)
        delivered_ms = sale.now_ms + claim_ms
        sooner = purchase.deadline_ms is not None and delivered_ms < purchase.deadline_ms
        if sooner and is_call_of(effect, purchase.called_ms):
            purchase.deadline_ms = delivered_ms
            sale.record("delivered", request.actor, purchase, facts=facts)
            return Done()
    sale.record("effect_" + state, request.actor, facts=facts)
    return Done()


def is_call_of(effect: Effect, called_ms: int | None) -> bool:
    """Whether a call's message belongs to the call made then, not to one that was missed."""
    return json.loads(effect.data).get("called_ms") == called_ms


def effect_tried(sale: Sale, request: EffectTried) -> TriedAnswer:
    """Note an attempt over a channel; the effect stays as it is."""
    if (request.ledger_seq, request.item) not in sale.effects:
        return _unknown(request)
    if request.state not in set(AttemptState):
        return Malformed("state", "give one of " + ", ".join(AttemptState))
    if not 0 < len(request.channel) <= limits.CHANNEL_LENGTH:
        return Malformed("channel", f"a channel has 1 to {limits.CHANNEL_LENGTH} characters")
    sale.changes.attempts.append(
        [
            request.show_id,
            request.ledger_seq,
            request.item,
            request.try_no,
            request.channel,
            request.part,
            request.state,
            sale.now_ms,
            request.said,
        ],
    )
    return Done()


def send_again(sale: Sale, request: SendAgain) -> AgainAnswer:
    """Send a message again: one given up is tried anew, one that was sent goes out once more.

    By a chosen channel or to somebody else it goes out as a message of its own, in place of one
    that was given up. One that still waits is left to its worker, unless it is for somebody else.
    What concerns money is never sent by hand.
    """
    key = (request.ledger_seq, request.item)
    effect = sale.effects.get(key)
    if effect is None:
        return _unknown(request)
    if effect.kind not in MESSAGE_KINDS:
        return WrongState(effect.state)
    if request.customer_id and request.customer_id not in sale.customers:
        return UnknownCustomer(request.customer_id)
    elsewhere = bool(request.channel or request.customer_id)
    if effect.state == EffectState.DEAD and not elsewhere:
        sale.effects[key] = dataclasses.replace(effect, state=EffectState.WAITING)
        sale.changes.effects_again.append([request.show_id, *key, sale.now_ms])
        facts: dict[str, object] = {"effect": [*key, EffectState.WAITING]}
        sale.record("effect_again", request.actor, facts=facts)
    elif effect.state != EffectState.WAITING or request.customer_id:
        _send_anew(sale, request, effect)
    return Done()


def _send_anew(sale: Sale, request: SendAgain, effect: Effect) -> None:
    """Write the message once more; one that was given up is settled by it."""
    if effect.state == EffectState.DEAD:
        settled = EffectDone(
            show_id=request.show_id,
            ledger_seq=request.ledger_seq,
            item=request.item,
            actor=request.actor,
        )
        _finish(sale, settled, EffectState.DONE, "sent another way")
    data = effect.data
    if request.channel:
        data = encode({**json.loads(data), "by": request.channel})
    reader = request.customer_id or effect.customer_id
    message = Message(Kind(effect.kind), reader, effect.purchase_id, data)
    facts: dict[str, object] = {"of": [request.ledger_seq, request.item]}
    sale.record("sent_again", request.actor, facts=facts, messages=(message,))
