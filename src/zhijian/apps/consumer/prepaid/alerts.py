"""An issuer whose risk is high becomes a piece of work of its county: checked on the spot, then a leader decides.

The score only says where to look first. What follows rests on what was found there, and on the measures that the law
gives; nothing happens to an issuer by itself.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.prepaid import registers, rules
from zhijian.apps.consumer.prepaid.models import PrepaidIssuer, RiskAlert
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseStatus
from zhijian.engines.signals.counted import COMPLAINT, cases
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Permission, may
from zhijian.standards.calendar import statutory_day

PROCEDURE = "consumer/prepaid_risk"
_FOLDER = Path(__file__).parent
_WEEK = 7  # days: the complaints that the score counts
_PREPAID_FIELD = "M11"  # of the taxonomy of consumer matters


def risks(on: date) -> dict[str, tuple[rules.Risk, str]]:
    """Return the risk of each issuer by its newest filing, with the filing's number.

    Refund complaints are those the issuer filed, or those received here in the last week where these are more.
    """
    received = Counter(
        case.firm
        for case in cases(on - timedelta(days=_WEEK - 1), on)
        if case.kind == COMPLAINT and case.topic.startswith(_PREPAID_FIELD)
    )
    filings, found = registers.newest_filings(), {}
    for issuer in PrepaidIssuer.objects.all():
        filing = filings.get(issuer.key)
        if filing is None or not issuer.stands_on(on):
            continue
        said = registers.filed(filing)
        seen = replace(said, refund_complaints=max(said.refund_complaints, received.get(issuer.uscc, 0)))
        found[issuer.key] = (rules.runaway_risk(seen, issuer_class=issuer.class_code, on=on), filing.key)
    return found


def watch(*, at: datetime) -> int:
    """Open a piece of work for each issuer at high risk, or with many refund complaints, that has none open; once for
    each filing. Return how many.

    Complaints are an alarm by themselves: in the worlds that the score is judged on they tell more than the score where
    they rise, and nothing where they do not.
    """
    on = statutory_day(at)
    told = 0
    for key, (risk, filing) in risks(on).items():
        if risk.level == "high" or any(one.sign == "complaints" for one in risk.reasons):
            told += _open(PrepaidIssuer.objects.get(key=key), risk, filing, at=at)
    return told


@transaction.atomic
def _open(issuer: PrepaidIssuer, risk: rules.Risk, filing: str, *, at: datetime) -> bool:
    """Open the alert of an issuer; not while one is open, nor again for the same filing."""
    PrepaidIssuer.objects.select_for_update().get(pk=issuer.pk)
    known = RiskAlert.objects.filter(issuer=issuer.key)
    unit = _unit_for(issuer.division_code)
    if unit is None or known.filter(filing=filing).exists():
        return False
    if known.filter(case__status=CaseStatus.OPEN).exists():
        return False
    case = procedures.start_case(
        PROCEDURE,
        number=f"YJ-{filing}",
        title=f"预付卡风险预警：{issuer.name}",
        organisation=unit,
        division_code=issuer.division_code,
        data={"told_on": statutory_day(at), "issuer": issuer.key, "score": risk.score},
        by=None,
        at=at,
        entity_code=issuer.uscc,
        is_synthetic=issuer.is_synthetic,
    )
    RiskAlert.objects.create(
        case=case,
        issuer=issuer.key,
        filing=filing,
        score=risk.score,
        reasons=[[one.zh, one.en, one.points] for one in risk.reasons],
        told_at=at,
    )
    return True


def _unit_for(division_code: str) -> Organisation | None:
    """The unit of the county; where it works without this system, the one of the city or the province."""
    for code in (division_code[:6], f"{division_code[:4]}00", f"{division_code[:2]}0000"):
        if found := Organisation.objects.filter(division_code=code).order_by("pk").first():
            return found
    return None


def _record_check(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Keep what the check found.

    Raises:
        ProcedureRefused: the day of the check lies ahead, or before the alert's filing could be known.
    """
    if date.fromisoformat(str(data["checked_on"])) > statutory_day(at):
        raise ProcedureRefused("核查日期在将来，请核对。", "The day of the check lies ahead.")
    RiskAlert.objects.filter(case=case).update(outcome=str(data["outcome"]), found=str(data["found"]))
    return {}


def _record_measures(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Keep the measures.

    Raises:
        ProcedureRefused: none together with others.
    """
    measures = list(data["measures"])
    if "none" in measures and len(measures) > 1:
        raise ProcedureRefused("“不采取措施”不能和其他措施一起选。", "'No measure' does not go with another.")
    RiskAlert.objects.filter(case=case).update(measures=measures)
    return {}


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return what the case page shows of the alert."""
    alert = RiskAlert.objects.filter(case=case).first()
    if alert is None or not may(officer, Permission.VIEW_REGISTER_INTERNALS, division=case.division_code):
        return None
    return "portal/prepaid/alert_panel.html", {"alert": alert}


PREPAID_RISK = Procedure(
    PROCEDURE,
    "预付卡风险预警核查",
    "Alerts of prepaid-card risk",
    _FOLDER / "risk_alert.bpmn",
    plan_ids=("S45",),
    services={"record_check": _record_check, "record_measures": _record_measures},
    panel=panel,
    viewers=frozenset({str(Role.HANDLER), str(Role.LEADER), str(Role.ANALYST)}),
    ends_early=False,
)
