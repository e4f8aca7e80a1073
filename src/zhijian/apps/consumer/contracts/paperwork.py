"""Papers of the supervision of a contract: notice to explain, guidance letter, result; and who may see them."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from zhijian.apps.consumer.contracts.models import Matter
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day, sentence
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require

OF_MATTER = "contracts.matter"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")


def papers_of(matter: Matter) -> "QuerySet[Document]":
    """Return the papers of a matter, oldest first."""
    found = Document.objects.filter(owner_kind=OF_MATTER, owner_id=matter.number)
    return found.select_related("voiding", "organisation").order_by("issued_at")


def ask_explanation(matter: Matter, reason: str, due_on: date, *, by: Officer, at: datetime) -> None:
    _issue(
        "explanation_notice",
        matter,
        {"reason": sentence(reason), "due_on": chinese_day(due_on)},
        by=by,
        at=at,
    )


def guide(matter: Matter, clauses: str, reason: str, due_on: date, *, by: Officer, at: datetime) -> None:
    data = {"clauses": clauses, "reason": sentence(reason), "due_on": chinese_day(due_on)}
    _issue("guidance_letter", matter, data, by=by, at=at)


def tell_result(matter: Matter, result: str, *, by: Officer, at: datetime) -> None:
    _issue("closing_notice", matter, {"result": sentence(result)}, by=by, at=at)


def _issue(code: str, matter: Matter, data: Mapping[str, str], *, by: Officer, at: datetime) -> None:
    shared = {"firm": matter.firm_name, "contract": matter.title, "number": matter.number}
    documents.issue(
        PAPERS[code],
        {**shared, **data},
        Owner(OF_MATTER, matter.number),
        site=settings.SITE,
        media=settings.HOME.media,
        by=by,
        at=at,
        is_synthetic=matter.is_synthetic,
    )


def check_paper(number: str, officer: Officer) -> str:
    """Let officers of the area see the papers of a matter.

    Raises:
        Forbidden: another role, or another area.
    """
    matter = Matter.objects.filter(number=number).first()
    if matter is None:
        raise Forbidden("没有这件事。", "There is no such matter.")
    require(officer, Permission.VIEW_CONTRACT, division=matter.division_code)
    return matter.number
