"""The procedures of rewards and of protection: their drawings, and what their service tasks do."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.complaints.rewards import pages, protecting, reviewing, services
from zhijian.apps.consumer.complaints.rewards.models import Protection, Review, RewardCase
from zhijian.apps.consumer.complaints.rewards.words import MEASURE_WORDS
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role
from zhijian.standards.calendar import statutory_day

FOLDER = Path(__file__).parent
Data = Mapping[str, Any]
Given = dict[str, Any]


def _reward(case: Case) -> RewardCase:
    return RewardCase.objects.select_related("report__organisation", "organisation", "case").get(case=case)


def _protection(case: Case) -> Protection:
    found = Protection.objects.select_related("report__organisation", "organisation", "case")
    return found.get(case=case)


def _review(case: Case) -> Review:
    found = Review.objects.select_related(
        "report__organisation", "organisation", "reward_case__organisation", "reward_case__report", "case"
    )
    return found.get(case=case)


def _text(data: Data, name: str) -> str:
    return str(data.get(name) or "").strip()


def _yuan(data: Data, name: str) -> Decimal | None:
    return Decimal(_text(data, name)) if _text(data, name) else None


def _actor(by: Officer | None) -> Officer:
    assert by is not None, "this step is handed in by an officer"
    return by


def record_assessment(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Grade and sum, by the dated parameters and the table that officers publish; or the ground to give none."""
    found = services.Finding(
        is_granted=data.get("outcome") == "reward",
        reason=_text(data, "assessment_reason"),
        level=_text(data, "reward_level"),
        fine_yuan=_yuan(data, "fine_yuan"),
        consistent_yuan=_yuan(data, "consistent_yuan"),
        multiple=Decimal(_text(data, "multiple") or "1"),
        finance_agrees=bool(data.get("finance_agrees")),
        shares_text=_text(data, "shares"),
        others_differ=bool(data.get("others_differ")),
        ground=_text(data, "no_reward_ground"),
    )
    services.assess(_reward(case), found, by=_actor(by), at=at)
    return {
        "touches_life": False,
        "finance_agrees": False,
        "consistent_yuan": None,
        "shares": "",
        "others_differ": False,
    }


def record_review(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """A second officer agrees, or returns it."""
    returned = data.get("outcome") == "return"
    note = _text(data, "reward_note")
    services.look_again(_reward(case), is_returned=returned, note=note, by=_actor(by), at=at)
    return {"reward_note": ""}


def record_approval(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """A leader who had no part in it decides."""
    returned = data.get("outcome") == "return"
    note = _text(data, "reward_note")
    granted = services.approve(_reward(case), is_returned=returned, note=note, by=_actor(by), at=at)
    return {"is_granted": granted, "decided_on": statutory_day(at), "reward_note": ""}


def record_telling(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The reporter was told; the term to claim runs."""
    until = services.tell(_reward(case), channel=_text(data, "told_channel"), by=_actor(by), at=at)
    return {"told_on": statutory_day(at), "claim_until": until}


def record_lapse(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The term is over: what nobody claimed is given up."""
    return {"has_claims": services.lapse(_reward(case), by=by, at=at)}


def record_protection(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """What a leader decided to do for the reporter."""
    protected = data.get("outcome") == "protect"
    measures = [name for name in MEASURE_WORDS if data.get(name)]
    protecting.decide(
        _protection(case),
        is_protected=protected,
        measures=measures,
        reason=_text(data, "protection_reason"),
        by=_actor(by),
        at=at,
    )
    return {"is_protected": protected, "protected_on": statutory_day(at)}


def record_follow_up(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """Whether the risk goes on; a request that grew is assessed anew from today."""
    protecting.follow_up(
        _protection(case),
        outcome=_text(data, "outcome"),
        note=_text(data, "follow_up_note"),
        by=_actor(by),
        at=at,
    )
    today: date = statutory_day(at)
    return {"asked_on": today, "protected_on": today}


def record_examination(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """What the first officer of a review proposes; the sum follows from grade and base."""
    found = reviewing.Finding(
        is_change=data.get("outcome") == "change",
        reason=_text(data, "review_reason"),
        level=_text(data, "reward_level"),
        counted_yuan=_yuan(data, "counted_yuan"),
        fine_yuan=_yuan(data, "fine_yuan"),
        multiple=_yuan(data, "multiple"),
        finance_agrees=bool(data.get("finance_agrees")),
    )
    reviewing.examine(_review(case), found, by=_actor(by), at=at)
    return {"fine_yuan": None, "multiple": None, "finance_agrees": False}


def record_review_decision(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """A leader who had no part in the first decision decides, or has it examined again."""
    review, outcome = _review(case), data.get("outcome")
    if outcome == "return":
        reviewing.send_back(review, note=_text(data, "review_note"), by=_actor(by))
    else:
        reason = _text(data, "told_reason")
        reviewing.decide(review, adopts=outcome == "adopt", reason=reason, by=_actor(by), at=at)
    return {"reviewed_on": statutory_day(at), "review_note": "", "review_reason": ""}


def record_review_telling(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The reporter was told of the outcome; what is due may be claimed from today."""
    return {"is_owed": reviewing.tell(_review(case), by=_actor(by), at=at), "told_on": statutory_day(at)}


def record_review_lapse(case: Case, data: Data, *, by: Officer | None, at: datetime) -> Given:
    """The term after the review is over."""
    reviewing.lapse(_review(case), by=by, at=at)
    return {}


REWARD = Procedure(
    code=services.PROCEDURE,
    title_zh="举报奖励",
    title_en="Reward for a report",
    drawing=FOLDER / "reward.bpmn",
    decisions=FOLDER / "decisions.dmn",
    plan_ids=("S228",),
    services={
        one.__name__: one
        for one in (record_assessment, record_review, record_approval, record_telling, record_lapse)
    },
    panel=pages.reward_panel,
    viewers=frozenset({Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    ends_early=False,
)
PROTECTION = Procedure(
    code=protecting.PROCEDURE,
    title_zh="举报人保护",
    title_en="Protection of a reporter",
    drawing=FOLDER / "protection.bpmn",
    plan_ids=("S228",),
    services={one.__name__: one for one in (record_protection, record_follow_up)},
    panel=pages.protection_panel,
    viewers=frozenset({Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    ends_early=False,
)
REVIEW = Procedure(
    code=reviewing.PROCEDURE,
    title_zh="举报奖励复核",
    title_en="Review of a reward",
    drawing=FOLDER / "review.bpmn",
    plan_ids=("S228",),
    services={
        one.__name__: one
        for one in (record_examination, record_review_decision, record_review_telling, record_review_lapse)
    },
    panel=pages.review_panel,
    viewers=frozenset({Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    ends_early=False,
)
