"""The verbs: take a report of an injury in, enter or leave it, open a risk, and what the steps of its drawing write."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from zhijian.apps.consumer.goods_quality import codes, policies, rules
from zhijian.apps.consumer.goods_quality.models import InjuryNotice, RiskAssessment
from zhijian.apps.consumer.goods_quality.policies import NotNow
from zhijian.apps.consumer.goods_quality.registers import INJURIES
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.declaration import load_folder
from zhijian.engines.evidence.services import Owner
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared import services as registers
from zhijian.engines.registers.declared.checking import check
from zhijian.engines.registers.declared.services import WrongRow
from zhijian.security.models import Officer
from zhijian.security.persons import is_same_person
from zhijian.standards.calendar import statutory_day

RISK, SOURCE, OF_RISK = "consumer/goods_risk", "consumer/goods_quality", "goods_quality.risk"
PAPERS = load_folder(Path(__file__).parent / "papers")  # by measure
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
Randomness = Callable[[int], bytes]


def _number(prefix: str, at: datetime, randomness: Randomness) -> str:
    drawn = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in randomness(6))
    return f"{prefix}{statutory_day(at):%Y%m%d}-{drawn}"


@transaction.atomic
def report_injury(row: Mapping[str, str], *, randomness: Randomness, by: str, at: datetime) -> InjuryNotice:
    """Take a report in after the register's own rules: one that names a person or a number is refused and not kept.

    Raises:
        WrongRow: a field is wrong, or a text holds personal data.
    """
    number = _number("SH", at, randomness)
    full = {**row, "key": number}
    checked = check(INJURIES, full, on=statutory_day(at))
    if not checked.is_right:
        raise WrongRow(checked.problems)
    return InjuryNotice.objects.create(
        number=number, row=full, received_at=at, is_synthetic=bool(checked.values["is_synthetic"])
    )


@transaction.atomic
def decide_notice(
    notice: InjuryNotice, *, enters: bool, reason: str, by: Officer, at: datetime
) -> InjuryNotice:
    """Put a report on the register of injuries, or leave it off with the reason.

    Raises:
        NotNow: it is decided, or no reason.
        WrongRow, Forbidden: the register refuses the row, or this officer; it happened in another area.
    """
    found = InjuryNotice.objects.select_for_update().get(pk=notice.pk)
    policies.check_officer(by, found.division_code)
    policies.check_waits(found)
    plain = policies.check_text(reason, least=4, most=300, name_zh="理由", name_en="a reason")
    if enters:
        registers.add(INJURIES, found.row, reason=plain, by=by, at=at)
    found.decision = "entered" if enters else "left"
    found.reason, found.decided_by, found.decided_at = plain, by, at
    found.save()
    return found


@transaction.atomic
def open_risk(
    *, category: str, product: str, grounds: str, signal: str = "own", model_number: str = "", producer: str = "",
    producer_code: str = "", randomness: Randomness, by: Officer, at: datetime, is_synthetic: bool = False,
) -> RiskAssessment:  # fmt: skip
    """Open the case of a risk, from a signal or from what an officer found.

    Raises:
        NotNow: no category, product or grounds, or personal data in the grounds.
        Forbidden: another role.
    """
    policies.check_officer(by)
    policies.check_category(category)
    name = policies.check_text(product, least=1, most=100, name_zh="产品", name_en="the product")
    why = policies.check_text(grounds, least=4, most=500, name_zh="依据", name_en="the grounds")
    if rules.personal_data_in(why):
        raise NotNow("依据里写有个人信息，请删去。", "The grounds hold personal data; remove it.")
    if signal not in codes.SIGNALS:
        raise NotNow("没有这一类信号。", "There is no such kind of signal.")
    assert by.organisation is not None
    number = _number("FX", at, randomness)
    case = procedures.start_case(
        RISK, number=number, title=f"消费品风险：{name}", organisation=by.organisation,
        division_code=by.organisation.division_code, entity_code=producer_code, by=by, at=at,
        data={"found_on": statutory_day(at)}, is_synthetic=is_synthetic or by.is_synthetic,
    )  # fmt: skip
    return RiskAssessment.objects.create(
        case=case, number=number, category_code=category, product=name, model_number=model_number[:100],
        producer=producer[:100], producer_code=producer_code, signal=signal, grounds=why, opened_at=at,
        is_synthetic=case.is_synthetic,
    )  # fmt: skip


def _risk(case: Case) -> RiskAssessment:
    return RiskAssessment.objects.select_for_update().get(case=case)


def record_screening(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Service task: the signal is kept, or dismissed with its reason."""
    risk = _risk(case)
    if data.get("outcome") == "dismiss":
        risk.measure_reason = str(data.get("screening_reason") or "")[:500]
        risk.save(update_fields=["measure_reason"])
    return {"assess_from": statutory_day(at).isoformat()}


def record_assessment(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Service task: the level of the scenario by the matrix in force.

    Raises:
        NotNow: a probability cannot be read, or lies outside 0 to 1.
    """
    risk = _risk(case)
    day = statutory_day(at)
    try:
        severity, steps = int(str(data.get("severity"))), read_steps(str(data.get("steps") or ""))
        found = rules.risk_level(severity, steps, on=day)
    except (ValueError, ZeroDivisionError):
        raise NotNow(
            "情景各步的概率请写成1/50或0.02，用逗号隔开，每一步大于0、不超过1。",
            "Write the probabilities of the steps as 1/50 or 0.02, with commas between, each above 0 and up to 1.",
        ) from None
    risk.severity, risk.steps, risk.level, risk.lower, risk.higher = (
        severity, steps, found.code, found.lower, found.higher,
    )  # fmt: skip
    risk.hazard_code, risk.scenario = (
        str(data.get("hazard") or "other"),
        str(data.get("scenario") or "")[:500],
    )
    risk.assessed_by = by
    risk.save()
    _fact(risk, "goods.risk_assessed", {"level": found.code, "severity": severity}, by=by, at=at)
    return {
        "level": found.code,
        "assessed_on": day.isoformat(),
        "usual_measure": rules.usual_measure(found.code),
    }


def read_steps(text: str) -> list[float]:
    """Read probabilities written as 1/50 or 0.02, with commas between.

    Raises:
        ValueError, ZeroDivisionError: something else.
    """
    steps = []
    for part in text.replace("，", ",").replace("、", ",").split(","):
        if part.strip():
            above, _, below = part.strip().partition("/")
            steps.append(float(above) / float(below) if below else float(above))
    rules.probability_of(steps)
    return steps


def record_decision(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Service task: the measure is written down, told as a fact, and its paper issued.

    Raises:
        NotNow: whoever assessed decides, a producer is missing for a request, or the level asks for a reason.
    """
    risk, measure = _risk(case), str(data.get("measure"))
    assert by is not None, "an officer decides"
    reason = policies.check_text(
        str(data.get("measure_reason") or ""), least=4, most=500, name_zh="理由", name_en="a reason"
    )
    if risk.assessed_by is not None and is_same_person(risk.assessed_by, by):
        raise NotNow(
            "评估人不能自己决定措施，请另一人决定。",
            "Who assessed the risk does not decide on it; somebody else does.",
        )
    if measure == "reassess":
        return {"assess_from": statutory_day(at).isoformat()}
    if measure == "recall_request" and not risk.producer:
        risk.producer = policies.check_text(
            str(data.get("producer") or ""), least=2, most=100, name_zh="生产者", name_en="the producer"
        )
    risk.measure, risk.measure_reason, risk.decided_at = measure, reason, at
    risk.save()
    payload = {
        "level": risk.level,
        "measure": measure,
        "category": risk.category_code,
        "product": risk.product,
    }
    _fact(risk, "goods.risk_decided", payload, by=by, at=at)
    if measure in PAPERS:
        _issue(risk, by=by, at=at)
    return {"is_decided": True}


def _fact(
    risk: RiskAssessment, kind: str, more: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> None:
    count = risk.case.events.count()
    facts.record(
        kind, subject=f"goods_risk/{risk.number}", occurred_on=statutory_day(at),
        payload={"number": risk.number, **more}, source=SOURCE, source_key=f"{risk.number}/{kind}/{count}",
        by=by or "system", at=at, is_synthetic=risk.is_synthetic,
    )  # fmt: skip


def _issue(risk: RiskAssessment, *, by: Officer, at: datetime) -> None:
    hazard = next((one.label.zh for one in codes.HAZARDS if one.value == risk.hazard_code), "")
    data = {
        "producer": risk.producer, "product": risk.product, "model_number": risk.model_number or "（未注明）",
        "category": codes.CATEGORIES[risk.category_code].name.zh, "level": codes.LEVELS[risk.level][0],
        "hazard": hazard, "reason": risk.measure_reason.rstrip("。"), "number": risk.number,
    }  # fmt: skip
    documents.issue(
        PAPERS[risk.measure], data, Owner(OF_RISK, risk.number), site=settings.SITE, media=settings.HOME.media,
        by=by, at=at, is_synthetic=risk.is_synthetic,
    )  # fmt: skip


def check_paper(number: str, officer: Officer) -> str:
    """Let those see a risk's paper who work on the quality of goods in its area.

    Raises:
        Forbidden: another role or area.
    """
    risk = RiskAssessment.objects.select_related("case").filter(number=number).first()
    policies.check_officer(officer, risk.case.division_code if risk else None)
    return f"goods_risk/{number}"
