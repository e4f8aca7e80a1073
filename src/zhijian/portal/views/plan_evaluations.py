"""Evaluations of the plan for everybody, once published: report, figures, package; and the money of its tasks."""

from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from zhijian.apps.plan.monitoring import evaluating, money, package, queries, reports, writing
from zhijian.apps.plan.monitoring.models import Evaluation, Plan, PlanItem, TaskMoney
from zhijian.apps.plan.monitoring.rules import Light
from zhijian.engines.evidence.purposes import DOCX, PDF
from zhijian.portal.components import bar_chart, words
from zhijian.portal.views import plan_indicators, plan_text
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now


def kind_words() -> dict[str, str]:
    return {
        evaluating.ANNUAL: _("年度监测分析"),
        evaluating.MIDTERM: _("中期评估"),
        evaluating.FINAL: _("总结评估"),
    }


def state_words() -> dict[str, str]:
    return {
        evaluating.PLANNED: _("已计划"), evaluating.FROZEN: _("数据已冻结"), evaluating.SELF_REPORT: _("已自评"),
        evaluating.THIRD_PARTY: _("已有第三方意见"), evaluating.DRAFT: _("草稿"), evaluating.REVIEW: _("送审"),
        evaluating.APPROVED: _("已批准"), evaluating.PUBLISHED: _("已公布"),
    }  # fmt: skip


def table_of(one: Evaluation) -> list[dict[str, Any]]:
    """Return the frozen rows as a page shows them."""
    names, notes = plan_indicators.light_words(), plan_indicators.note_words()
    due = plan_indicators.due_year(one.plan.ends_on.year, one.as_of)
    made = []
    for row in writing.rows(one.frozen) if one.frozen else []:
        judged = row["figure"]["judged"]
        light = Light(judged["light"])
        made.append({
            "number": row["number"], "name_zh": row["name_zh"], "name_en": row["name_en"],
            "is_binding": row["is_binding"], "value": writing.short(judged["value"]),
            "target": f"{'≤ ' if row['is_at_most'] else ''}{writing.short(row['target'])}",
            "progress": writing.percent(judged["progress"]), "light": names[light], "colour": plan_indicators.COLOURS[light],
            "notes": [*plan_indicators.of_earlier_year(_year(row["figure"]["as_of"]), due), *(notes[note] for note in judged["notes"])],
        })  # fmt: skip
    return made


def _year(day: str | None) -> int | None:
    return int(day[:4]) if day else None


def promises_of(one: Evaluation) -> list[dict[str, Any]]:
    """Return the frozen commitments that have a value, as a page shows them."""
    rows = writing.promises(one.frozen) if one.frozen else []
    return [plan_text.shown_promise(row) for row in rows if row["figure"]["series"]]


def findings_of(one: Evaluation) -> dict[str, Any]:
    """Return the frozen findings as a page shows them: progress against time, projections, cities, what late data may change."""
    if not one.frozen:
        return {}
    figures, rows, english = one.frozen["figures"], writing.rows(one.frozen), words.in_english()
    lights = plan_indicators.light_words()
    told = [
        (
            f"{row['number']} {row['name_en'] if english else row['name_zh']}",
            None if row["figure"]["judged"]["progress"] is None else Fraction(row["figure"]["judged"]["progress"]),
            f"{writing.percent(row['figure']['judged']['progress'])} {lights[row['figure']['judged']['light']]}",
        )
        for row in rows
    ]  # fmt: skip
    names = {row["number"]: (row["name_zh"], row["name_en"]) for row in rows}
    return {
        "chart": plan_indicators.progress_chart(told, Fraction(figures["elapsed"])),
        "forecasts": [_cast(row) for row in reports.by_doubt(rows)],
        "cities": [
            {name: row[name] for name in ("number", "name_zh", "name_en")}
            | {"cities": plan_indicators.shown_cities(row["figure"]["cities"])}
            for row in writing.with_cities(rows)
        ],
        "late": plan_indicators.shown_late(figures["late"], names, figures["figures"])
        if figures.get("late")
        else None,
    }


def _cast(row: dict[str, Any]) -> dict[str, Any]:
    cast = row["figure"]["forecast"]
    return {
        "number": row["number"], "name_zh": row["name_zh"], "name_en": row["name_en"], "value": f"{cast['value']:,.2f}",
        "interval": f"{cast['low']:,.2f}–{cast['high']:,.2f}", "target": f"{'≤ ' if row['is_at_most'] else ''}{writing.short(row['target'])}",
        "chance": f"{cast['chance'] * 100:.0f}%",
    }  # fmt: skip


def list_page(request: HttpRequest) -> HttpResponse:
    """Every published evaluation, the newest first."""
    rows = Evaluation.objects.filter(state=evaluating.PUBLISHED).select_related("plan")
    return render(
        request, "portal/plan/evaluations.html",
        {"rows": [(one, kind_words()[one.kind]) for one in rows], "plan": Plan.objects.first(),
         "synthetic": "part" if any(one.is_synthetic for one in rows) else ""},
    )  # fmt: skip


def evaluation_page(request: HttpRequest, number: int) -> HttpResponse:
    """One published report, in the words that were approved."""
    one = _published(number)
    rows = queries.measured(one.plan)
    warnings = [
        (found, plan_indicators.name_of(rows[found.number]), plan_indicators.address_of(rows[found.number]))
        for found in one.plan.warnings.filter(evaluation=one)
    ]
    context = {
        "one": one,
        "plan": one.plan,
        "kind": kind_words()[one.kind],
        "rows": table_of(one),
        "promises": promises_of(one),
        "findings": findings_of(one),
        "earlier": evaluating.earlier_edition(one),
        "later": evaluating.later_edition(one),
        "warnings": warnings,
        "english": words.in_english(),
        "synthetic": "part" if one.is_synthetic else "",
    }
    return render(request, "portal/plan/evaluation.html", context)


def evaluation_file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The published report as PDF or docx, or the package by which every figure is computed again."""
    return answer_file(_published(number), form)


def answer_file(one: Evaluation, form: str) -> HttpResponse:
    """Return one of the three files of an evaluation whose data are frozen.

    Raises:
        Http404: nothing is frozen yet.
    """
    if not one.frozen:
        raise Http404
    edition = f"-{one.edition}" if one.edition > 1 else ""
    name = f"{one.plan.code}-{one.kind}-{one.year}{edition}"
    if form == "pdf":
        response = HttpResponse(reports.pdf(one, at=now()), content_type=PDF)
    elif form == "docx":
        response = HttpResponse(reports.docx(one, at=now()), content_type=DOCX)
    else:
        made = package.write(one.frozen["data"], queries.sealed(one.plan))
        response = HttpResponse(made, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _published(number: int) -> Evaluation:
    return get_object_or_404(Evaluation.objects.select_related("plan"), pk=number, state=evaluating.PUBLISHED)


def money_page(request: HttpRequest) -> HttpResponse:
    """The confirmed money of each task: planned, spent, and what one yuan brought where the output is counted."""
    plan = plan_indicators.asked_plan(request)
    rows = list(TaskMoney.objects.filter(plan=plan, confirmed_by__isnull=False))
    if request.GET.get("format") == "csv":
        names = [
            "任务 paragraph",
            "年 year",
            "预算 planned_yuan",
            "支出 spent_yuan",
            "产出 output",
            "单位 unit",
            "合成数据 synthetic",
            "依据 evidence",
        ]
        told = [[one.paragraph, one.year, one.planned_yuan, one.spent_yuan, "" if one.output is None else one.output,
                 one.output_unit, "合成数据" if one.is_synthetic else "", one.evidence] for one in rows]  # fmt: skip
        return csv_file(f"{plan.code}-money.csv", [names, *told])
    paragraphs = {one.number: one for one in queries.items(plan, PlanItem.PARAGRAPH)}
    sums = money.sums(rows)
    bars = [
        (
            f"{one.paragraph} {paragraphs[one.paragraph].heading_zh}", float(one.spent),
            f"CNY {one.spent:,.0f}" if words.in_english() else f"{one.spent / 10_000:,.1f}万元",
        )
        for one in sums
    ]  # fmt: skip
    context = {
        "plan": plan, "chart": bar_chart.bars(_("各任务的支出"), bars) if bars else None,
        "rows": [
            {"sum": one, "item": paragraphs[one.paragraph], "per_million": one.per_yuan * 1_000_000 if one.per_yuan is not None else None}
            for one in sums
        ],
        "years": sorted({one.year for one in rows}),
        "synthetic": "part" if any(one.is_synthetic for one in rows) else "",
    }  # fmt: skip
    return render(request, "portal/plan/money.html", context)
