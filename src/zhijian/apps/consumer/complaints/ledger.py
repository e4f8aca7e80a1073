"""How a matter gets a step and tells it as a fact: once, for complaints and for reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from zhijian.apps.consumer.complaints import policies
from zhijian.apps.consumer.complaints.models import Complaint, ComplaintStep, ReportStep, ViolationReport
from zhijian.apps.consumer.complaints.steps import Step
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

SYSTEM = "system:complaints"
Matter = TypeVar("Matter", Complaint, ViolationReport)
Taken = TypeVar("Taken", ComplaintStep, ReportStep)


@dataclass(frozen=True)
class Ledger(Generic[Matter, Taken]):
    """The steps of one kind of matter. What the law and the rights ask differs; how it is written down does not."""

    name: str  # of the matter: the field of a step, the beginning of a fact's subject, "…_no" in its payload
    source: str  # of its facts
    matters: type[Matter]
    steps: type[Taken]
    check_work: Callable[[Matter, Officer | None], None]
    check_step: Callable[[Matter, str], Step]

    def add_step(
        self,
        matter: Matter,
        verb: str,
        *,
        by: Officer | None,
        at: datetime,
        ground: str = "",
        note: str = "",
        amount_yuan: Decimal | None = None,
        data: Mapping[str, Any] | None = None,
        check: Callable[[Matter], Sequence[Problem]] = lambda matter: (),
    ) -> Taken:
        """Take a step of the table of states, once the matter is locked and `check` finds nothing missing.

        Raises:
            Forbidden: the officer may not work on this matter.
            NotNow: its present state does not allow the step.
            Incomplete: `check` found something.
        """
        locked = self.matters.objects.select_for_update(of=("self",)).select_related("organisation")
        matter = locked.get(pk=matter.pk)
        self.check_work(matter, by)
        step = self.check_step(matter, verb)
        policies.check_none(check(matter))
        return self._write(
            matter,
            matter.steps.count() + 1,
            verb,
            step.after,
            by=by,
            at=at,
            ground=ground,
            note=note,
            amount_yuan=amount_yuan,
            data=dict(data or {}),
        )

    def receive(self, matter: Matter, state: str, *, by: Officer | None, at: datetime) -> Taken:
        """Write the first step: it came in."""
        return self._write(matter, 1, "receive", state, by=by, at=at)

    def tell(
        self,
        matter: Matter,
        kind: str,
        payload: Mapping[str, Any],
        step: Taken,
        *,
        by: Officer | None,
        at: datetime,
    ) -> None:
        """Record the fact of a step, about the matter's own number and not about the firm."""
        self.note(matter, kind, payload, key=str(step.sequence), by=by, at=at)

    def note(
        self,
        matter: Matter,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str,
        by: Officer | None,
        at: datetime,
    ) -> None:
        """Record a fact about the matter that moves no state; `key` tells it from others of its kind."""
        facts.record(
            kind,
            subject=f"{self.name}/{matter.number}",
            occurred_on=statutory_day(at),
            payload={f"{self.name}_no": matter.number, "authority": matter.organisation.name, **payload},
            source=self.source,
            source_key=f"{matter.number}/{key}/{kind}",
            by=by or SYSTEM,
            at=at,
            is_synthetic=matter.is_synthetic,
        )

    def _write(
        self,
        matter: Matter,
        place: int,
        verb: str,
        state: str,
        *,
        by: Officer | None,
        at: datetime,
        **more: Any,
    ) -> Taken:
        return self.steps.objects.create(
            **{self.name: matter},
            sequence=place,
            verb=verb,
            state=state,
            officer=by,
            at=at,
            **more,
        )


COMPLAINTS = Ledger(
    "complaint",
    "complaints",
    Complaint,
    ComplaintStep,
    policies.check_work_complaint,
    policies.check_complaint_step,
)
REPORTS = Ledger(
    "report",
    "reports",
    ViolationReport,
    ReportStep,
    policies.check_work_report,
    policies.check_report_step,
)
