"""Sections of a firm's own page beyond its public record: what runs, what it promised, what it takes part in. Each says its source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhijian.apps.supervision.commitments.models import ApprovalCommitment, CommitmentMatter
from zhijian.apps.supervision.inclusive.models import (
    Dormancy,
    FirstOffenceItem,
    Leniency,
    Presumed,
    Trial,
    WhiteListed,
)
from zhijian.apps.supervision.listing import queries as listing
from zhijian.apps.supervision.repair import queries as repair
from zhijian.portal.components.words import in_english
from zhijian.portal.views import my_letters
from zhijian.standards.calendar import statutory_day

_CASES = {
    "supervision/abnormal_listing": ("列入经营异常名录", "Abnormal list: whether you are put on"),
    "supervision/abnormal_removal": ("移出经营异常名录", "Abnormal list: whether you are taken off"),
    "supervision/serious_listing": ("列入严重违法失信名单", "Serious-violation list"),
    "supervision/credit_repair": ("信用修复", "Repair of a record"),
    "supervision/repair_revocation": ("撤销信用修复", "Revocation of a repair"),
    "supervision/publicity_withdrawal": ("撤下公示", "Withdrawal of a record"),
}


@dataclass(frozen=True)
class Row:
    """One line of a section: what, since when, until when, and where to go on."""

    title: str
    detail: str = ""
    since: date | None = None
    until: date | None = None
    href: str = ""
    is_of_one_day: bool = False  # `since` is the day of it, not the beginning of something that lasts


@dataclass(frozen=True)
class Section:
    """Lines that come from one source."""

    key: str
    title: str
    source: str
    rows: tuple[Row, ...]


def of_firm(uscc: str, *, on: date, delivered: Iterable[Any]) -> list[Section]:
    """Return the sections of a firm that have a line today."""
    found = (
        Section("cases", _("正在办理的"), _("来源：办案系统；办理机关看得到同样的进度。"), tuple(_cases(uscc))),
        Section("rights", _("对列入决定可以做的"), _("来源：名单案件；最后一天也算在内。"), tuple(_rights(uscc, on))),
        Section(
            "path", _("怎样最快离开名单"), _("来源：公示的记录和修复的规定；任何人都看得到。"),
            tuple(_path(uscc, on, delivered)),
        ),
        Section("separate", _("登记标注"), _("来源：经营异常名录的记录；由列入日起算，不另作决定。"), tuple(_separate(uscc, on))),
        Section("letters", _("发给本单位的文书"), _("来源：作出决定的机关签发的文书；扫文书上的二维码可以核对。"), tuple(_letters(uscc))),
        Section("promises", _("承诺过的"), _("来源：告知承诺名录。"), tuple(_promises(uscc, on))),
        Section("inclusive", _("参加的和适用的"), _("来源：触发式监管、首违免罚、歇业、白名单和合格假定名录。"), tuple(_inclusive(uscc, on))),
    )  # fmt: skip
    return [one for one in found if one.rows]


def due(uscc: str) -> list[dict[str, Any]]:
    """Return what was promised or allowed and is still to be done: cures of broken promises, corrections after leniency."""
    cures = CommitmentMatter.objects.filter(uscc=uscc, outcome="", cure_by__isnull=False)
    lenient = Leniency.objects.filter(uscc=uscc, corrected_on=None)
    offences = dict(FirstOffenceItem.objects.values_list("key", "name"))
    return [
        {"words": _("履行承诺：%(name)s") % {"name": one.name}, "due_on": one.cure_by, "basis": "《行政许可法》"}
        for one in cures
    ] + [
        {"words": _("首违免罚后改正：%(name)s") % {"name": offences.get(one.item, one.name)}, "due_on": one.correct_by, "basis": "《行政处罚法》第三十三条"}
        for one in lenient
    ]  # fmt: skip


def _pair(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


def _cases(uscc: str) -> Iterable[Row]:
    for case in repair.cases_of(uscc):
        if case.closed_at is None:
            unit = case.organisation.name_en if in_english() else case.organisation.name
            title = _pair(_CASES[case.procedure]) if case.procedure in _CASES else case.title
            yield Row(title, f"{case.number} · {unit}", case.opened_at.date(), href="/my/records/")


_RIGHTS = {
    "hearing": ("陈述申辩、要求听证", "Make a statement, ask for a hearing"),
    "objection": ("向列入的机关书面提出异议", "Object in writing to the authority that listed you"),
    "reconsideration": ("申请行政复议", "Ask for administrative reconsideration"),
    "suit": ("提起行政诉讼", "Go to court"),
}


def _separate(uscc: str, on: date) -> Iterable[Row]:
    since = listing.separate_since(uscc, on=on)
    if since is not None:
        detail = _(
            "列入经营异常名录满两年没有移出：作标注，不计入登记在册数，不对外公布名单；移出的当日恢复。"
        )
        yield Row(
            _("另册管理"),
            f"{detail}（市场监管总局令第103号第三十二条、第三十三条）",
            since,
            href="/my/records/",
        )


def _rights(uscc: str, on: date) -> Iterable[Row]:
    for matter, right in listing.rights_of(uscc, on=on):
        unit = matter.case.organisation
        name = unit.name_en if in_english() else unit.name
        about = _pair(_CASES[matter.case.procedure])
        number = matter.decision_no or matter.case.number
        yield Row(
            _pair(_RIGHTS[right.code]), f"{about} · {number} · {name} · {right.article}", until=right.until
        )


def _letters(uscc: str) -> Iterable[Row]:
    for letter in my_letters.letters_of(uscc):
        unit = letter.organisation.name_en if in_english() else letter.organisation.name
        href = reverse("my_letter", kwargs={"document_id": letter.pk})
        yield Row(
            my_letters.title_of(letter),
            f"{letter.number} · {unit}",
            statutory_day(letter.issued_at),
            href=href,
            is_of_one_day=True,
        )


def _path(uscc: str, on: date, delivered: Iterable[Any]) -> Iterable[Row]:
    for step in listing.path_of(uscc, on=on, delivered=list(delivered)):
        if step.is_open_now:
            acts = _pair(("；", "; ")).join(_pair((act.zh, act.en)) for act in step.acts)
            acts = acts[:1].upper() + acts[1:]
            yield Row(
                acts, _pair((step.reason_zh, step.reason_en)), until=step.leaves_on, href="/my/records/"
            )


def _promises(uscc: str, on: date) -> Iterable[Row]:
    for one in ApprovalCommitment.objects.filter(uscc=uscc):
        if one.stands_on(on):
            yield Row(one.name, f"{one.approval_no} · {one.authority}", one.valid_from, one.valid_to,
                      f"/registers/approval_commitments/entries/{one.key}/")  # fmt: skip


def _inclusive(uscc: str, on: date) -> Iterable[Row]:
    kinds = (
        (Trial, _("触发式监管试点")), (Leniency, _("首违免罚")), (Dormancy, _("歇业")), (WhiteListed, _("白名单")),
        (Presumed, _("合格假定")),
    )  # fmt: skip
    for model, title in kinds:
        for one in model.objects.filter(uscc=uscc):
            if one.stands_on(on):
                yield Row(f"{title}：{one.name}", "", one.valid_from, one.valid_to)
