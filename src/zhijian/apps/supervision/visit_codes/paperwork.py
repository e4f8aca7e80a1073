"""The notice of a check, with its code, for the business."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from zhijian.apps.supervision.inspection import policies
from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.visit_codes import services
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden

OF_VISIT = "visit_codes.check"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")


@transaction.atomic
def notice(check: Check, *, by: Officer, at: datetime) -> Document:
    """Return the numbered notice of a check; a second one is not made.

    Raises:
        Forbidden: the officer has no right to inspect. VisitRefused: none of the two inspectors.
        DocumentRefused: the office has no word of its own.
    """
    code = services.code_of(check, by=by, at=at)
    Check.objects.select_for_update(of=("self",)).get(pk=check.pk)  # a form sent twice waits for itself
    earlier = Document.objects.filter(owner_kind=OF_VISIT, owner_id=check.number).first()
    if earlier is not None:
        return earlier
    team = "；".join(f"{one.display_name}（证件号{one.certificate_number}）" for one in check.inspectors)
    items = "；".join(f"{one.name}（{one.legal_basis}）" for one in check.task.ordered_items)
    return documents.issue(
        PAPERS["check_notice"],
        {
            "firm": check.entity_name, "uscc": check.uscc, "plan": check.task.plan_id, "team": team, "items": items,
            "first": chinese_day(check.task.drawn_on), "last": chinese_day(check.due_on), "code": code,
            "site": settings.SITE.rstrip("/"),
        },
        Owner(OF_VISIT, check.number), site=settings.SITE, media=settings.HOME.media, by=by, at=at,
        is_synthetic=check.is_synthetic,
    )  # fmt: skip


def check_paper(number: str, officer: Officer) -> str:
    """Let those who may see a check see its notice.

    Raises:
        Forbidden: another role, or another area.
    """
    check = Check.objects.filter(number=number).first()
    if check is None:
        raise Forbidden("没有这份通知书。", "There is no such notice.")
    policies.check_view(check, officer)
    return check.uscc
