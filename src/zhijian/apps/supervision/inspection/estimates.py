"""What a draw tells about all objects of its roster: how exactly before it is held, and what it found afterwards.

The estimate of a salted draw stays with the officers who hold the draw and with auditors: where one violation was found, the figure itself says in which
stratum, and so of which class the firm is that the results name.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from zhijian.apps.supervision.inspection.dispatching import outcomes_of
from zhijian.datazone.mart.risk_features import PROBLEM_CODES, UNREACHABLE_CODE
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.design import margin_of_error
from zhijian.engines.draws.estimation import Estimate, WeighedStratum, weighted_rate
from zhijian.engines.draws.models import Draw, Selection
from zhijian.engines.draws.queries import State


@dataclass(frozen=True)
class Tells:
    """What a frozen draw can tell and, once every result is in, what it tells.

    `margin` is the half width of the 95% interval at worst (a rate of one half); `estimate` is the share of objects with
    a problem, None while results are `pending`. `unmet` objects could not be reached: nobody looked, they do not count.
    `by_area` gives the divisions of each area of the roster with its estimate. `is_weighted`: objects of one stratum had different chances.
    """

    margin: float
    estimate: Estimate | None
    pending: int
    unmet: int
    by_area: tuple[tuple[list[str], Estimate], ...] = ()
    is_weighted: bool = False


def told_by(draw: Draw, state: State) -> Tells | None:
    """Return what a draw tells; None before its roster is frozen and for a voided one."""
    if not state.frozen or state.voided:
        return None
    strata = state.frozen["strata"]
    margin = margin_of_error(
        {one["label"]: one["objects"] for one in strata}, {one["label"]: one["drawn"] for one in strata}
    )
    is_weighted = any(one.get("method") == "pps" for one in strata)
    outcomes = outcomes_of(draw) if draw.dispatched_at else []
    pending = sum(one.result is None for one in outcomes)
    if pending or not outcomes:
        return Tells(margin, None, pending, 0, is_weighted=is_weighted)
    found = {}
    for one in outcomes:
        codes = set((one.result or {}).get("codes", ()))
        if UNREACHABLE_CODE not in codes:
            found[one.object_id] = bool(codes & {*PROBLEM_CODES})
    seen = _seen(draw, strata, found)
    areas = state.frozen["areas"]
    by_area = [
        (one["members"], weighted_rate([part for area, part in seen if area == one["code"]])) for one in areas
    ]
    return Tells(
        margin,
        weighted_rate([part for _, part in seen]),
        0,
        len(outcomes) - len(found),
        tuple((members, told) for members, told in by_area if told) if len(areas) > 1 else (),
        is_weighted,
    )


def _seen(
    draw: Draw, strata: list[dict[str, Any]], found: dict[str, bool]
) -> list[tuple[str, WeighedStratum]]:
    """Return (area, stratum) for every stratum, whoever was certain to be drawn as one of its own."""
    chances = draws.chances_of(draw)
    label_of = dict(Selection.objects.filter(draw=draw).values_list("object_id", "stratum"))
    told: dict[tuple[str, bool], list[tuple[float, bool]]] = defaultdict(list)
    for object_id, has_problem in found.items():
        chance = float(chances[object_id])
        told[label_of[object_id], chance == 1].append((chance, has_problem))
    parts = []
    for one in strata:
        label, is_whole = one["label"], one["drawn"] == one["objects"]
        sure = one["objects"] if is_whole else one.get("certain", 0)
        for count, drawn, is_sure in (
            (sure, sure, True),
            (one["objects"] - sure, one["drawn"] - sure, False),
        ):
            if count:
                parts.append((one["area"], WeighedStratum(count, drawn, tuple(told[label, is_sure]))))
    return parts
