"""What a draw tells about all objects of its roster: how exactly before it is held, and what it found afterwards.

The estimate of a salted draw stays with the officers who hold the draw and with auditors: where one violation was found, the figure itself says in which
stratum, and so of which class the firm is that the results name.
"""

from collections import Counter
from dataclasses import dataclass

from zhijian.apps.supervision.inspection.dispatching import outcomes_of
from zhijian.datazone.mart.risk_features import PROBLEM_CODES, UNREACHABLE_CODE
from zhijian.engines.draws.design import margin_of_error
from zhijian.engines.draws.estimation import Estimate, Stratum, stratified_rate
from zhijian.engines.draws.models import Draw, Selection
from zhijian.engines.draws.queries import State


@dataclass(frozen=True)
class Tells:
    """What a frozen draw can tell and, once every result is in, what it tells.

    `margin` is the half width of the 95% interval at worst (a rate of one half); `estimate` is the share of objects with
    a problem, None while results are `pending`. `unmet` objects could not be reached: nobody looked, they do not count.
    """

    margin: float
    estimate: Estimate | None
    pending: int
    unmet: int


def told_by(draw: Draw, state: State) -> Tells | None:
    """Return what a draw tells; None before its roster is frozen and for a voided one."""
    if not state.frozen or state.voided:
        return None
    strata = state.frozen["strata"]
    margin = margin_of_error(
        {one["label"]: one["objects"] for one in strata}, {one["label"]: one["drawn"] for one in strata}
    )
    outcomes = outcomes_of(draw) if draw.dispatched_at else []
    pending = sum(one.result is None for one in outcomes)
    if pending or not outcomes:
        return Tells(margin, None, pending, 0)
    stratum_of = dict(Selection.objects.filter(draw=draw).values_list("object_id", "stratum"))
    looked_at, found = Counter[str](), Counter[str]()
    for one in outcomes:
        codes = set((one.result or {}).get("codes", ()))
        if UNREACHABLE_CODE not in codes:
            looked_at[stratum_of[one.object_id]] += 1
            found[stratum_of[one.object_id]] += bool(codes & {*PROBLEM_CODES})
    seen = [
        Stratum(one["objects"], looked_at[one["label"]], found[one["label"]])
        for one in strata
        if one["objects"]
    ]
    return Tells(margin, stratified_rate(seen), 0, len(outcomes) - looked_at.total())
