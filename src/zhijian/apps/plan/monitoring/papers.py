"""The paper behind a value: a yearbook page, a table of a bureau, kept by its hash and seen by those who measure the plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from zhijian.apps.plan.monitoring import policies, queries, services
from zhijian.apps.plan.monitoring.models import PROVINCE, DataPoint, Plan
from zhijian.apps.plan.monitoring.records import step
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.evidence import services as evidence
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.evidence.purposes import PAPER
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.whole_number import whole_number

OF_VALUE = "plan_value"


@dataclass(frozen=True)
class Paper:
    """A file as it was handed in."""

    name: str
    chunks: Iterable[bytes]


@transaction.atomic
def submit(
    plan: Plan,
    number: str,
    year: int,
    typed: Typed,
    paper: Paper | None,
    *,
    by: Officer,
    at: datetime,
    media: Path,
    area: str = PROVINCE,
    is_synthetic: bool = False,
) -> DataPoint:
    """Enter a value together with its paper: both are kept, or neither.

    Raises:
        PlanRefused: as `services.submit`.
        RefusedFile: what is wrong with the paper.
        Forbidden: not the role, or not the area.
    """
    point = services.submit(plan, number, year, typed, by=by, at=at, area=area, is_synthetic=is_synthetic)
    if paper is not None:
        attach(point, paper, by=by, at=at, media=media)
    return point


@transaction.atomic
def attach(point: DataPoint, paper: Paper, *, by: Officer, at: datetime, media: Path) -> EvidenceFile:
    """Add a paper to a value that nobody has confirmed yet.

    Raises:
        PlanRefused: it is confirmed already.
        RefusedFile: what is wrong with the paper.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=point.area_code)
    policies.check_state(DataPoint.objects.get(pk=point.pk), *queries.PENDING)
    file = evidence.receive(
        paper.chunks,
        paper.name,
        Owner(OF_VALUE, str(point.pk)),
        purpose=PAPER,
        media=media,
        by=officer,
        at=at,
    )
    step(point, "paper", by=officer, at=at, note=f"{file.name} SHA-256 {file.sha256}")
    return file


def papers_of(point: DataPoint) -> list[EvidenceFile]:
    """Return the papers of a value, oldest first."""
    return list(EvidenceFile.objects.filter(owner_kind=OF_VALUE, owner_id=str(point.pk)))


def check_paper(number: str, officer: Officer) -> str:
    """Let those see the paper of a value who measure the plan in its area; return what was looked at.

    Raises:
        Forbidden: another role or area.
    """
    point = DataPoint.objects.filter(pk=whole_number(number) or 0).first()
    require(officer, Permission.VIEW_PLAN_WORK, division=point.area_code if point else PROVINCE)
    return f"plan value {point}" if point else f"plan value {number}"
