"""From a published draw to the checks that it gives to do."""

from collections import Counter
from collections.abc import Iterator

from zhijian.apps.supervision.inspection import policies, rosters, services
from zhijian.datazone.mart.risk_features import PROBLEM_CODES, UNREACHABLE_CODE
from zhijian.datazone.risk.visits import DrawnVisit
from zhijian.engines.draws import services as draws
from zhijian.engines.draws import store
from zhijian.engines.draws.models import Draw, EventKind, Selection
from zhijian.engines.draws.queries import events_of, state_of
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.security.models import Officer, Organisation
from zhijian.standards.calendar import statutory_day


def dispatch_of(
    draw: Draw, register: EntityRegister, officer: Officer, *, title_en: str = ""
) -> services.Dispatch:
    """Return what a published draw gives to do: its sample in the order of the draw.

    Raises:
        NotNow: the draw is not published, or was voided.
    """
    state = state_of(draw)
    if not state.published or state.voided:
        raise policies.NotNow("抽签公布之后才能派发。", "Checks are dispatched once the draw is published.")
    plan = draw.plan
    people = {one.username: one for one in Officer.objects.select_related("organisation")}
    assert isinstance(officer.organisation, Organisation)
    chosen = Selection.objects.filter(draw=draw, is_reserve=False)
    return services.Dispatch(
        plan_id=draw.plan_id,
        attempt=draw.attempt,
        title=draw.title,
        title_en=title_en or draw.title,
        item_codes=tuple(item.code for item in plan.items),
        organisation=officer.organisation,
        drawn_on=next(statutory_day(event.at) for event in events_of(draw) if event.kind == EventKind.DRAWN),
        due_on=plan.inspection_until,
        is_rehearsal=plan.rehearsal,
        visits=tuple(_visit(one, register, people) for one in chosen),
        frame_by_prefecture=frame_by_prefecture(draw),
    )


def _visit(one: Selection, register: EntityRegister, people: dict[str, Officer]) -> services.DrawnVisit:
    entity = register.find(one.object_id) if register.is_ready else None
    first, second = one.inspectors[:2]
    return services.DrawnVisit(
        uscc=one.object_id,
        name=one.name,
        address=(entity.address if entity else rosters.address_by_hand(one.object_id)) or "",
        division_code=one.division,
        is_synthetic=one.is_synthetic,
        inspectors=(people[first], people[second]),
        leaf=one.leaf,
        stratum=one.stratum,
    )


def outcomes_of(draw: Draw) -> list[draws.Outcome]:
    """Return the newest published result of every drawn object; None where it has none yet."""
    results = {subject: fact.payload for subject, fact in _results_of(draw).items()}
    chosen = Selection.objects.filter(draw=draw, is_reserve=False)
    return [draws.Outcome(one.object_id, results.get(one.object_id)) for one in chosen]


def drawn_visits(*, is_synthetic: bool | None = None) -> Iterator[DrawnVisit]:
    """Give every published result of a draw with the exact chance with which its object was drawn.

    Visits at which nobody was met are left out: nobody looked. Drills are no visits. `is_synthetic` asks for draws of
    invented, or of real, objects alone.
    """
    held = Draw.objects.filter(dispatched_at__isnull=False, rehearsal=False)
    for draw in held if is_synthetic is None else held.filter(is_synthetic=is_synthetic):
        chances = draws.chances_of(draw)
        for fact in _results_of(draw).values():
            codes = set(fact.payload.get("codes", ()))
            if fact.subject in chances and UNREACHABLE_CODE not in codes:
                yield DrawnVisit(
                    fact.subject,
                    fact.occurred_on,
                    float(chances[fact.subject]),
                    bool(codes & {*PROBLEM_CODES}),
                )


def _results_of(draw: Draw) -> dict[str, Fact]:
    """The newest version of each result that a draw led to; one that was withdrawn is none."""
    rows = Fact.objects.filter(
        kind="inspection.result",
        source=services.SOURCE,
        payload__plan=draw.plan_id,
        payload__attempt=draw.attempt,
    )
    newest = {fact.subject: fact for fact in rows.order_by("revision")}
    return {subject: fact for subject, fact in newest.items() if not fact.is_withdrawal}


def frame_by_prefecture(draw: Draw) -> dict[str, int]:
    """Count the frozen roster by prefecture. The published areas may be merged; the roster itself is not."""
    return dict(Counter(f"{row['division'][:4]}00" for row in store.kept(draw, "objects")))
