"""Who of a library is in the frame of a draw, and why the others are not: tags, exclusions, visits of the year, caps.

A risk class is never public. Where firms of class A alone would leave a frame for a visit of this year, all that were
visited leave it wherever the counts would give the class away: in every open draw, and in areas with few visited firms.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow.compute as pc
from django.utils.translation import gettext_noop

from zhijian.apps.supervision.inspection import rules
from zhijian.apps.supervision.inspection.models import DrawScope, InspectionItem
from zhijian.datazone.lake import Lake
from zhijian.engines.draws.models import CeremonyEvent, EventKind, Selection
from zhijian.engines.draws.plan import Plan
from zhijian.engines.draws.roster import area_atom
from zhijian.engines.registers.declared import queries, registry
from zhijian.security.models import territory_prefix
from zhijian.standards.calendar import ZONE

TAGS_TABLE = "mart_object_tags"  # one row per object and tag, made by the daily refresh
ENTERPRISE = "enterprise"
LOW_RISK = "A"
FEWEST_VISITED = 10  # visited firms of an area, below which the class of some could be guessed from counts
UNTAGGED = gettext_noop("不带所选标签")
UNLAID = gettext_noop("不在所列各层")
BY_HAND = gettext_noop("因人工标注不参加")  # an officer's hand took it out: never by rule
VISITED = gettext_noop("今年已抽查过")
AT_CAP = gettext_noop("已达年度检查次数上限")
ON_WHITE_LIST = gettext_noop("在监管白名单上")
PRESUMED = gettext_noop("合格假定企业")
BY_RULE = (UNTAGGED, UNLAID, VISITED, AT_CAP, ON_WHITE_LIST, PRESUMED)
SPARING = (
    ("presumed_conforming", PRESUMED),
    ("supervision_white_list", ON_WHITE_LIST),
)  # registers, and the reason
APPROVED = {  # by the kind of reason of the register of exclusions
    "duplicate": gettext_noop("经批准排除：重复登记"),
    "disaster": gettext_noop("经批准排除：因灾停业"),
    "court": gettext_noop("经批准排除：法院查封或破产程序"),
    "security": gettext_noop("经批准排除：涉密单位"),
    "full_coverage": gettext_noop("经批准排除：已纳入全覆盖检查"),
}


@dataclass(frozen=True)
class Layer:
    """Objects that are drawn at a rate of their own: in a division, with tags and without those that have a '-' before them."""

    division: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """Whom a draw is about: a library, a division and tags; a tag with '-' before it must be missing.

    Where it has layers, an object is drawn in the first that it fits, the n-th at the rate Rn; who fits none is left out.
    """

    library: str = ENTERPRISE
    division: str = ""
    tags: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()

    @property
    def all_tags(self) -> tuple[str, ...]:
        return (*self.tags, *(tag for layer in self.layers for tag in layer.tags))


def scope_of(plan_id: str) -> Scope:
    """Return the scope that was announced with a draw; the whole register where there was none."""
    found = DrawScope.objects.filter(plan_id=plan_id).first()
    if found is None:
        return Scope()
    layers = tuple(Layer(one["division"], tuple(one["tags"])) for one in found.layers or ())
    return Scope(found.library, found.division_code, tuple(found.tags), layers)


def layers_of(places: Mapping[str, str], scope: Scope, lake: Lake) -> dict[str, int]:
    """Return the place, from 1, of the first layer that each object fits; none for those that fit none."""
    tagged, found = _tagged(lake, scope.all_tags), dict[str, int]()
    for number, layer in reversed([*enumerate(scope.layers, start=1)]):
        prefix = territory_prefix(layer.division)
        fit = (
            one
            for one, place in places.items()
            if place.startswith(prefix) and _fits(one, layer.tags, tagged)
        )
        found |= dict.fromkeys(fit, number)
    return found


def reasons(
    plan: Plan, places: Mapping[str, str], classes: Mapping[str, str], scope: Scope, lake: Lake
) -> dict[str, str]:
    """Return why objects leave a frame, by object. `places` are all that might be drawn with their division.

    `classes` are the risk classes; whoever has none is not of low risk.
    """
    on = plan.freeze_at.date()
    visits = visits_of_year(plan.freeze_at)
    left = dict.fromkeys(_spared(plan, places, classes, visits), VISITED)
    cap = _least_cap(plan)
    if cap is not None:
        full = (one for one, count in visits.items() if one in places and not _admitted(count, cap))
        left |= dict.fromkeys(full, AT_CAP)
    left |= {one: why for one, why in _spared_by_lists(plan).items() if one in places}
    if scope.tags:
        tagged = _tagged(lake, scope.tags)
        by_hand = _marked_out(scope.tags, on)
        unfit = [one for one in places if not _fits(one, scope.tags, tagged)]
        left |= {one: BY_HAND if one in by_hand else UNTAGGED for one in unfit}
    if scope.layers:
        laid, by_hand = layers_of(places, scope, lake), _marked_out(scope.all_tags, on)
        outside = [one for one in places if one not in laid and one not in left]
        left |= {one: BY_HAND if one in by_hand else UNLAID for one in outside}
    return left | {one: why for one, why in _excluded(scope.library, on).items() if one in places}


def _spared_by_lists(plan: Plan) -> dict[str, str]:
    """Return who is spared by a list that everybody reads, with the list as the reason."""
    on = plan.freeze_at.date()
    why = _why(plan)
    asked = {rules.field_of_item(item.code, on=on).field for item in plan.items}
    found: dict[str, str] = {}
    for name, words in SPARING if why == rules.INITIATIVE else ():
        fields = defaultdict[str, set[str]](set)
        for one in queries.holding(name, on=on):
            fields[one.uscc].add(str(one.snapshot()["field_code"]))
        found |= {uscc: words for uscc, own in fields.items() if rules.is_spared(own, asked, reason=why)}
    return found


def _why(plan: Plan) -> str:
    """Say why a draw is made: a duty of law (key items), the authority's own choice (by class), or a pure lottery."""
    if any(item.is_key for item in _listed(plan)):
        return rules.DUTY
    return rules.INITIATIVE if plan.design.follows_class else rules.LOTTERY


def visits_of_year(until: datetime) -> Counter[str]:
    """Count how often each object was drawn since the year began, before a moment; voided draws and drills aside."""
    begin = datetime(until.astimezone(ZONE).year, 1, 1, tzinfo=ZONE)
    voided = CeremonyEvent.objects.filter(kind=EventKind.VOIDED).values("draw")
    held = CeremonyEvent.objects.filter(kind=EventKind.DRAWN, at__gte=begin, at__lt=until)
    held = held.filter(draw__rehearsal=False).exclude(draw__in=voided)
    rows = Selection.objects.filter(draw__in=held.values("draw"), is_reserve=False)
    return Counter(rows.order_by().values_list("object_id", flat=True))


def _admitted(count: int, cap: int) -> bool:
    return rules.admission(visits_this_year=count, cap=cap, for_a_lead=False).is_allowed


def _spared(
    plan: Plan, places: Mapping[str, str], classes: Mapping[str, str], visits: Mapping[str, int]
) -> set[str]:
    """Return who leaves the frame for a visit of this year; key items have no upper limit."""
    if any(item.is_key for item in _listed(plan)):
        return set()
    on = plan.freeze_at.date()

    def leaves(one: str, risk_class: str) -> bool:
        return not rules.may_be_drawn(
            risk_class=risk_class, visits_this_year=visits[one], law_says_otherwise=False, on=on
        )

    visited = [one for one in visits if one in places and leaves(one, LOW_RISK)]
    if plan.mode == "open":
        return set(visited)
    spared = {one for one in visited if leaves(one, classes.get(one, ""))}
    by_area = defaultdict[str, list[str]](list)
    for one in visited:
        by_area[area_atom(places[one], plan.design.area_level)].append(one)
    hidden = [ones for ones in by_area.values() if _would_tell(ones, spared, plan.design.max_share_percent)]
    return spared.union(*hidden)


def _would_tell(visited: list[str], spared: set[str], most_percent: int) -> bool:
    share = sum(one in spared for one in visited)
    return len(visited) < FEWEST_VISITED or 100 * share > most_percent * len(visited)


@dataclass(frozen=True)
class _Listed:
    cap: int | None
    is_key: bool


def _listed(plan: Plan) -> list[_Listed]:
    codes = [item.code for item in plan.items]
    on = plan.inspection_until
    rows = InspectionItem.objects.filter(code__in=codes, valid_from__lte=on).exclude(valid_to__lt=on)
    newest = {row.code: row for row in rows.order_by("valid_from", "register_version")}
    return [_Listed(one.cap_per_year, one.class_code == InspectionItem.KEY) for one in newest.values()]


def _least_cap(plan: Plan) -> int | None:
    return min((one.cap for one in _listed(plan) if one.cap is not None), default=None)


def _tagged(lake: Lake, tags: Iterable[str]) -> dict[str, set[str]]:
    wanted = {tag.lstrip("-") for tag in tags}
    if not lake.exists(TAGS_TABLE):
        return {tag: set() for tag in wanted}
    table = lake.read(TAGS_TABLE)
    return {tag: set(table.filter(pc.equal(table["tag"], tag))["object_id"].to_pylist()) for tag in wanted}


def _fits(one: str, tags: Iterable[str], tagged: Mapping[str, set[str]]) -> bool:
    return all((one in tagged[tag.lstrip("-")]) is not tag.startswith("-") for tag in tags)


def _marked_out(tags: Iterable[str], on: date) -> set[str]:
    """Return the objects that officers put a tag on by hand, one entering and another approving, which must be missing on a day."""
    unwanted = {tag.lstrip("-") for tag in tags if tag.startswith("-")}
    marks = queries.holding("object_tag_marks", on=on) if unwanted else []
    rows = (one.snapshot() for one in marks)
    return {row["object_id"] for row in rows if row["tag_key"] in unwanted and row["approved_by"]}


def _excluded(library: str, on: date) -> dict[str, str]:
    """Return the exclusions that somebody else approved and that stand on a day: the reason by object."""
    register = registry.find("object_exclusions")
    if register is None:
        return {}
    rows = queries.entries(register).filter(**{"library_code": library, "valid_from__lte": on})
    found = rows.exclude(valid_to__lt=on).exclude(**{"approved_by": ""})
    stored = (one.snapshot() for one in found)
    return {one["object_id"]: APPROVED[one["reason_code"]] for one in stored}
