"""An evaluation goes its way: planned, data frozen, self-report, third party, draft, review, approved, published."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from zhijian import __version__
from zhijian.apps.plan.monitoring import policies, queries, reckoning, warning, writing
from zhijian.apps.plan.monitoring.models import PROVINCE, Evaluation, Plan, PlanStep
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import SOURCE, step
from zhijian.apps.plan.monitoring.writing import Reply
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import add_months, statutory_day

ANNUAL, MIDTERM, FINAL = "annual", "midterm", "final"
PLANNED, FROZEN, SELF_REPORT, THIRD_PARTY, DRAFT, REVIEW, APPROVED, PUBLISHED = (
    "planned", "data_freeze", "self_report", "third_party", "draft", "review", "approved", "published",
)  # fmt: skip
STATES = (PLANNED, FROZEN, SELF_REPORT, THIRD_PARTY, DRAFT, REVIEW, APPROVED, PUBLISHED)
_MOST_TEXT = 6000
EARLY_MONTHS = 6  # DESIGN: the summary comes before the period ends, with the draft of the next plan


def plan_one(
    plan: Plan, kind: str, year: int, *, by: Officer, at: datetime, is_synthetic: bool = False
) -> Evaluation:
    """Plan an evaluation: of a year at its end, mid-term at the plan's day, final at the end of the period.

    One that is published stays as it is; where values changed since (actual ones in place of estimates), a further edition
    restates it.

    Raises:
        PlanRefused: no such kind, a year outside the plan, one is on its way, or nothing changed since the published one.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    is_known = kind in (MIDTERM, FINAL) or (kind == ANNUAL and year in plan.years)
    if not is_known:
        raise PlanRefused("请选年度监测、中期评估或者总结评估，年度在规划期内。", "Choose annual, mid-term or final, in the plan's period.")  # fmt: skip
    day = {MIDTERM: plan.midterm_on, FINAL: plan.ends_on}.get(kind) or date(year, 12, 31)
    last = plan.evaluations.filter(kind=kind, year=day.year).order_by("edition").last()
    if last is not None and last.state != PUBLISHED:
        raise PlanRefused("这一次评估已经有了。", "That evaluation is planned already.")
    if last is not None and not _is_changed(last):
        raise PlanRefused(
            "公布以后数据没有变，不用再出一版。",
            "The data are those of the published evaluation: there is nothing to restate.",
        )
    try:
        with transaction.atomic():
            made: Evaluation = Evaluation.objects.create(
                plan=plan,
                kind=kind,
                year=day.year,
                as_of=day,
                state=PLANNED,
                edition=last.edition + 1 if last else 1,
                is_synthetic=is_synthetic or plan.is_synthetic,
            )
            step(made, PLANNED, by=officer, at=at)
    except IntegrityError:
        raise PlanRefused("这一次评估已经有了。", "That evaluation is planned already.") from None
    return made


def _is_changed(one: Evaluation) -> bool:
    """Say whether confirmed values differ from those that an evaluation froze."""
    return digest_of(queries.data(one.plan, one.as_of, is_public=False)) != one.digest


def way(one: Evaluation) -> list[tuple[str, bool]]:
    """Return the steps of an evaluation and whether each is behind it; a third party that was not heard is none."""
    here = STATES.index(one.state)
    is_unheard = here > STATES.index(THIRD_PARTY) and not one.third_party
    return [
        (name, place <= here) for place, name in enumerate(STATES) if not (is_unheard and name == THIRD_PARTY)
    ]


def returned(one: Evaluation) -> PlanStep | None:
    """Return who returned a draft, when and why, while it is not handed in again."""
    if one.state != DRAFT:
        return None
    found = queries.steps_of("evaluation", one.pk).filter(verb__in=("returned", REVIEW)).last()
    return found if found is not None and found.verb == "returned" else None


def earlier_edition(one: Evaluation) -> Evaluation | None:
    """Return the edition that this one restates."""
    found: Evaluation | None = one.plan.evaluations.filter(
        kind=one.kind, year=one.year, edition=one.edition - 1
    ).first()
    return found


def later_edition(one: Evaluation) -> Evaluation | None:
    """Return the published edition that restates this one."""
    later = one.plan.evaluations.filter(
        kind=one.kind, year=one.year, edition__gt=one.edition, state=PUBLISHED
    )
    found: Evaluation | None = later.order_by("edition").last()
    return found


@transaction.atomic
def freeze(one: Evaluation, *, by: Officer, at: datetime) -> Evaluation:
    """Freeze the confirmed values as they are now: every figure of the evaluation comes from these alone.

    The final one may be made in the last half-year before the period ends, of estimates, which say so (art 31).

    Raises:
        PlanRefused: the day lies ahead, or it is frozen already.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, PLANNED)
    early = add_months(held.as_of, -EARLY_MONTHS) if held.kind == FINAL else held.as_of
    if early > statutory_day(at):
        raise PlanRefused("数据截止日还没有到。", "The day of the data lies ahead.")
    data = queries.data(held.plan, held.as_of, is_public=False)
    whole = reckoning.reckon(data)
    held.frozen = {"data": data, "figures": reckoning.as_json(whole)}
    held.digest = digest_of(data)
    held.code_version = __version__
    held.is_synthetic = held.is_synthetic or any(
        point["is_synthetic"] for row in data["indicators"] for point in row["points"]
    )
    return _moved(held, FROZEN, by=officer, at=at, note=held.digest)


def digest_of(data: Any) -> str:
    """Return the SHA-256 of data written as JSON with sorted keys and no spaces."""
    plain = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


@transaction.atomic
def report_oneself(one: Evaluation, text: str, *, by: Officer, at: datetime) -> Evaluation:
    """Take in what the units that carry out the plan say of themselves: causes and measures.

    Raises:
        PlanRefused: nothing is said, or the data are not frozen.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, FROZEN)
    told = policies.said(text, what_zh="自评情况", what_en="self-report", most=_MOST_TEXT)
    held.sections = [{"key": "self_report", "title_zh": "自评情况", "title_en": "Self-report", "text": told}]
    return _moved(held, SELF_REPORT, by=officer, at=at, note=told[:200])


@transaction.atomic
def hear_third_party(one: Evaluation, told: dict[str, str], *, by: Officer, at: datetime) -> Evaluation:
    """Take in the opinion of an independent evaluator, dissent included, with what makes it independent.

    Raises:
        PlanRefused: the name, the contract, the statement of independence, the method or the opinion is missing.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, SELF_REPORT)
    names = {
        "name": ("评估机构", "name of the evaluator"), "contract": ("合同编号", "contract number"),
        "independence": ("独立性声明", "statement of independence"), "method": ("方法", "method"),
        "opinion": ("意见", "opinion"),
    }  # fmt: skip
    held.third_party = {
        name: policies.said(told.get(name, ""), what_zh=zh, what_en=en, most=2000)
        for name, (zh, en) in names.items()
    } | {"dissent": told.get("dissent", "").replace("\x00", "").strip()[:2000]}
    return _moved(held, THIRD_PARTY, by=officer, at=at, note=held.third_party["name"])


@transaction.atomic
def draft(one: Evaluation, *, by: Officer, at: datetime) -> Evaluation:
    """Write the report from the frozen figures; officers edit it before review.

    Raises:
        PlanRefused: there is no self-report yet.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, SELF_REPORT, THIRD_PARTY)
    own = [section for section in held.sections if section["key"] == "self_report"]
    restated = writing.restated(held, earlier_edition(held))
    held.sections = [*writing.sections(held, _replies(held)), *restated, *own, *writing.annexes(held)]
    held.summary_en = writing.summary_en(held)
    return _moved(held, DRAFT, by=officer, at=at)


@transaction.atomic
def edit(one: Evaluation, key: str, text: str, *, seen: int, by: Officer, at: datetime) -> Evaluation:
    """Write a section of the report anew; `seen` is the version that the writer had before the eyes.

    Raises:
        PlanRefused: no draft, no such section, nothing said, or somebody wrote meanwhile.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, DRAFT)
    if held.version != seen:
        raise PlanRefused(
            "别人刚改过这份报告，请刷新后再改。", "Somebody changed the report meanwhile: look again."
        )
    told = policies.said(text, what_zh="这一节的内容", what_en="section", most=_MOST_TEXT)
    if key == "summary_en":
        held.summary_en = told
    elif key in {section["key"] for section in held.sections}:
        held.sections = [
            section | {"text": told} if section["key"] == key else section for section in held.sections
        ]
    else:
        raise PlanRefused("报告里没有这一节。", "The report has no such section.")
    return _moved(held, DRAFT, by=officer, at=at, verb="edited", note=key)


@transaction.atomic
def submit(one: Evaluation, *, by: Officer, at: datetime) -> Evaluation:
    """Hand the draft in for review.

    Raises:
        PlanRefused: it is no draft.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, DRAFT)
    return _moved(held, REVIEW, by=officer, at=at)


@transaction.atomic
def give_back(one: Evaluation, reason: str, *, by: Officer, at: datetime) -> Evaluation:
    """Return the draft to those who write it.

    Raises:
        PlanRefused: it is not in review, or no reason.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, REVIEW, right=Permission.DECIDE_PLAN)
    told = policies.said(reason, what_zh="退回的理由", what_en="reason")
    return _moved(held, DRAFT, by=officer, at=at, verb="returned", note=told)


@transaction.atomic
def approve(one: Evaluation, *, by: Officer, at: datetime) -> Evaluation:
    """Approve the report; never who wrote any of it or handed it in.

    Raises:
        PlanRefused: it is not in review, or part of it is the own one.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, REVIEW, right=Permission.DECIDE_PLAN)
    for wrote in _writers(held):
        policies.check_another(wrote, officer)
    return _moved(held, APPROVED, by=officer, at=at)


@transaction.atomic
def publish(one: Evaluation, *, by: Officer, at: datetime) -> Evaluation:
    """Publish the report with a fact that seals its figures and its text.

    Raises:
        PlanRefused: it is not approved, or its frozen data were changed since.
        Forbidden: not the role, or not the province.
    """
    officer, held = _worked(one, by, APPROVED, right=Permission.DECIDE_PLAN)
    if digest_of(held.frozen.get("data")) != held.digest:
        raise PlanRefused(
            "冻结的数据与冻结时不一致，不能公布。请运行 zhijian facts verify 查明，从备份恢复。",
            "The frozen data are not what was frozen: it is not published. Find out why, and restore them from a backup.",
        )
    facts.record(
        "plan_evaluation.published", subject=f"{held.plan.code}/{held.kind}/{held.year}", occurred_on=statutory_day(at),
        payload=fact_payload(held), source=SOURCE, source_key=fact_key(held), by=officer, at=at,
        is_synthetic=held.is_synthetic,
    )  # fmt: skip
    return _moved(held, PUBLISHED, by=officer, at=at)


def fact_key(held: Evaluation) -> str:
    """Return under which key the fact of a published evaluation stands."""
    return f"evaluation/{held.plan.code}/{held.kind}/{held.year}{_edition(held)}"


def fact_payload(held: Evaluation) -> dict[str, Any]:
    """Return what the fact of a published evaluation seals: the digests of its frozen values and of its words."""
    return {
        "plan": held.plan.code, "evaluation": held.kind, "as_of": held.as_of.isoformat(), "figures": held.digest,
        "report": digest_of([held.sections, held.summary_en, held.third_party]),
    }  # fmt: skip


def _edition(held: Evaluation) -> str:
    return f"/{held.edition}" if held.edition > 1 else ""


def _replies(held: Evaluation) -> dict[str, Reply]:
    """Return what owners replied on the rows of an evaluation: to its own warnings, and to older ones that are open."""
    found = held.plan.warnings.filter(Q(evaluation=held) | ~Q(state=warning.CLOSED)).order_by("pk")
    return {one.number: Reply(one.causes or {}, one.reply, one.reply_due_on) for one in found}


def _worked(
    one: Evaluation, by: Officer, *states: str, right: Permission = Permission.ENTER_PLAN_VALUE
) -> tuple[Officer, Evaluation]:
    officer = require(by, right, division=PROVINCE)
    held = Evaluation.objects.select_for_update(of=("self",)).select_related("plan").get(pk=one.pk)
    if held.state not in states:
        raise PlanRefused(
            "这份评估已到别的环节，不能这样办。请刷新后再看。",
            "The evaluation is at another step: look again.",
        )
    return officer, held


def _moved(
    held: Evaluation, state: str, *, by: Officer, at: datetime, verb: str = "", note: str = ""
) -> Evaluation:
    held.state = state
    held.version += 1
    held.save()
    step(held, verb or state, by=by, at=at, note=note)
    return held


def _writers(held: Evaluation) -> list[Officer]:
    """Return who edited the report, who wrote the self-report, who took in the third party's opinion, and who handed it in last."""
    steps = queries.steps_of("evaluation", held.pk)
    handed_in = steps.filter(verb=REVIEW).last()
    assert handed_in is not None
    wrote = steps.filter(verb__in=("edited", SELF_REPORT, THIRD_PARTY))
    return [handed_in.actor, *(one.actor for one in wrote)]
