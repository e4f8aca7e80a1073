"""Who will handle what somebody is about to hand in, by when, by which article: said before it is sent.

The same rules decide afterwards; here they are only read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from zhijian.apps.consumer.complaints import rules
from zhijian.apps.consumer.complaints.codes import RespondentKind
from zhijian.apps.consumer.complaints.intake import questions
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Level, Organisation


@dataclass(frozen=True)
class Handling:
    """One of the two matters: who, by when (`due_on` is None where the clock has not begun), what and why."""

    kind: str
    title: str
    unit: Organisation | None
    due_on: date | None
    duty: str
    article: str
    note: str = ""

    @property
    def unit_name(self) -> str:
        return name_of(self.unit) if self.unit else ""

    @property
    def is_synthetic(self) -> bool:
        return self.unit is not None and self.unit.is_synthetic


def name_of(unit: Organisation) -> str:
    """Return a unit's name in the language of the page."""
    return unit.name_en if in_english() and unit.name_en else unit.name


def place_of(answers: Mapping[str, Any]) -> rules.Place:
    """Return the places that decide who is competent, as far as they were answered."""
    given = str(answers.get("shop_division") or "")
    division = given if given.isdigit() else ""
    kind = RespondentKind(answers.get("respondent_kind") or RespondentKind.ORDINARY)
    platform = str(answers.get("platform_division") or "")
    if kind == RespondentKind.PLATFORM_MERCHANT:
        return rules.Place(kind, business=division, published=division, platform=platform)
    return rules.Place(kind, business=division, conduct=division)


def unit_for(division_code: str) -> Organisation | None:
    """Return the lowest unit in whose area a division lies: the county's, else the city's, else the province's."""
    code = division_code[:6]
    chain = [code, f"{code[:4]}00", f"{code[:2]}0000"] if code else []
    found = {
        unit.division_code: unit
        for unit in Organisation.objects.filter(division_code__in=chain).order_by("-id")
        if unit.level != Level.STATION
    }
    return next((found[code] for code in chain if code in found), None)


def first_receiver() -> Organisation | None:
    """Return who takes in what nobody else is known to be competent for, and dispatches it."""
    order = {Level.PROVINCE: 0, Level.CITY: 1, Level.COUNTY: 2, Level.STATION: 3}
    units = Organisation.objects.filter(level__in=list(order)).order_by("id")[:500]
    return min(units, key=lambda unit: order[Level(unit.level)], default=None)


def complaint_unit(answers: Mapping[str, Any], received_on: date) -> tuple[Organisation | None, str]:
    """Return the unit competent for the complaint and the article; None where the decisive place is unknown."""
    return _competent(rules.complaint_competence(place_of(answers), received_on), f"{rules.O121}第十三条")


def report_unit(answers: Mapping[str, Any], received_on: date) -> tuple[Organisation | None, str]:
    """Return the unit competent for the report and the article; None where the decisive place is unknown."""
    return _competent(rules.report_competence(place_of(answers), received_on), f"{rules.O121}第二十九条")


def competent(competences: list[rules.Competence]) -> Organisation | None:
    """Return the registered unit of the first place that is competent; None where no such place is known."""
    return _competent(competences, "")[0]


def _competent(competences: list[rules.Competence], otherwise: str) -> tuple[Organisation | None, str]:
    for one in competences:
        unit = unit_for(one.division_code)
        if unit is not None:
            return unit, one.article
    return None, competences[0].article if competences else otherwise


def foreseen(answers: Mapping[str, Any], today: date) -> list[Handling]:
    """Return who will handle it and by when, for the complaint, the report or both; nothing before that is answered."""
    if not answers.get("shop_division"):
        return []
    found = []
    if questions.is_complaint(answers):
        unit, article = complaint_unit(answers, today)
        found.append(_complaint(unit, article, today, _elsewhere(answers)))
    if questions.is_report(answers):
        unit, article = report_unit(answers, today)
        found.append(_report(unit, article, today))
    return found


def _elsewhere(answers: Mapping[str, Any]) -> str:
    if answers.get("shop_division") != "outside":
        return ""
    return gettext("店不在广东省内。直接向店所在地的市场监管部门或者全国12315平台提出，会更快。")


def _complaint(unit: Organisation | None, article: str, today: date, note: str = "") -> Handling:
    basis = gettext("%(article)s；《消费者权益保护法》第四十六条") % {"article": article}
    if unit is None:
        receiver = first_receiver()
        return Handling("complaint", gettext("投诉"), receiver, None, dispatched(), article, note)
    return Handling(
        "complaint",
        gettext("投诉"),
        unit,
        rules.acceptance_due_on(today),
        complaint_duty(),
        basis,
    )


def _report(unit: Organisation | None, article: str, today: date) -> Handling:
    basis = gettext("%(article)s；《市场监督管理行政处罚程序规定》第十八条") % {"article": article}
    if unit is None:
        return Handling("report", gettext("举报"), first_receiver(), None, dispatched(), article)
    return Handling(
        "report",
        gettext("举报"),
        unit,
        rules.verification_due_on(today),
        report_duty(),
        basis,
    )


def complaint_duty() -> str:
    """What must be done with a complaint by its first deadline."""
    return gettext("告知是否受理（7个工作日）。受理后60日内调解完毕，检测的时间不算。")


def report_duty() -> str:
    """What must be done with a report by its deadline."""
    return gettext("核查并决定是否立案（15个工作日，经批准可以延长15个工作日）。")


def dispatched() -> str:
    """What is said where the clock of the law has not begun."""
    return gettext(
        "店在哪里还不清楚，先收下，再分送给有权处理的单位。期限从那个单位收到之日起算，届时告诉您。"
    )
