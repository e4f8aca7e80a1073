"""Papers of the lists: decisions to list and to remove, the notice before a serious listing; and who may see them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards.calendar import statutory_day

OF_MATTER = "listing.matter"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")


def issue(
    code: str, matter: ListingMatter, data: Mapping[str, str], *, by: Officer, at: datetime
) -> Document:
    """Issue a paper: name, credit code, day, ground and authority stand on each (《企业经营异常名录管理办法》第五条)."""
    shared = {
        "name": matter.name, "uscc": matter.uscc, "number": matter.case.number, "authority": matter.case.organisation.name,
        "day": chinese_day(statutory_day(at)),
    }  # fmt: skip
    return documents.issue(
        PAPERS[code], {**shared, **data}, Owner(OF_MATTER, matter.case.number), site=settings.SITE,
        media=settings.HOME.media, by=by, at=at, is_synthetic=matter.case.is_synthetic,
    )  # fmt: skip


def papers_of(uscc: str) -> list[Document]:
    """Return the papers of the lists that a firm received and that still count, newest first."""
    numbers = ListingMatter.objects.filter(uscc=uscc).values_list("case__number", flat=True)
    found = Document.objects.filter(owner_kind=OF_MATTER, owner_id__in=list(numbers), voiding=None)
    return list(found.select_related("organisation").order_by("-issued_at"))


def check_paper(number: str, officer: Officer) -> str:
    """Let officers who keep the file in the area see the papers of a matter.

    Raises:
        Forbidden: another role, or another area.
    """
    matter = ListingMatter.objects.filter(case__number=number).select_related("case").first()
    if matter is None:
        raise Forbidden("没有这件事。", "There is no such matter.")
    require(officer, Permission.VIEW_CREDIT_FILE, division=matter.case.division_code)
    return matter.uscc
