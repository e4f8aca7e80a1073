"""Where each indicator of the plan stands: the table of all rows, and one page each with series, path, doubt, cities, origin."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.plan.monitoring import computed as computed_values
from zhijian.apps.plan.monitoring import counties, queries, reckoning, rules
from zhijian.apps.plan.monitoring.figures import Figure, Whole
from zhijian.apps.plan.monitoring.models import PROVINCE, DataPoint, Plan, PlanIndicator, PlanItem, PointKind
from zhijian.apps.plan.monitoring.promise_rules import Kept
from zhijian.apps.plan.monitoring.records import plain, plain_if
from zhijian.apps.plan.monitoring.rules import Basis, Certainty, Light, Note
from zhijian.portal.components import bar_chart, interval_chart, tile_map, trend_chart, words
from zhijian.portal.views import plan_computed, plan_counties, plan_quarters
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today
from zhijian.standards import plan as systems_of_the_plan

COLOURS = {
    Light.GREEN: "green", Light.YELLOW: "yellow", Light.RED: "red", Light.OPEN: "yellow", Light.ATTAINED: "done",
    Light.BASICALLY: "yellow", Light.NOT_ATTAINED: "red", Light.GREY: "none", Light.NO_DATA: "none",
}  # fmt: skip
KEPT_COLOURS = {
    Kept.KEPT: "done", Kept.ON_WAY: "green", Kept.OPEN: "none", Kept.BROKEN: "red", Kept.NO_DATA: "none",
}  # fmt: skip


def light_words() -> dict[str, str]:
    return {
        Light.GREEN: _("达到进度"), Light.YELLOW: _("略慢于进度"), Light.RED: _("明显落后"), Light.OPEN: _("尚未达到"),
        Light.GREY: _("没有可用数据"), Light.ATTAINED: _("实现"), Light.BASICALLY: _("基本实现"),
        Light.NOT_ATTAINED: _("没有实现"), Light.NO_DATA: _("没有可用数据"),
    }  # fmt: skip


def note_words() -> dict[str, str]:
    return {
        Note.HOLD: _("目标与基期相同，只看是否保持"), Note.NO_BASELINE: _("没有基期值，不算进度"),
        Note.TINY_SPAN: _("目标与基期相差很小，进度对小变化很敏感"), Note.MOVING_AWAY: _("正在远离目标"),
        Note.STALE: _("数据超过15个月"), Note.ESTIMATE: _("预计值，待实际值"),
        Note.QUALITY_D: _("数据质量D级，不能判为达到"), Note.DEFINITION: _("口径变化未经复核，不能判为达到"),
    }  # fmt: skip


def certainty_words() -> dict[str, str]:
    return {
        Certainty.CONFIRMED: _("区间全在达标一侧，确认"), Certainty.POINT_ONLY: _("只有点估计达标，区间跨过目标"),
        Certainty.NOT_SIGNIFICANT: _("点估计未达标，差异不显著"), Certainty.MISSED: _("区间全在未达标一侧"),
    }  # fmt: skip


def kept_words() -> dict[str, str]:
    return {
        Kept.KEPT: _("做到"), Kept.ON_WAY: _("至今每年做到"), Kept.OPEN: _("没有到期"), Kept.BROKEN: _("没有做到"),
        Kept.NO_DATA: _("没有报数或者缺年度"),
    }  # fmt: skip


def kind_words() -> dict[str, str]:
    return {
        PointKind.ACTUAL: _("实际值"),
        PointKind.ESTIMATE: _("预计值"),
        PointKind.PROVISIONAL: _("初步值"),
    }


def group_words() -> dict[str, str]:
    return {"core": _("珠三角核心区"), "coast": _("沿海经济带"), "north": _("北部生态发展区")}


def asked_plan(request: HttpRequest) -> Plan:
    """Return the plan that the address asks for, else the one of today.

    Raises:
        Http404: no plan is loaded, or none of that code.
    """
    code = request.GET.get("plan", "")
    found = Plan.objects.filter(code=code).first() if code else queries.plan_on(today())
    if found is None:
        raise Http404(_("还没有装入规划。"))
    return found


def asked_day(request: HttpRequest, plan: Plan) -> date:
    """Return the day of the figures: the end of the year that is asked for, mid-term, or today."""
    asked = request.GET.get("on", "")
    if asked == "midterm":
        return plan.midterm_on
    if asked.isdecimal() and len(asked) == 4 and int(asked) in plan.years:
        return min(date(int(asked), 12, 31), today())
    return today()


def number(value: Decimal | float | None) -> str:
    """Write a value without useless zeros, at most four digits after the point; '—' for none."""
    if value is None:
        return "—"
    told = f"{Decimal(str(value)):,.4f}".rstrip("0").rstrip(".")
    return told.replace("-", "−") or "0"


def percent(share: Fraction | None) -> str:
    return "—" if share is None else f"{float(share) * 100:.1f}%".replace("-", "−")


def name_of(row: PlanIndicator | PlanItem) -> str:
    return row.name_en if words.in_english() else row.name_zh


def unit_of(row: PlanIndicator | PlanItem) -> str:
    return row.unit_en if words.in_english() else row.unit_zh


def address_of(row: PlanIndicator | PlanItem) -> str:
    """Return where the public reads of a row."""
    if isinstance(row, PlanItem):
        return f"/plan/commitments/?plan={row.plan.code}#{row.number}"
    return f"/plan/indicators/{row.number}/?plan={row.plan.code}"


def of_earlier_year(year: int | None, due: int) -> list[str]:
    """Say that a value is of an earlier year than the one that is judged."""
    if year is None or year >= due:
        return []
    return [_("%(due)s年没有公布的值，这是%(year)s年的值") % {"year": year, "due": due}]


def due_year(last: int, day: date) -> int:
    """Return the year whose values are the newest that can be there on a day, at most the `last` of the plan."""
    return min(last, day.year if (day.month, day.day) == (12, 31) else day.year - 1)


def told(row: PlanIndicator, figure: Figure, due: int) -> dict[str, Any]:
    """Return what a table says of one row; `due` is the newest year that can have a value."""
    goal, judged = figure.goal, figure.judged
    year = figure.as_of.year if figure.as_of else None
    notes = note_words()
    return {
        "row": row, "figure": figure, "name": name_of(row), "unit": unit_of(row),
        "baseline": number(goal.baseline), "target": ("≤ " if goal.is_at_most else "") + number(goal.target),
        "value": number(judged.value), "progress": percent(judged.progress),
        "pace": "—" if judged.pace is None else f"{float(judged.pace):.2f}",
        "light": light_words()[judged.light], "colour": COLOURS[judged.light],
        "notes": [*of_earlier_year(year, due), *(notes[note] for note in judged.notes)], "year": year,
        "grade": figure.grade,
    }  # fmt: skip


def told_all(plan: Plan, whole: Whole) -> list[dict[str, Any]]:
    """Return what a table says of every row, in the order of the plan."""
    by_number = {one.number: one for one in whole.figures}
    due = due_year(plan.ends_on.year, whole.as_of)
    return [told(row, by_number[row.number], due) for row in queries.indicators(plan)]


def summary_tiles(whole: Whole) -> list[tuple[str, str]]:
    """Return the counts that stand above the table."""
    names = light_words()
    lights = [one.light for one in whole.figures]
    made = [(names[light], str(lights.count(light))) for light in Light if light in lights]
    return [
        *made,
        (_("综合进度指数"), percent(whole.composite.index)),
        (_("约束性指标指数"), percent(whole.binding.index)),
    ]


def indicators_page(request: HttpRequest) -> HttpResponse:
    """All rows of the plan at a day, binding ones first in their group; filtered by light; and as CSV."""
    plan = asked_plan(request)
    day = asked_day(request, plan)
    data = queries.data(plan, day, is_public=True)
    whole = reckoning.reckon(data)
    every = told_all(plan, whole)
    light = request.GET.get("light", "")
    rows = [one for one in every if light in ("", one["figure"].light)]
    has_synthetic = DataPoint.objects.filter(plan=plan, is_synthetic=True).exists()
    if request.GET.get("format") == "csv":
        return csv_file(f"{plan.code}-{day}.csv", _csv_rows(every, plan, day, has_synthetic))
    late = whole.late
    assert late is not None
    words_of = light_words()
    context = {
        "plan": plan, "plans": Plan.objects.all(), "day": day, "rows": rows, "origins": _origins(plan, every), "tiles": summary_tiles(whole),
        "elapsed": percent(whole.elapsed), "light": light,
        "lights": [(one, words_of[one]) for one in Light if one in {item["figure"].light for item in every}],
        "chart": progress_chart([_progress_row(one) for one in every], whole.elapsed), "on": request.GET.get("on", ""), "years": list(plan.years),
        "late": shown_late(reckoning.plain(asdict(late)), {row.number: (row.name_zh, row.name_en) for row in queries.indicators(plan)},
                           reckoning.plain([asdict(one) for one in whole.figures])),
        "synthetic": "part" if has_synthetic else "", "is_over": whole.elapsed >= 1,
    }  # fmt: skip
    return render(request, "portal/plan/indicators.html", context)


def shown_late(
    late: Mapping[str, Any], names: Mapping[str, tuple[str, str]], figures: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what a page says of late data: the span of the index, each late row with its late cities, late quarters."""
    lights = light_words()

    def share(told: str | None) -> str:
        return "" if told is None else f"{float(Fraction(told)):.2f}%"

    rows = []
    for one in late["rows"]:
        found = one["cities"]
        cities = found and {
            "lacking": (", " if words.in_english() else "、").join(map(tile_map.city_name, found["lacking"])),
            "reported": share(found["reported"]), "as_before": share(found["as_before"]), "low": share(found["low"]),
            "high": share(found["high"]), "light": lights[found["if_as_before"]] if found["if_as_before"] else "",
        }  # fmt: skip
        zh, en = names[one["number"]]
        rows.append({
            "number": one["number"], "name_zh": zh, "name_en": en, "year": one["year"], "light": lights[one["light"]],
            "if_still": lights[one["if_still"]], "if_trend": lights[one["if_trend"]] if one["if_trend"] else "—", "cities": cities,
        })  # fmt: skip
    ends = [None if late[name] is None else Fraction(late[name]) for name in ("low", "high")]

    def told(say: Callable[[Any], Iterable[str]], key: str) -> list[dict[str, str]]:
        return [
            {"number": one["number"], "name_zh": names[one["number"]][0], "name_en": names[one["number"]][1], "said": said}
            for one in figures
            for said in say(one.get(key, []))
        ]  # fmt: skip

    quarters, lacking = (
        told(plan_quarters.late_words, "late_quarters"),
        told(plan_counties.late_words, "late_counties"),
    )
    return {
        "rows": rows,
        "quarters": quarters,
        "counties": lacking,
        "low": percent(ends[0]),
        "high": percent(ends[1]),
    }


def _origins(plan: Plan, every: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say for each row how its value is obtained, and what last night's computation made of it."""
    found = computed_values.of_province(plan)
    return [
        {
            "row": one["row"], "name": one["name"], "unit": one["unit"], "computed": found.get(one["row"].number),
            "value": number(found[one["row"].number].value) if one["row"].number in found else "—",
        }
        for one in every
    ]  # fmt: skip


def _progress_row(one: Mapping[str, Any]) -> tuple[str, Fraction | None, str]:
    return (
        f"{one['row'].number} {one['name']}",
        one["figure"].judged.progress,
        f"{one['progress']} {one['light']}",
    )


def progress_chart(
    every: Sequence[tuple[str, Fraction | None, str]], elapsed: Fraction
) -> bar_chart.BarChart:
    """Draw the progress of each row (name, share, words), capped as in the index; what has none says so."""
    rows = [
        (name, None if share is None else min(1.0, max(0.0, float(share))), text)
        for name, share, text in every
    ]
    title = _("各指标的进度，时间进度%(share)s") % {"share": percent(elapsed)}
    return bar_chart.bars(title, rows, top=1.0, mark=min(1.0, float(elapsed)))


def _csv_rows(every: Sequence[dict[str, Any]], plan: Plan, day: date, has_synthetic: bool) -> list[list[Any]]:
    mark = "含合成数据；" if has_synthetic else ""
    head = [f"{plan.title_zh}；{mark}截至{day}"]
    names = ["序号 number", "指标 name_zh", "name_en", "单位 unit", "类型 basis", "约束性 binding", "基期 baseline", "目标 target",
             "现值 value", "数据日期 as_of", "性质 kind", "进度 progress", "步调 pace", "判断 light", "数据质量 grade",
             "预测 forecast", "下限 low", "上限 high", "达标可能 chance", "责任单位 owner"]  # fmt: skip
    rows = []
    for one in every:
        row, figure = one["row"], one["figure"]
        cast = figure.forecast
        rows.append([
            row.number, row.name_zh, row.name_en, row.unit_zh, row.basis, "yes" if row.is_binding else "", row.baseline_text,
            row.target_text, one["value"], figure.as_of or "", figure.kind, one["progress"], one["pace"], figure.light.value,
            figure.grade, *([f"{x:.4g}" for x in (cast.value, cast.low, cast.high, cast.chance)] if cast else ["", "", "", ""]),
            row.owner_zh,
        ])  # fmt: skip
    return [head, names, *rows]


def indicator_page(request: HttpRequest, number_: str) -> HttpResponse:
    """One indicator: what it is, the series beside the path, the projection with its doubt, the cities, who entered it."""
    plan = asked_plan(request)
    row = queries.indicator(plan, number_)
    if row is None:
        raise Http404
    day = asked_day(request, plan)
    figure = queries.figure(row, day)
    points = list(
        queries.points(plan, is_public=True)
        .filter(number=row.number)
        .select_related("entered_by__organisation", "confirmed_by__organisation")
        .order_by("-year", "-quarter", "area_code")
    )
    if request.GET.get("format") == "csv":
        return csv_file(f"{plan.code}-{row.number}.csv", _point_rows(row, points))
    cities = _newest(_of_cities(row, figure, points))
    kinds = kind_words()
    context = told(row, figure, due_year(plan.ends_on.year, day)) | {
        "plan": plan, "day": day, "versions": list(plan.indicator_versions.filter(number=row.number)),
        "chart": _series_chart(row, figure, plan), "series": _series_rows(row, figure, plan),
        "points": [(one, kinds[one.kind], plan_quarters.when(one.year, one.quarter)) for one in points if one.area_code == PROVINCE],
        "map": _map(row, cities), "city_when": plan_quarters.period(cities[0].year, cities[0].quarter) if cities else "",
        "counties": plan_counties.shown(points), "late_counties": list(plan_counties.late_words(asdict(one) for one in figure.late_counties)),
        "quarters": plan_quarters.shown(row, figure, unit_of(row)), "since": _so_far(figure),
        "cities": shown_cities(reckoning.plain(asdict(figure.cities))) if figure.cities else None,
        "missing_cities": reckoning.CITIES - len(cities) if cities else 0,
        "interval": figure.interval, "certainty": certainty_words().get(figure.certainty) if figure.certainty else "",
        "forecast": figure.forecast, "needed": figure.needed, "needed_step": number(figure.needed.step) if figure.needed else "",
        "chance": f"{figure.forecast.chance * 100:.0f}%" if figure.forecast else "",
        "computed": plan_computed.computed(row),
        "paragraphs": [one for one in queries.items(plan, PlanItem.PARAGRAPH) if row.number in one.indicators and one.is_task],
        "systems": [found for name in row.systems if (found := systems_of_the_plan.find(name))],
        "before": queries.earlier(row, is_public=True), "later": queries.later(row),
        "breaks": list(plan.breaks.filter(number=row.number)), "basis": basis_words()[row.basis],
        "synthetic": "part" if any(one.is_synthetic for one in points) else "",
        "definition": (row.definition_en if words.in_english() and row.definition_en else row.definition_zh),
    }  # fmt: skip
    return render(request, "portal/plan/indicator.html", context)


def _of_cities(row: PlanIndicator, figure: Figure, points: Sequence[DataPoint]) -> list[DataPoint]:
    """Return the cities' values: their own, and as rows that are not kept those that their counties make."""
    own = [one for one in points if one.area_code != PROVINCE and not counties.is_county(one.area_code)]
    return own + [
        DataPoint(plan=row.plan, number=row.number, area_code=one.city, year=one.year, quarter=one.quarter, value=one.value)
        for one in figure.of_counties
    ]  # fmt: skip


def _newest(points: Sequence[DataPoint]) -> list[DataPoint]:
    """Return the values of the newest year of the cities; where none is of a whole year, of their newest quarter."""
    some = [one for one in points if not one.quarter] or points
    newest = max(((one.year, one.quarter) for one in some), default=None)
    return [one for one in some if (one.year, one.quarter) == newest]


def _so_far(figure: Figure) -> str:
    """Say up to which quarter the newest value goes, where its year is not whole."""
    if not figure.so_far or figure.as_of is None:
        return ""
    told = {"when": plan_quarters.when(figure.as_of.year, figure.so_far)}
    if figure.goal.basis == Basis.NEW:
        return _("现值计到%(when)s，那一年还没有满。") % told
    return _("现值是%(when)s的，那一年还没有满。") % told


def basis_words() -> dict[str, str]:
    return {
        Basis.STOCK: _("累计数"), Basis.NEW: _("规划期内新增数，从零起算"), Basis.LEVEL: _("当年水平"),
        Basis.LOWER: _("当年水平，越低越好"),
    }  # fmt: skip


def _shown(figure: Figure) -> dict[int, Decimal]:
    """Return what is compared with the path: yearly values, for what is new in the period their running sum."""
    if figure.goal.basis != Basis.NEW:
        return figure.series
    total, made = Decimal(0), {}
    for year, value in sorted(figure.series.items()):
        total += value
        made[year] = total
    return made


def _path(row: PlanIndicator, figure: Figure, plan: Plan) -> dict[int, float]:
    first = plan.starts_on.year - 1
    whole = plan.ends_on.year - first
    made = {}
    for year in range(first, plan.ends_on.year + 1):
        value = rules.expected(figure.goal, Fraction(year - first, whole), is_geometric=row.is_geometric)
        if value is not None:
            made[year] = value
    return made


def _series_chart(row: PlanIndicator, figure: Figure, plan: Plan) -> Any:
    shown, path = _shown(figure), _path(row, figure, plan)
    lines: list[trend_chart.Series] = []
    before = queries.earlier(row, is_public=True)
    if before and before.series:
        lines.append(
            (_("上一规划期"), list(before.series), [float(value) for value in before.series.values()])
        )
    lines += _actual_lines(figure, shown, plan)
    if path:
        lines.append((_("计划路径"), list(path), list(path.values())))
    if figure.forecast and shown:
        last = max(shown)
        lines.append((_("趋势预测"), [last, plan.ends_on.year], [float(shown[last]), figure.forecast.value]))
    if not lines:
        return None
    lines = lines[-trend_chart.MOST_LINES :]  # the table below has them all
    title = _("%(name)s：各年和计划路径") % {"name": name_of(row)}
    every = [value for _name, _years, some in lines for value in some]
    is_close = min(every) > max(every) / 2  # from zero, such lines would lie on one another
    return trend_chart.draw(
        title, _("年（纵轴不从零起）") if is_close else _("年"), unit_of(row), lines,
        write=lambda value: f"{value:,.6g}", from_zero=not is_close,
    )  # fmt: skip


def _actual_lines(figure: Figure, shown: Mapping[int, Decimal], plan: Plan) -> list[trend_chart.Series]:
    """Return the line of what was reported; after a break of the series two, which are never joined."""
    if figure.comparable is None or figure.goal.basis == Basis.NEW:
        parts = [(_("实际"), shown)]
    else:
        since = max(one.year for one in plan.breaks.filter(number=figure.number))
        old = {year: value for year, value in shown.items() if year < since}
        parts = [(_("实际（旧口径）"), old), (_("实际（新口径）"), figure.comparable)]
    return [(name, list(some), [float(value) for value in some.values()]) for name, some in parts if some]


def _series_rows(row: PlanIndicator, figure: Figure, plan: Plan) -> list[dict[str, Any]]:
    shown, path, anew = _shown(figure), _path(row, figure, plan), figure.comparable or {}
    before = queries.earlier(row, is_public=True)
    earlier = before.series if before else {}
    targets = {one.year: one for one in figure.years}
    met = {True: _("达到"), False: _("没有达到"), None: ""}
    return [
        {"year": year, "value": number(figure.series.get(year, earlier.get(year))), "sum": number(shown.get(year)),
         "anew": number(anew.get(year)), "target": number(targets[year].target) if year in targets else "—",
         "met": met[targets[year].is_met] if year in targets else "", "path": number(round(path[year], 4)) if year in path else "—"}
        for year in sorted({*earlier, *shown, *path, *anew})
    ]  # fmt: skip


def _map(row: PlanIndicator, cities: Sequence[DataPoint]) -> tile_map.TileMap | None:
    if not cities:
        return None
    values: dict[str, float | None] = {one.area_code: float(one.value) for one in cities}
    return tile_map.fifths(
        values, title=_("各市的%(name)s") % {"name": name_of(row)}, href=lambda code: f"{address_of(row)}#c-{code}"
    )  # fmt: skip


def shown_cities(cities: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says of the cities of a row: what each adds to the gap, and those of like kind compared."""
    names, comma = group_words(), ", " if words.in_english() else "、"
    rows = [
        {
            "code": one["area"], "name": tile_map.city_name(one["area"]), "percent": f"{float(Fraction(one['percent'])):.2f}%",
            "weight": percent(Fraction(one["weight"])), "points": f"{float(Fraction(one['points'])):+.2f}".replace("-", "−"),
        }
        for one in cities["rows"]
    ]  # fmt: skip
    groups = []
    for group in cities["groups"]:
        told = [
            {
                "codes": one["areas"], "name": comma.join(map(tile_map.city_name, one["areas"])), "hits": one["hits"], "of": one["of"],
                "share": 100 * one["hits"] / one["of"], "percent": f"{100 * one['hits'] / one['of']:.2f}%", "low": one["low"],
                "high": one["high"], "interval": f"{one['low']:.2f}–{one['high']:.2f}%",
                "ratio": "—" if one["ratio"] is None else f"{one['ratio']:.2f}",
            }
            for one in group["rows"]
        ]  # fmt: skip
        chart = interval_chart.draw(
            names[group["kind"]],
            [(one["name"], one["share"], one["low"], one["high"], one["percent"]) for one in told],
        )
        groups.append({"name": names[group["kind"]], "chart": chart, "rows": told})
    return {
        "year": cities["year"], "percent": f"{float(Fraction(cities['percent'])):.2f}%", "rows": rows, "groups": groups,
        "lacking": comma.join(map(tile_map.city_name, cities["lacking"])), "missing": len(cities["lacking"]),
    }  # fmt: skip


def _point_rows(row: PlanIndicator, points: Sequence[DataPoint]) -> list[list[Any]]:
    names = ["地区 area", "年 year", "季度 quarter", "数据日期 as_of", "性质 kind", "值 value", "分子 numerator", "分母 denominator", "状态 state",
             "合成数据 synthetic", "依据 evidence"]  # fmt: skip
    return [
        [f"{row.number} {row.name_zh}（{row.unit_zh}）"], names,
        *[
            [one.area_code, one.year, one.quarter or "", one.as_of, one.kind, plain(one.value),
             plain_if(one.numerator) or "",
             plain_if(one.denominator) or "", one.state,
             "合成数据" if one.is_synthetic else "", one.evidence]
            for one in points
        ],
    ]  # fmt: skip
