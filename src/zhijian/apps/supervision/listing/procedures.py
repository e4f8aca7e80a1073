"""The three procedures: listing and removal of abnormal operation, and the serious list; what the case page shows of them."""

from pathlib import Path
from typing import Any

from zhijian.apps.supervision.listing import deciding, paperwork, queries, rules, services, words
from zhijian.apps.supervision.listing.models import Act, ListingMatter
from zhijian.engines.documents.models import Document
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role

_HERE = Path(__file__).parent
_VIEWERS = frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER, Role.PUBLISHER, Role.AUDITOR, Role.ANALYST})


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the firm, the ground, the days, the penalty, and the papers."""
    matter = ListingMatter.objects.filter(case=case).first()
    if matter is None:
        return None
    return "listing/panel.html", {
        "matter": matter,
        "ground": ground_of(matter),
        "hearing_by": rules.hearing_asked_by(matter.notified_on) if matter.notified_on else None,
        "remedies": _remedies(matter),
        "papers": Document.objects.filter(owner_kind=paperwork.OF_MATTER, owner_id=case.number),
    }


def _remedies(matter: ListingMatter) -> rules.Remedies | None:
    """Until when a serious listing is challenged, from the day it was published; None before."""
    known = queries.known_on(matter) if matter.act == Act.LIST_SERIOUS else None
    return rules.remedies(known) if known is not None else None


def ground_of(matter: ListingMatter) -> tuple[str, str]:
    """Return the ground or the family of a matter: (Chinese, English)."""
    if matter.act != Act.LIST_SERIOUS:
        return words.ground_words(matter.ground_code)
    family = rules.FAMILIES[matter.ground_code]
    return family.zh, family.en


ALL = (
    Procedure(
        code=services.LISTING,
        title_zh="列入经营异常名录",
        title_en="Putting a firm on the abnormal list",
        drawing=_HERE / "abnormal_listing.bpmn",
        plan_ids=("S197",),
        services={one.__name__: one for one in (deciding.record_check, deciding.record_listing)},
        panel=panel,
        ends_early=False,
        viewers=_VIEWERS,
    ),
    Procedure(
        code=services.REMOVAL,
        title_zh="移出经营异常名录",
        title_en="Taking a firm off the abnormal list",
        drawing=_HERE / "abnormal_removal.bpmn",
        plan_ids=("S197", "S201"),
        services={one.__name__: one for one in (deciding.record_verification, deciding.record_removal)},
        panel=panel,
        ends_early=False,
        viewers=_VIEWERS,
    ),
    Procedure(
        code=services.SERIOUS,
        title_zh="列入严重违法失信名单",
        title_en="Putting a firm on the serious-violation list",
        drawing=_HERE / "serious_listing.bpmn",
        plan_ids=("S197",),
        services={
            one.__name__: one
            for one in (
                deciding.record_notice,
                deciding.record_hearing,
                deciding.record_serious_decision,
                deciding.record_consent,
                deciding.record_serious_listing,
            )
        },
        panel=panel,
        ends_early=False,
        viewers=_VIEWERS,
    ),
)
