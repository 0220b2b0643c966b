"""How effects end: carried out, or given up and kept for a person. Both are in the ledger."""

import dataclasses

from core import limits
from core.messages import EffectState, Kind
from core.outcomes import Done, UnknownTicket
from core.purchase import State
from core.requests import EffectDead, EffectDone
from core.sale import Sale

EffectAnswer = Done | UnknownTicket


def effect_done(sale: Sale, request: EffectDone) -> EffectAnswer:
    """Note an effect as carried out, once. A call delivered starts the claim clock."""
    return _finish(sale, request, EffectState.DONE, "")


def effect_dead(sale: Sale, request: EffectDead) -> EffectAnswer:
    """Give an effect up; it can be sent again by hand."""
    return _finish(sale, request, EffectState.DEAD, request.error[: limits.REASON_LENGTH])


def _finish(
    sale: Sale,
    request: EffectDone | EffectDead,
    state: EffectState,
    error: str,
) -> EffectAnswer:
    key = (request.ledger_seq, request.item)
    effect = sale.effects.get(key)
    if effect is None:
        return UnknownTicket(f"{request.show_id}.{key[0]}.{key[1]}")
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
        delivered_ms = sale.now_ms + sale.plan.terms.claim_ms
        if purchase.deadline_ms is not None and delivered_ms < purchase.deadline_ms:
            purchase.deadline_ms = delivered_ms
            sale.record("delivered", request.actor, purchase, facts=facts)
            return Done()
    sale.record("effect_" + state, request.actor, facts=facts)
    return Done()
