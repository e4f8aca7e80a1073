"""The plan to be read: its own words by chapter, each paragraph with its indicators, commitments and systems beside it, live."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.apps.plan.monitoring import queries
from zhijian.apps.plan.monitoring.models import DataPoint, PlanItem
from zhijian.portal.components import words
from zhijian.portal.views import plan_indicators
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.plan import systems as applications
from zhijian.portal.views.register import today
from zhijian.standards import plan as systems_of_the_plan


def text_page(request: HttpRequest) -> HttpResponse:
    """One chapter, or every paragraph with the words that are sought."""
    plan = plan_indicators.asked_plan(request)
    every = queries.items(plan, PlanItem.PARAGRAPH)
    if request.GET.get("format") == "csv":
        return csv_file(f"{plan.code}-text.csv", _csv_rows(every))
    chapters = list(dict.fromkeys(one.chapter for one in every))
    sought = request.GET.get("q", "").strip()[:60]
    asked = request.GET.get("chapter", "")
    with_tasks = next((one.chapter for one in every if one.is_task), chapters[0] if chapters else "")
    chapter = asked if asked in chapters else with_tasks
    found = (
        [one for one in every if sought in one.text]
        if sought
        else [one for one in every if one.chapter == chapter]
    )
    every_indicator = plan_indicators.told_all(plan, queries.whole(plan, today()))
    indicators = {one["row"].number: one for one in every_indicator}
    commitments = {one.number: one for one in queries.items(plan, PlanItem.COMMITMENT)}
    served = {name for system in applications() for name in system.plan_ids}
    context = {
        "plan": plan, "chapters": [(one, _title(one)) for one in chapters], "chapter": "" if sought else chapter,
        "q": sought,
        "sections": _sections(found, indicators, commitments, served),
        "count": len(found), "total": len(every), "tasks": sum(one.is_task for one in every),
        "synthetic": "part" if DataPoint.objects.filter(plan=plan, is_synthetic=True).exists() else "",
    }  # fmt: skip
    return render(request, "portal/plan/text.html", context)


def _title(chapter: str) -> str:
    zh, en = systems_of_the_plan.CHAPTERS.get(chapter, ("", ""))
    if words.in_english():
        return en or chapter
    return f"{chapter} {zh}".strip()


def _sections(
    found: list[PlanItem], indicators: dict[str, Any], commitments: dict[str, PlanItem], served: set[str]
) -> list[dict[str, Any]]:
    """Group paragraphs under their headings, in the order of the plan."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in found:
        systems = [
            {"system": system, "is_served": name in served}
            for name in one.systems
            if (system := systems_of_the_plan.find(name)) is not None
        ]
        groups.setdefault((one.chapter, one.section, one.heading_zh), []).append({
            "item": one, "systems": systems,
            "commitments": [commitments[name] for name in one.commitments if name in commitments],
            "indicators": [indicators[name] for name in one.indicators if name in indicators] if one.is_task else [],
        })  # fmt: skip
    return [
        {"chapter": key[0], "section": key[1], "heading": key[2], "rows": rows}
        for key, rows in groups.items()
    ]


def _csv_rows(every: list[PlanItem]) -> list[list[Any]]:
    names = ["编号 number", "版本 version", "章 chapter", "节 section", "标题 heading", "任务 task", "原文 text", "责任 owner",
             "从 from", "到 to", "系统 systems", "承诺 commitments", "指标 indicators"]  # fmt: skip
    return [
        names,
        *[
            [one.number, one.version, one.chapter, one.section, one.heading_zh, "yes" if one.is_task else "", one.text,
             one.owner_zh, one.from_year or "", one.to_year or "", " ".join(one.systems), " ".join(one.commitments),
             " ".join(one.indicators)]
            for one in every
        ],
    ]  # fmt: skip


def commitments_page(request: HttpRequest) -> HttpResponse:
    """The commitments with a number in the plan's text, in its order, with paragraph and due year; and as CSV."""
    plan = plan_indicators.asked_plan(request)
    rows = queries.items(plan, PlanItem.COMMITMENT)
    if request.GET.get("format") == "csv":
        names = ["编号 number", "章 chapter", "节 section", "事项 subject_zh", "subject_en", "比较 operator", "数值 value", "单位 unit",
                 "期限 due", "类型 basis", "原文 quote_zh", "段落 paragraph"]  # fmt: skip
        told = [
            [one.number, one.chapter, one.section, one.heading_zh, one.heading_en, one.operator, one.value_text, one.unit,
             one.due, one.basis, one.text, one.paragraph]
            for one in rows
        ]  # fmt: skip
        return csv_file(f"{plan.code}-commitments.csv", [names, *told])
    return render(request, "portal/plan/commitments.html", {"plan": plan, "rows": rows})
