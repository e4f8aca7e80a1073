"""Papers of repair: granted, refused, revoked, withdrawn; and who may see them and what firms handed in."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards.calendar import statutory_day

OF_MATTER = "repair.matter"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")
KINDS = {
    "penalty.decided": ("行政处罚", "penalty"),
    "serious_list.listed": ("列入严重违法失信名单", "serious-violation listing"),
    "abnormal_list.listed": ("列入经营异常名录", "abnormal listing"),
}


def issue(code: str, matter: RepairMatter, data: Mapping[str, str], *, by: Officer, at: datetime) -> Document:
    """Issue a paper about a record: whose, which, by which decision and day."""
    stood = matter.stood_as
    shared = {
        "name": matter.name, "uscc": matter.uscc, "number": matter.case.number, "authority": matter.case.organisation.name,
        "day": chinese_day(statutory_day(at)), "record": KINDS[matter.fact_kind][0],
        "record_no": str(stood["payload"].get("decision_no") or "无文号"),
        "record_day": chinese_day(date.fromisoformat(stood["occurred_on"])),
    }  # fmt: skip
    return documents.issue(
        PAPERS[code], {**shared, **data}, owner(matter), site=settings.SITE, media=settings.HOME.media, by=by, at=at,
        is_synthetic=matter.case.is_synthetic,
    )  # fmt: skip


def owner(matter: RepairMatter) -> Owner:
    return Owner(OF_MATTER, matter.case.number)


def check_paper(number: str, officer: Officer) -> str:
    """Let officers who keep the file in the area see the papers and proofs of a matter.

    Raises:
        Forbidden: another role, or another area.
    """
    matter = RepairMatter.objects.filter(case__number=number).select_related("case").first()
    if matter is None:
        raise Forbidden("没有这件事。", "There is no such matter.")
    require(officer, Permission.VIEW_CREDIT_FILE, division=matter.case.division_code)
    return matter.uscc
