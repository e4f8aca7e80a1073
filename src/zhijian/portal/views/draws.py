"""Draws: what was drawn, why that can be believed, and where to check it oneself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zhijian.apps.supervision.inspection import queries as inspections
from zhijian.apps.supervision.inspection.rosters import BY_CAPITAL, BY_COUNTY
from zhijian.engines.draws.models import CeremonyEvent, Draw, EventKind
from zhijian.engines.draws.plan import Design
from zhijian.engines.draws.queries import State, events_of, state_of
from zhijian.engines.registers.code_lists import industry_section_label
from zhijian.infrastructure.home import current_home
from zhijian.portal.components import drawing_words, item_words, words
from zhijian.portal.components.tile_map import area_name, area_words
from zhijian.security.models import Officer

_SHOWN_RESULTS = 50


@dataclass(frozen=True)
class Value:
    """A published value of the ceremony: whose it is and what it says."""

    label: str
    text: str


@dataclass(frozen=True)
class RibbonStep:
    """One of the six steps: `state` is done, current, later or void; what can no longer happen after it."""

    number: int
    title: str
    state: str
    planned: datetime | date | None
    taken_at: datetime | None
    who: str
    values: tuple[Value, ...]
    impossible: str


@dataclass(frozen=True)
class DrawRow:
    """One draw of a list, in words."""

    draw: Draw
    state: State
    status: str
    is_current: bool

    @property
    def objects(self) -> int | None:
        return self.state.frozen.get("objects")

    @property
    def drawn(self) -> int | None:
        return self.state.drawn.get("drawn")

    @property
    def percent(self) -> str | None:
        return words.percent(self.drawn, self.objects) if self.drawn and self.objects else None

    @property
    def file(self) -> str:
        """The newest published file of the draw, or nothing."""
        return str(self.state.published[-1]["file"]) if self.state.published else ""


def rows(limit: int | None = None) -> list[DrawRow]:
    """Return draws, the newest first."""
    return [row_of(draw) for draw in Draw.objects.all()[:limit]]


def row_of(draw: Draw) -> DrawRow:
    state = state_of(draw)
    return DrawRow(draw, state, status_words(draw, state), is_current=not state.voided)


def status_words(draw: Draw, state: State) -> str:
    """Say where a draw stands, and what comes next."""
    plan = draw.plan
    if state.voided:
        return _("已作废")
    if state.outcomes:
        return _("检查结果已公布，可核验")
    if state.published:
        return _("已抽取，可核验")
    if state.drawn:
        return _("已抽取，待公布")
    if len(state.nonces) == len(plan.parties):
        return _("已揭示，待抽取")
    if state.value:
        return _("公共随机数已出，待揭示")
    if len(state.commitments) == len(plan.parties):
        return _("已承诺，等待公共随机数（%(when)s）") % {"when": words.moment(plan.source.exists_at)}
    if state.frozen:
        return _("名单已冻结，待承诺")
    return _("已公告，%(when)s冻结名单") % {"when": words.moment(plan.freeze_at)}


def draw_list(request: HttpRequest) -> HttpResponse:
    """Every draw, the newest first; voided ones stay."""
    every = rows()
    context = {
        "rows": every,
        "ledger": bool(every) and (current_home().published / "draws" / "ledger.json").is_file(),
        "synthetic": "part" if any(row.draw.is_synthetic for row in every) else "",
    }
    return render(request, "portal/draws/list.html", context)


def draw_page(request: HttpRequest, plan: str) -> HttpResponse:
    """One draw: result or next event, the ceremony, the design, the files. The newest attempt leads."""
    attempts = list(Draw.objects.filter(plan_id=plan).order_by("-attempt"))
    if not attempts:
        raise Http404
    wanted = request.GET.get("attempt", "")
    draw = next((one for one in attempts if str(one.attempt) == wanted), attempts[0])
    row = row_of(draw)
    results = inspections.published_results(inspections.ResultFilters(plan_id=plan), limit=_SHOWN_RESULTS)
    areas = {one["code"]: _area(one) for one in row.state.frozen.get("areas", ())}
    strata = [_stratum(one, areas) for one in row.state.frozen.get("strata", ())]
    named = item_words.named({item.code: item.title for item in draw.plan.items})
    context = {
        "row": row,
        "draw": draw,
        "plan": draw.plan,
        "items": [(item, drawing_words.marked(item.title, named[item.code])) for item in draw.plan.items],
        "steps": ribbon(draw, row.state),
        "strata": strata,
        "hit_strata": sum(bool(one["drawn"]) for one in strata),
        "areas": areas.values(),
        "methods": _methods(draw.plan.design),
        "excluded": _excluded(row.state),
        "files": _files(draw),
        "results": [one for one in results if one.attempt == draw.attempt],
        "others": [row_of(one) for one in attempts if one.pk != draw.pk],
        "synthetic": "all" if draw.is_synthetic else "",
    }
    return render(request, "portal/draws/draw.html", context)


def ribbon(draw: Draw, state: State) -> list[RibbonStep]:
    """Return the ceremony as six steps: announced, frozen, committed, revealed, drawn, open to checking."""
    plan, events = draw.plan, events_of(draw)
    by_kind = {kind: [event for event in events if event.kind == kind] for kind in EventKind.values}
    parties = {party.key: party.name for party in plan.parties}
    frozen, drawn = state.frozen, state.drawn
    roster = (
        (Value(_("名单指纹"), frozen["roster_root"]), Value(_("人员库指纹"), frozen["inspector_root"]))
        if frozen
        else ()
    )
    commitments = tuple(Value(parties.get(key, key), text) for key, text in state.commitments.items())
    revealed = tuple(Value(parties.get(key, key), text) for key, text in state.nonces.items())
    value = (Value(plan.source.name, state.value),) if state.value else ()
    seed = (Value(_("种子"), drawn["seed"]),) if drawn else ()
    files = tuple(Value(one["file"], one["sha256"]) for one in state.published)
    taken = [
        (_("公告"), None, by_kind["announced"], (), _("规则、比例、各方和时间已公开，不能事后改。")),
        (_("冻结"), plan.freeze_at, by_kind["frozen"], roster, _("名单和人员库已留指纹，加人、减人、改动都会被发现。")),
        (_("承诺"), plan.commit_until, by_kind["committed"] if len(commitments) == len(parties) else [], commitments,
         _("各方的随机数已锁定，谁也不能看了公共随机数再改。")),
        (_("揭示"), plan.reveal_until, by_kind["revealed"] if len(revealed) == len(parties) else [],
         (*value, *revealed), _("种子已唯一确定，结果不能再挑选。")),
        (_("抽取"), None, by_kind["drawn"], seed, _("抽中名单由种子算出，任何人复算都得到同一份。")),
        (_("核验"), None, by_kind["published"], files, _("文件已公开，任何人都能在自己的设备上复算。")),
    ]  # fmt: skip
    steps, is_open, names = [], not state.voided, _names(events)
    for number, (title, planned, done, values, impossible) in enumerate(taken, 1):
        status = "done" if done else "current" if is_open else "void" if state.voided else "later"
        is_open = is_open and bool(done)
        steps.append(
            RibbonStep(number, title, status, planned, done[-1].at if done else None, _who(done, names), values,
                       impossible if done else "")
        )  # fmt: skip
    return steps


def _who(events: Iterable[CeremonyEvent], names: Mapping[str, str]) -> str:
    return _("、").join(dict.fromkeys(names.get(event.actor, event.actor) for event in events))


def _names(events: Iterable[CeremonyEvent]) -> dict[str, str]:
    """Return what the people who took the steps are called; the files carry their accounts."""
    officers = Officer.objects.filter(username__in={event.actor for event in events})
    return {one.username: (one.display_name_en if words.in_english() else "") or str(one) for one in officers}


def _stratum(stratum: dict[str, Any], areas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    area = areas.get(stratum["area"])
    return stratum | {
        "area_name": area["name"] if area else area_name(stratum["area"]),
        "group_name": _group_name(stratum.get("group") or ""),
        "percent": words.percent(stratum["drawn"], stratum["objects"]),
    }


def _area(area: dict[str, Any]) -> dict[str, Any]:
    members = [area_name(code) for code in area.get("members", ())] or [area_name(area["code"])]
    return area | {
        "name": area_words(area["code"], area.get("members", ())),
        "members_text": _("、").join(members),
        "excluded_count": sum(int(one.get("count", 0)) for one in area.get("excluded", ())),
    }


def _methods(design: Design) -> list[str]:
    """Say how strata were drawn, each way once, and the minimum of each area."""
    ways = {
        "simple": _("层内简单随机，每户机会相同"),
        "systematic": _("系统抽样：排好后从随机起点等距取，每户机会相同"),
        "pps": _("按公布的权重抽，概率与权重成正比"),
    }
    said = [ways[method] for method in dict.fromkeys(rate.method for rate in design.rates)]
    said += [_("权重：%(what)s") % {"what": _field(design.weight_by)}] if design.weight_by else []
    said += [_("次序：%(what)s") % {"what": _field(design.sort_by)}] if design.sort_by else []
    if design.at_least_per_area:
        said.append(_("每个地区最少%(n)s户，不足的全抽") % {"n": design.at_least_per_area})
    if design.teams:
        said.append(
            _(
                "检查人员就近均衡配组：签号、路程（每公里百分之%(travel)s签）、跨区和次数之和最小，可凭公开文件验证"
            )
            % {"travel": design.teams.travel}
        )
    return said


def _field(name: str) -> str:
    known = {BY_CAPITAL: _("注册资本（万元，不足一万元按一万元）"), BY_COUNTY: _("县区代码")}
    return known.get(name, name)


def _excluded(state: State) -> list[dict[str, Any]]:
    found = []
    for area in state.frozen.get("areas", ()):
        name = _area(area)["name"]
        found += [
            one | {"area": area_name(one["division"]) if "division" in one else name, "why": _(one["reason"])}
            for one in area.get("excluded", ())
        ]
    return found


def _group_name(group: str) -> str:
    if not group:
        return _("全部行业")
    label = industry_section_label(group[:1]) if len(group) == 1 else None
    return (label.en if words.in_english() else label.zh) if label else _(group)


# The published files carry these words in Chinese; the page says them in its own language.
_PUBLISHED_WORDS = (
    gettext_noop("制造"), gettext_noop("批发零售"), gettext_noop("住宿餐饮"), gettext_noop("其他"),
    gettext_noop("已注销"), gettext_noop("已吊销"), gettext_noop("组织单位"), gettext_noop("监督单位"),
)  # fmt: skip


@dataclass(frozen=True)
class PublishedFile:
    name: str
    bytes: int
    meaning: str

    @property
    def size(self) -> str:
        return f"{max(1, round(self.bytes / 1024)):,} KB"


def _files(draw: Draw) -> list[PublishedFile]:
    folder = current_home().published / "draws"
    stem = f"draw-{draw.plan_id}-{draw.attempt}"
    found = sorted([*folder.glob(f"{stem}*.json"), *folder.glob(f"{stem}*.csv")])
    own = [path for path in found if path.name[len(stem)] in "-_."]
    ledger = folder / "ledger.json"
    return [
        PublishedFile(path.name, path.stat().st_size, _meaning(path))
        for path in [*own, *([ledger] if ledger.is_file() else [])]
    ]


def _meaning(path: Path) -> str:
    if path.name == "ledger.json":
        return _("全部抽签的总账，留一份可以查重抽和改时间")
    if "-roster" in path.name:
        return _("冻结的名单（公开部分）")
    if "-drawn" in path.name:
        return _("抽中与候补名单（公开部分）")
    if "-results-" in path.name:
        return _("抽签文件，含检查结果的指纹")
    return _("抽签文件，可复算全过程")
