"""The plan to be read: its own words by chapter, each paragraph with its indicators, commitments and systems beside it, live."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.plan.monitoring import queries, reckoning, writing
from zhijian.apps.plan.monitoring.models import DataPoint, PlanItem
from zhijian.apps.plan.monitoring.promise_rules import Kept, Shape
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


def shown_promise(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a page says of one commitment: what is promised, what was reported of each year, where it stands."""
    figure = row["figure"]
    judged, years = figure["judged"], figure["judged"]["years"] or {}
    missed = set(years.get("missed", []))
    values = [
        {"year": year, "value": plan_indicators.number(Decimal(value)), "is_missed": int(year) in missed}
        for year, value in figure["series"].items()
    ]
    kept = Kept(judged["kept"])
    return {
        "number": row["number"], "name_zh": row["name_zh"], "name_en": row["name_en"], "promised": _promised(row),
        "years": values, "lacking": years.get("missing", []), "kept": kept, "word": plan_indicators.kept_words()[kept],
        "colour": plan_indicators.KEPT_COLOURS[kept], "is_synthetic": figure["is_synthetic"],
    }  # fmt: skip


def _promised(row: dict[str, Any]) -> str:
    promise = row["figure"]["promise"]
    told = {"year": promise["due_on"][:4], "sign": "≤" if promise["is_at_most"] else "≥"}
    if promise["target"] is None:
        return _("到%(year)s年做到") % told
    told["target"] = plan_indicators.number(Decimal(promise["target"]))
    told["unit"] = row["unit"] if words.in_english() else row["unit_zh"]
    if promise["shape"] == Shape.FLOOR:
        return _("每年%(sign)s%(target)s %(unit)s") % told
    return _("到%(year)s年%(sign)s%(target)s %(unit)s") % told


def commitments_page(request: HttpRequest) -> HttpResponse:
    """The commitments with a number or a year in the plan's text: what is promised, how far it is kept, its own words; and as CSV."""
    plan = plan_indicators.asked_plan(request)
    day = plan_indicators.asked_day(request, plan)
    data = queries.data(plan, day, is_public=True)
    figures = reckoning.as_json(reckoning.reckon(data))
    told_of = {
        row["number"]: shown_promise(row) for row in writing.promises({"data": data, "figures": figures})
    }
    rows = queries.items(plan, PlanItem.COMMITMENT)
    if request.GET.get("format") == "csv":
        names = ["编号 number", "章 chapter", "节 section", "事项 subject_zh", "subject_en", "比较 operator", "数值 value", "单位 unit",
                 "期限 due", "类型 basis", "原文 quote_zh", "段落 paragraph", "报来的值 values", "判断 judged", "合成数据 synthetic", "责任单位 owner", "起 from_year", "止 to_year"]  # fmt: skip
        told = [
            [one.number, one.chapter, one.section, one.heading_zh, one.heading_en, one.operator, one.value_text, one.unit,
             one.due, one.basis, one.text, one.paragraph,
             " ".join(f"{each['year']}:{each['value']}" for each in told_of[one.number]["years"]), told_of[one.number]["kept"].value,
             "合成数据" if told_of[one.number]["is_synthetic"] else "", one.owner_zh, one.from_year or "", one.to_year or ""]
            for one in rows
        ]  # fmt: skip
        return csv_file(f"{plan.code}-commitments.csv", [names, *told])
    asked, kept_names = request.GET.get("kept", ""), plan_indicators.kept_words()
    states = [one["kept"] for one in told_of.values()]
    context = {
        "plan": plan, "day": day, "on": request.GET.get("on", ""), "years": list(plan.years), "kept": asked,
        "rows": [(one, told_of[one.number]) for one in rows if asked in ("", told_of[one.number]["kept"])],
        "tiles": [(one, kept_names[one], states.count(one)) for one in Kept if one in states], "total": len(rows),
        "synthetic": "part" if any(one["is_synthetic"] for one in told_of.values()) else "",
    }  # fmt: skip
    return render(request, "portal/plan/commitments.html", context)
