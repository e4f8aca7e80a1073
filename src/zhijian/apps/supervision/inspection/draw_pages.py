"""Draws for those who hold them: the list, a new plan, and the ceremony step by step.

Each step says what it makes impossible. The steps themselves are the draws engine's; here they get a page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.inspection import (
    designing,
    eligibility,
    item_list,
    layering,
    policies,
    rosters,
    scoping,
    services,
)
from zhijian.apps.supervision.inspection.dispatching import dispatch_of, outcomes_of
from zhijian.apps.supervision.inspection.estimates import told_by
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import DrawScope, InspectionItem, InspectionTask
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import services as draws
from zhijian.engines.draws.errors import DrawRefused
from zhijian.engines.draws.models import Draw, EventKind
from zhijian.engines.draws.plan import SHANGHAI, Item, Party, Plan, PublicSource
from zhijian.engines.draws.policies import may_act
from zhijian.engines.draws.queries import State, events_of, state_of
from zhijian.engines.facts.errors import FactProblem
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

REFUSALS = (DrawRefused, policies.Refused, rosters.NoRegister, Forbidden, FactProblem)


@dataclass(frozen=True)
class CeremonyStep:
    """A step of the ribbon: whether it was taken, and what can no longer happen after it."""

    name: str
    label_zh: str
    label_en: str
    after_zh: str
    after_en: str
    is_done: bool
    is_current: bool
    planned_at: datetime | None


_STEPS = (
    ("announce", "公告", "Announce", "事项、比例、时间和随机数来源不能再换。", "Items, rates, times and source are fixed."),
    ("freeze", "冻结", "Freeze", "名单不能再增减一户，增减会被发现。", "Nobody can be added to or dropped from the roster unseen."),
    ("commit", "承诺", "Commit", "各方不能再换自己的秘密数。", "No party can change its secret number."),
    ("value", "公共随机数", "Public value", "谁也不能再挑种子。", "Nobody can choose the seed any more."),
    ("reveal", "揭示", "Reveal", "种子已定，结果由它唯一决定。", "The seed is fixed and decides everything."),
    ("run", "抽取", "Draw", "抽中名单已定，重抽只能作废后另行公告。", "The sample stands; only voiding it allows another."),
    ("publish", "公布", "Publish", "任何人都可以下载文件复算。", "Anybody can download the file and recompute it."),
    ("dispatch", "派发", "Dispatch", "检查任务已到检查人员手中。", "The checks are with the inspectors."),
)  # fmt: skip
# A drill on real firms sends nobody anywhere: its last step only counts it.
_DRILL = (
    "dispatch",
    "记下演练",
    "Record the drill",
    "演练已记下，没有派发检查。",
    "The drill counts; nobody was sent.",
)
EVENT_WORDS: dict[EventKind, dict[str, str]] = {
    EventKind.ANNOUNCED: {"zh": "公告", "en": "Announced"},
    EventKind.FROZEN: {"zh": "冻结", "en": "Frozen"},
    EventKind.COMMITTED: {"zh": "承诺", "en": "Committed"},
    EventKind.PUBLIC_VALUE: {"zh": "记录公共随机数", "en": "Public value recorded"},
    EventKind.REVEALED: {"zh": "揭示", "en": "Revealed"},
    EventKind.DRAWN: {"zh": "抽取", "en": "Drawn"},
    EventKind.PUBLISHED: {"zh": "公布", "en": "Published"},
    EventKind.OUTCOMES: {"zh": "公布结果", "en": "Results published"},
    EventKind.VOIDED: {"zh": "作废", "en": "Voided"},
}


def _done(draw: Draw, state: State) -> dict[str, bool]:
    parties = len(draw.plan.parties)
    return {
        "announce": True,
        "freeze": bool(state.frozen),
        "commit": len(state.commitments) == parties,
        "value": bool(state.value),
        "reveal": len(state.nonces) == parties,
        "run": bool(state.drawn),
        "publish": bool(state.published),
        "dispatch": InspectionTask.objects.filter(plan_id=draw.plan_id, attempt=draw.attempt).exists(),
    }


def steps_of(draw: Draw, state: State) -> list[CeremonyStep]:
    """Return the ribbon of a draw: what is done, what is next, what each step makes impossible."""
    done, plan = _done(draw, state), draw.plan
    planned = {"freeze": plan.freeze_at, "commit": plan.commit_until, "value": plan.source.exists_at}
    planned["reveal"] = plan.reveal_until
    current = next((name for name, *_ in _STEPS if not done[name]), "") if not state.voided else ""
    steps = (*_STEPS[:-1], _DRILL) if plan.rehearsal and not plan.is_synthetic else _STEPS
    return [
        CeremonyStep(name, zh, en, after_zh, after_en, done[name], name == current, planned.get(name))
        for name, zh, en, after_zh, after_en in steps
    ]


@officers_only
def draw_list(request: HttpRequest) -> HttpResponse:
    """All draws, the newest first, with the step that comes next."""
    rows: list[dict[str, Any]] = []
    outside = scoping.outside_plans()
    for draw in Draw.objects.all()[:100]:
        state = state_of(draw)
        current = next((step for step in steps_of(draw, state) if step.is_current), None)
        rows.append({"draw": draw, "state": state, "next": current, "is_outside": draw.plan_id in outside})
    context = {
        "rows": rows,
        "may_manage": may(request.user, Permission.MANAGE_DRAW),
        "synthetic": "part" if any(row["draw"].is_synthetic for row in rows) else "",
    }
    return render(request, "inspection/draws.html", context)


@require_http_methods(["GET", "POST"])
@officers_only
def new_draw(request: HttpRequest) -> HttpResponse:
    """Write a plan and announce it."""
    officer = require(request.user, Permission.MANAGE_DRAW)
    refusal, problems, given = None, [], request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            scope = scoping.scope_of(request.POST, officer)
            laid = layering.laid_of(request.POST, scope, officer, scoping.tag_names())
            scope = replace(scope, layers=laid.layers)
            plan = _plan_of(request, officer, laid.shares)
            planned = _planned_of(request, plan)
            plan = replace(plan, title=f"{plan.title}{scoping.told(scope, officer)}")
            layering.check_title(plan)
            with transaction.atomic():
                scoping.write(plan, scope, planned, by=officer, at=timezone.now())
                _check_lottery_share(plan)
                draws.announce(plan, by=officer, at=timezone.now())
            messages.success(request, gettext("已公告。到时间后冻结名单。"))
            return redirect("work_draw", plan_id=plan.plan_id)
        except REFUSALS as problem:
            refusal = words_of(problem)
            problems = problem.problems if isinstance(problem, policies.Incomplete) else []
        except ValueError:
            refusal = gettext("时间、日期或比例没有填全。请核对后再公告。")
    auditors = [one for one in Officer.objects.filter(is_active=True) if one.has_role(Role.AUDITOR)]
    context = {
        "refusal": refusal,
        "items": _offered(officer, given.get("inspection_until", "")),
        "scope": scoping.words_of_form(given),
        "layer_rows": _layer_rows(given, problems),
        "tags": _tag_choices(),
        "auditors": auditors,
        "data": given,
        "chosen": {
            "items": given.getlist("items"),
            "subjects": given.get("subjects", "synthetic"),
            "auditor": given.get("auditor", ""),
        },
        **designing.form_of(given),
    }
    return render(request, "inspection/draw_new.html", context, status=422 if refusal else 200)


def _layer_rows(data: Mapping[str, Any], problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the rows of layers as they were typed, each with what is wrong with it."""
    said = {one.field: words_of(one) for one in problems}
    rows = layering.rows_of(data)
    return [
        {"row": row, "problems": [words for field, words in said.items() if field.startswith("layer-") and field.endswith(f"-{row.number}")]}
        for row in rows
    ]  # fmt: skip


def _layers_told(draw: Draw) -> list[tuple[str, str, int]]:
    """Return the layers of a draw with the key of their rate, whom they are about, and the rate per 10,000."""
    english, names = in_english(), scoping.tag_names()
    layers = eligibility.scope_of(draw.plan_id).layers
    rates = draw.plan.design.rates if layers else ()
    return [
        (rate.key, layering.words_of(layer, names)[english], rate.per_10000)
        for rate, layer in zip(rates, layers, strict=True)
    ]


def _tag_choices() -> list[tuple[str, str]]:
    english = in_english()
    return [(key, names[english]) for key, names in sorted(scoping.tag_names().items())]


def _offered(officer: Officer, until: str) -> list[InspectionItem]:
    unit = officer.organisation
    assert unit is not None
    try:
        day = date.fromisoformat(until)
    except ValueError:
        day = statutory_day(timezone.now())
    return item_list.offered(unit, day)


def _plan_of(request: HttpRequest, officer: Officer, shares_by_layer: Sequence[int]) -> Plan:
    data = request.POST
    design = designing.design_of(data, shares_by_layer)
    auditor = _supervisor(data.get("auditor", ""))
    unit = officer.organisation
    assert unit is not None
    chosen = services.items_in_force(
        data.getlist("items"), date.fromisoformat(data.get("inspection_until", "")), unit=unit
    )
    return Plan(
        plan_id=data.get("plan_id", "").strip(),
        title=data.get("title", "").strip(),
        items=tuple(Item(one.code, one.name, one.legal_basis, "general") for one in chosen),
        design=design,
        parties=(
            Party("organiser", unit.name, "组织单位", officer.username),
            Party("supervisor", str(auditor), "监督单位", auditor.username),
        ),
        source=PublicSource(
            data.get("source_name", "").strip(),
            data.get("source_place", "").strip(),
            data.get("source_shape", "").strip(),
            _moment(data.get("exists_at", "")),
        ),
        freeze_at=_moment(data.get("freeze_at", "")),
        commit_until=_moment(data.get("commit_until", "")),
        reveal_until=_moment(data.get("reveal_until", "")),
        inspection_until=date.fromisoformat(data.get("inspection_until", "")),
        mode="salted" if design.follows_class else "open",
        is_synthetic=data.get("subjects") == "synthetic",
        rehearsal=data.get("subjects") == "rehearsal",
    )


def _planned_of(request: HttpRequest, plan: Plan) -> scoping.Planned:
    """Read what a draw says of the annual plan; a drill on real firms sends nobody and needs none."""
    if plan.rehearsal:
        return scoping.Planned(request.POST.get("task", "")[:60])
    return scoping.planned_of(request.POST, [one.code for one in plan.items], until=plan.inspection_until)


def _check_lottery_share(plan: Plan) -> None:
    """Refuse a plan by class that leaves too little to the pure lottery."""
    if plan.design.follows_class:
        rates = {rate.key: rate.per_10000 for rate in plan.design.rates}
        sizes = rosters.sizes_by_rate(plan, Lake(settings.HOME.lake))
        policies.check_lottery_share(sizes, rates, on=plan.freeze_at.date())


def _supervisor(username: str) -> Officer:
    """Return the auditor who is the other committing party.

    Raises:
        Incomplete: nobody was chosen, or somebody who is no auditor.
    """
    found = Officer.objects.filter(username=username, is_active=True).first()
    if found is None or not found.has_role(Role.AUDITOR):
        raise policies.Incomplete(
            [
                Problem(
                    "auditor", "请选择一名审计监督人员作另一承诺方。", "Choose an auditor as the other party."
                )
            ]
        )
    return found


def _moment(text: str) -> datetime:
    """Read a form's local moment as China time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@require_http_methods(["GET", "POST"])
@officers_only
def ceremony(request: HttpRequest, plan_id: str) -> HttpResponse:
    """One draw, its steps, and the one act that this officer may take now."""
    draw = Draw.objects.filter(plan_id=plan_id).order_by("-attempt").first()
    if draw is None:
        raise Http404
    officer, refusal = officer_of(request), None
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("action", ""))
        try:
            if act is not None:
                messages.success(request, act(request, draw, officer))
            return redirect("work_draw", plan_id=plan_id)
        except REFUSALS as problem:
            refusal = words_of(problem)
    return render(
        request, "inspection/draw.html", _draw_context(draw, officer, refusal), status=409 if refusal else 200
    )


def _draw_context(draw: Draw, officer: Officer, refusal: str | None) -> dict[str, Any]:
    state = state_of(draw)
    own = next((party for party in draw.plan.parties if party.account == officer.username), None)
    may_manage = may_act(draw, officer, Permission.MANAGE_DRAW)
    may_publish = may_act(draw, officer, Permission.PUBLISH_RESULT)
    return {
        "draw": draw,
        "plan": draw.plan,
        "state": state,
        "steps": steps_of(draw, state),
        "current": next((step.name for step in steps_of(draw, state) if step.is_current), ""),
        "events": [{"event": one, "words": EVENT_WORDS[EventKind(one.kind)]} for one in events_of(draw)],
        "own_party": own,
        "may_commit": bool(own and state.frozen and own.key not in state.commitments and not state.voided),
        "may_reveal": bool(own and state.value and own.key not in state.nonces and not state.voided),
        "may_manage": may_manage,
        "may_open": may(officer, Permission.OPEN_DRAW_LEAVES),
        "parties": [
            {"party": one, "committed": state.commitments.get(one.key), "revealed": one.key in state.nonces}
            for one in draw.plan.parties
        ],
        "results": _results_standing(draw, state) if may_publish else None,
        "tells": told_by(draw, state)
        if may_manage or may_publish or may(officer, Permission.OPEN_DRAW_LEAVES)
        else None,
        "may_void": may_manage and _is_voidable(draw, state),
        "may_approve_void": bool(draw.void_requested_by)
        and draw.void_requested_by != officer
        and may_act(draw, officer, Permission.COMMIT_TO_DRAW)
        and _is_voidable(draw, state),
        "outside": scoping.outside_reason(draw.plan_id),
        "scope": DrawScope.objects.filter(plan_id=draw.plan_id).first(),
        "layers": _layers_told(draw),
        "synthetic": draw.is_synthetic,
        "refusal": refusal,
    }


@dataclass(frozen=True)
class ResultsStanding:
    """How many results of a draw are in, and whether the file with them may be published now."""

    done: int
    pending: int
    may_publish: bool
    waits_for_all: bool  # a salted draw publishes once, when every result is in


def _results_standing(draw: Draw, state: State) -> ResultsStanding | None:
    if not draw.dispatched_at or not state.published or state.voided:
        return None
    is_salted = draw.plan.mode == "salted"
    found = outcomes_of(draw)
    pending = sum(one.result is None for one in found)
    done = len(found) - pending
    may_publish = done > 0 and not (is_salted and (pending or state.outcomes))
    return ResultsStanding(done, pending, may_publish, is_salted and not state.outcomes)


def _is_voidable(draw: Draw, state: State) -> bool:
    return not (state.voided or state.outcomes or draw.dispatched_at)


def _freeze(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    found = rosters.frame_of(draw.plan, Lake(settings.HOME.lake))
    draws.freeze(
        draw,
        found.objects,
        rosters.pool(draw.plan),
        by=officer,
        at=timezone.now(),
        register_counts=found.register_counts,
        exclusions=found.exclusions,
    )
    return gettext("名单已冻结。此后任何改动都会被发现。")


def _commit(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    value = request.POST.get("commitment", "").strip().lower()
    draws.commit(draw, request.POST.get("party", ""), value, by=officer, at=timezone.now())
    return gettext("承诺已公布。请妥善保管秘密数，揭示时要用。")


def _value(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    draws.record_public_value(draw, request.POST.get("value", "").strip(), by=officer, at=timezone.now())
    return gettext("公共随机数已记录。接着由各方揭示。")


def _reveal(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    nonce = request.POST.get("nonce", "").strip().lower()
    draws.reveal(draw, request.POST.get("party", ""), nonce, by=officer, at=timezone.now())
    return gettext("已揭示，与承诺相符。")


def _run(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    result = draws.run(draw, by=officer, at=timezone.now())
    return gettext("已抽取%(count)s户。") % {"count": len(result.drawn)}


def _publish(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    draws.publish(draw, by=officer, at=timezone.now())
    return gettext("已公布。任何人都可以下载文件复算。")


def _outcomes(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    draws.publish_outcomes(draw, outcomes_of(draw), by=officer, at=timezone.now())
    return gettext("检查结果已随抽签文件公布。任何人都可以核对。")


def _request_void(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    draws.request_void(draw, request.POST.get("reason", ""), by=officer, at=timezone.now())
    return gettext("已申请作废，等待另一人批准。")


def _approve_void(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    draws.approve_void(draw, request.POST.get("reason", ""), by=officer, at=timezone.now())
    return gettext("本次抽签已作废，记录仍公开。")


def _dispatch(request: HttpRequest, draw: Draw, officer: Officer) -> str:
    task = services.dispatch(
        dispatch_of(draw, EntityRegister(settings.HOME.serving), officer), by=officer, at=timezone.now()
    )
    return gettext("已派发%(count)s项检查。") % {"count": task.checks.count()}


_ACTS: dict[str, Callable[[HttpRequest, Draw, Officer], str]] = {
    "freeze": _freeze,
    "commit": _commit,
    "value": _value,
    "reveal": _reveal,
    "run": _run,
    "publish": _publish,
    "dispatch": _dispatch,
    "outcomes": _outcomes,
    "void": _request_void,
    "approve_void": _approve_void,
}


urlpatterns = [
    path("", draw_list, name="work_draws"),
    path("new/", new_draw, name="work_draw_new"),
    path("<str:plan_id>/", ceremony, name="work_draw"),
]
