"""Are the checks whose team was changed any checks, or do some people always leave or come? Exact chances, corrected for how many are asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.draws.auditing import Urn, marked_count
from zhijian.engines.draws.models import Selection
from zhijian.engines.signals import discovery

RATE = 0.05  # of all that ring, at most this share does so by chance, on average
UNIT, LEAVES, COMES = "unit", "leaves", "comes"


@dataclass(frozen=True)
class Drawn:
    """One check as the draw made it, by user names, and whether its team was changed since."""

    unit: str
    team: tuple[str, ...]
    follows: str  # the first of the standby; empty where there was none
    is_changed: bool


@dataclass(frozen=True)
class Tested:
    """One question: a unit, or an inspector of a unit. How often among changed checks, what chance gives, how likely so many are."""

    kind: str
    unit: str
    who: str
    checks: int  # the marked ones among all
    changed: int
    expected: float
    chance: float
    q: float = 1.0

    @property
    def rings(self) -> bool:
        return self.q <= RATE


def drawn_checks(area: str, year: int) -> list[Drawn]:
    """Return the checks of a year whose units lie in an area, with their drawn teams; rehearsals are none."""
    rows = Check.objects.filter(
        organisation__division_code__startswith=area, task__drawn_on__year=year, task__is_rehearsal=False
    ).exclude(leaf="")
    changed = set(rows.filter(replacements__isnull=False).values_list("pk", flat=True))
    kept = {
        (plan, attempt, leaf): (tuple(team[:2]), standby[0] if standby else "")
        for plan, attempt, leaf, team, standby in Selection.objects.filter(
            is_reserve=False, draw__plan_id__in=rows.order_by().values("task__plan_id")
        ).values_list("draw__plan_id", "draw__attempt", "leaf", "inspectors", "standby")
    }
    found = rows.values_list("pk", "organisation__name", "task__plan_id", "task__attempt", "leaf")
    return [
        Drawn(unit, *kept[plan, attempt, leaf], pk in changed)
        for pk, unit, plan, attempt, leaf in found
        if (plan, attempt, leaf) in kept
    ]


def tested(checks: Sequence[Drawn]) -> list[Tested]:
    """Return every question with its chance, what rings first.

    Under honest replacement the changed checks of a unit are any of its checks: what befalls an inspector has nothing to do
    with who stands next. So the changed checks that a person was drawn for, or would come to, are a hypergeometric count,
    and those of a unit among all units too. Only too many are asked for.
    """
    changed = sum(one.is_changed for one in checks)
    by_unit: dict[str, list[Drawn]] = defaultdict(list)
    for one in checks:
        by_unit[one.unit].append(one)
    found = [
        _tested(UNIT, unit, "", len(own), _changed(own), Urn(len(checks), len(own), changed))
        for unit, own in sorted(by_unit.items())
        if len(by_unit) > 1
    ]
    for unit, own in sorted(by_unit.items()):
        if not _changed(own):
            continue
        found += _people(LEAVES, unit, own, {id(one): one.team for one in own})
        found += _people(COMES, unit, own, {id(one): (one.follows,) for one in own if one.follows})
    q = discovery.adjusted([one.chance for one in found])
    judged = [replace(one, q=float(value)) for one, value in zip(found, q, strict=True)]
    return sorted(judged, key=lambda one: (one.q, one.chance, one.kind, one.unit, one.who))


def _people(
    kind: str, unit: str, own: Sequence[Drawn], names: Mapping[int, tuple[str, ...]]
) -> Iterable[Tested]:
    every, hit = Counter[str](), Counter[str]()
    for one in own:
        every.update(names.get(id(one), ()))
        if one.is_changed:
            hit.update(names.get(id(one), ()))
    return [
        _tested(kind, unit, who, every[who], hit[who], Urn(len(own), every[who], _changed(own)))
        for who in sorted(every)
    ]


def _tested(kind: str, unit: str, who: str, checks: int, changed: int, urn: Urn) -> Tested:
    verdict = marked_count([urn], changed, side="many")
    return Tested(kind, unit, who, checks, changed, verdict.expected, verdict.chance)


def _changed(checks: Iterable[Drawn]) -> int:
    return sum(one.is_changed for one in checks)
