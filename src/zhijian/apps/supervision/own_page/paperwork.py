"""The letter that goes with an activation code. The code itself stands on no kept paper."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.security import business
from zhijian.security.models import BusinessCode, Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards.calendar import statutory_day
from zhijian.standards.secret_code import Randomness

OF_ACCESS = "own_page.access"
PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")


@transaction.atomic
def issue_access(
    uscc: str,
    firm: str,
    division: str,
    *,
    by: Officer,
    at: datetime,
    randomness: Randomness,
    is_synthetic: bool,
) -> tuple[str, Document]:
    """Return a new activation code, shown once, and the numbered letter about it.

    Raises:
        Forbidden: no right, or the firm lies outside the officer's area. DocumentRefused: no letter can be made.
    """
    code = business.issue_code(
        uscc, firm, division, by=by, at=at, randomness=randomness, is_synthetic=is_synthetic
    )
    letter = documents.issue(
        PAPERS["business_access"],
        {
            "firm": firm,
            "uscc": uscc,
            "until": chinese_day(statutory_day(business.expires_at(at))),
            "site": settings.SITE.rstrip("/"),
        },
        Owner(OF_ACCESS, uscc),
        site=settings.SITE,
        media=settings.HOME.media,
        by=by,
        at=at,
        is_synthetic=is_synthetic,
    )
    return code, letter


def check_paper(uscc: str, officer: Officer) -> str:
    """Let officers who manage a firm's access see its letters.

    Raises:
        Forbidden: another role, or another area.
    """
    code = BusinessCode.objects.filter(uscc=uscc).exclude(division_code="").first()
    if code is None:
        raise Forbidden("没有这份通知书。", "There is no such letter.")
    require(officer, Permission.MANAGE_BUSINESS_ACCESS, division=code.division_code)
    return uscc
