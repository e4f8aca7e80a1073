"""What the service step of a review does: the decision is kept with its letter, and a fact says that there is one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhijian.apps.supervision.class_review import rules
from zhijian.apps.supervision.class_review.models import ReviewMatter
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.public_records import everything_of, is_on_serious_list
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

CHANGE = "change"


def record_review(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Set the class for its term, or keep the model's.

    Raises:
        ProcedureRefused: the same letter as the model's, none, or better than D while on the serious list.
    """
    matter, day = ReviewMatter.objects.select_for_update().get(case=case), statutory_day(at)
    is_changed, letter = data.get("outcome") == CHANGE, str(data.get("class_code") or "")
    if is_changed:
        _check(matter, letter, at=at)
        matter.decided_class, matter.until = letter, rules.valid_until(day)
    matter.outcome, matter.decided_on = ("changed" if is_changed else "kept"), day
    matter.save()
    facts.record(
        "class.reviewed",
        subject=matter.uscc,
        occurred_on=day,
        payload={
            "scope": matter.scope,
            "outcome": matter.outcome,
            "until": matter.until.isoformat() if matter.until else None,
            "authority": case.organisation.name,
        },
        source="class_review",
        source_key=case.number,
        by=f"supervision/class_review {case.number}",
        at=at,
        is_synthetic=case.is_synthetic,
    )
    return {"reviewed_on": day.isoformat()}


def _check(matter: ReviewMatter, letter: str, *, at: datetime) -> None:
    day = statutory_day(at)
    is_listed = is_on_serious_list(everything_of(matter.uscc, on=day), on=day)
    if not rules.may_decide(
        model_class=matter.model_class, decided_class=letter, is_on_serious_list=is_listed
    ):
        raise ProcedureRefused(
            "调整后的等级应当是A、B、C、D之一，并且与模型的不同；在严重违法失信名单上的，不能调整到D类以外。",
            "The class set is another of A to D than the model's; while on the serious list it cannot be better than D.",
        )
