"""How people judge the handling (S46): few questions, one rating for a matter, shown by unit without small numbers."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, Q
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhijian.apps.consumer.complaints.codes import ComplaintState, ReportState
from zhijian.apps.consumer.complaints.intake.models import Rating
from zhijian.apps.consumer.complaints.models import Complaint, Submission, ViolationReport
from zhijian.security.models import Officer, Organisation

FEWEST_SHOWN = 10  # below it a mean says more about persons than about the work
_GRADES = (("5", _("很好")), ("4", _("好")), ("3", _("一般")), ("2", _("差")), ("1", _("很差")))
_OVER = {ComplaintState.CLOSED, ComplaintState.TERMINATED, ComplaintState.REJECTED}
_REPORT_OVER = {
    ReportState.CASE_FILED,
    ReportState.NO_CASE,
    ReportState.REPORTER_TOLD,
    ReportState.RESULT_TOLD,
}


@dataclass(frozen=True)
class Matter:
    """A finished matter that waits for its rating."""

    complaint: Complaint | None = None
    report: ViolationReport | None = None

    @property
    def number(self) -> str:
        found = self.complaint or self.report
        return found.number if found else ""


def _grade(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=_GRADES,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选一项。"), "invalid_choice": _("请从列出的选项里选一项。")},
    )


class RatingForm(forms.Form):
    """Four questions and room for words."""

    is_solved = forms.ChoiceField(
        label=_("您的事解决了吗？"),
        choices=(("yes", _("解决了")), ("partly", _("解决了一部分")), ("no", _("没有解决"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选一项。"), "invalid_choice": _("请从列出的选项里选一项。")},
    )
    speed = _grade(_("办得快不快？"))
    clarity = _grade(_("说得清不清楚？"))
    fairness = _grade(_("办得公不公道？"))
    words = forms.CharField(
        label=_("还想说什么？"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}),
        help_text=_("只给这个单位和它的上级看，不公开。"),
    )


def open_for(submission: Submission) -> Matter | None:
    """Return the finished matter of a submission that has no rating yet: the complaint first, then the report."""
    complaint = Complaint.objects.filter(submission=submission).prefetch_related("steps").first()
    if complaint and complaint.state in _OVER and not Rating.objects.filter(complaint=complaint).exists():
        return Matter(complaint=complaint)
    report = ViolationReport.objects.filter(submission=submission).prefetch_related("steps").first()
    if report and report.state in _REPORT_OVER and not Rating.objects.filter(report=report).exists():
        return Matter(report=report)
    return None


def rate(matter: Matter, given: dict[str, Any], *, by: Officer | None, at: datetime) -> Rating | None:
    """Keep a rating; None where one is there already. `by` is nobody: the person has no account."""
    about = matter.complaint or matter.report
    if about is None:
        raise ValueError("a rating is of one matter")
    try:
        with transaction.atomic():
            return Rating.objects.create(
                complaint=matter.complaint,
                report=matter.report,
                organisation=about.organisation,
                speed=given["speed"],
                clarity=given["clarity"],
                fairness=given["fairness"],
                is_solved=given["is_solved"],
                words=(given.get("words") or "").replace("\x00", "").strip(),
                rated_at=at,
                is_synthetic=about.is_synthetic,
            )
    except IntegrityError:
        return None


@dataclass(frozen=True)
class UnitLine:
    """One unit's ratings. `speed`, `clarity`, `fairness` are means of 1 to 5 (None: too few to be shown)."""

    name: str
    count: int
    speed: float | None
    clarity: float | None
    fairness: float | None
    solved: float | None  # share of 0 to 1

    @property
    def is_hidden(self) -> bool:
        return self.speed is None


def unit_line(organisation: Organisation) -> UnitLine | None:
    """Return the ratings of one unit for its statistics; None where there are none."""
    return next(iter(_lines(Q(organisation=organisation))), None)


def _lines(where: Q) -> list[UnitLine]:
    rows = (
        Rating.objects.filter(where)
        .values("organisation__name", "organisation__code")
        .annotate(
            count=Count("id"),
            a=Avg("speed"),
            b=Avg("clarity"),
            c=Avg("fairness"),
            yes=Count("id", filter=Q(is_solved="yes")),
        )
        .order_by("organisation__code")
    )
    return [_line(row["organisation__name"], dict(row)) for row in rows]


def _line(name: str, row: dict[str, Any]) -> UnitLine:
    count = int(row["count"])
    if count < FEWEST_SHOWN:
        return UnitLine(name, count, None, None, None, None)
    return UnitLine(name, count, row["a"], row["b"], row["c"], row["yes"] / count)


def statistics(today: date) -> dict[str, Any]:
    """Return the ratings of the last twelve months by unit, and of the province; small numbers are left out."""
    since = date(today.year - 1, today.month, 1)
    where = Q(rated_at__date__gte=since)
    shown = Rating.objects.filter(where)
    units = _lines(where)
    seen = [line.name for line in units if not line.is_hidden]
    whole = shown.filter(organisation__name__in=seen).aggregate(
        count=Count("id"),
        a=Avg("speed"),
        b=Avg("clarity"),
        c=Avg("fairness"),
        yes=Count("id", filter=Q(is_solved="yes")),
    )  # only of units that are shown: a sum over all would give the hidden ones away
    return {
        "units": units,
        "whole": _line(gettext("以上单位合计"), whole) if whole["count"] else None,
        "since": since,
        "today": today,
        "fewest": FEWEST_SHOWN,
        "synthetic": "part" if shown.filter(is_synthetic=True).exists() else "",
    }


def as_csv(today: date) -> HttpResponse:
    """Return the same table as a file: UTF-8 with its mark, a note, Chinese names, English names, rows."""
    found = statistics(today)
    mark = "，含合成数据" if found["synthetic"] else ""
    rows: list[list[Any]] = [
        [f"投诉举报处理评价，{found['since']}至{today}，少于{FEWEST_SHOWN}份的单位不显示均值{mark}"],
        ["单位", "评价份数", "快慢（1–5）", "清楚（1–5）", "公道（1–5）", "解决了的占比"],
        ["unit", "ratings", "speed", "clarity", "fairness", "solved_share"],
    ]
    for line in found["units"]:
        shown = [line.speed, line.clarity, line.fairness, line.solved]
        rows.append([line.name, _count(line), *["" if one is None else f"{one:.2f}" for one in shown]])
    name = "complaint_feedback_SYNTHETIC.csv" if found["synthetic"] else "complaint_feedback.csv"
    return csv_response(name, rows)


def csv_response(name: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return rows as a file of this name: UTF-8 with its mark."""
    text = io.StringIO()
    text.write("\ufeff")
    csv.writer(text).writerows(rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _count(line: UnitLine) -> str:
    return f"<{FEWEST_SHOWN}" if line.is_hidden else str(line.count)
