"""The words of an evaluation's report, from its frozen figures and the owners' replies alone; officers edit them afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from zhijian.apps.plan.monitoring import city_rules, rules
from zhijian.apps.plan.monitoring.models import Evaluation
from zhijian.apps.plan.monitoring.promise_rules import Kept, Shape
from zhijian.apps.plan.monitoring.rules import Certainty, Compared, Light, Note
from zhijian.standards import divisions

CAUSES = {  # what a cause may be; told apart, so that a changed definition is not taken for work done or left undone
    "definition": ("口径变化", "changed definition"), "base": ("基数影响", "effect of the base"),
    "external": ("外部冲击", "outside event"), "policy": ("政策和工作", "policy and work"), "data": ("数据", "data"),
}  # fmt: skip
KINDS = {"annual": ("年度监测分析", "annual monitoring"), "midterm": ("中期评估", "mid-term evaluation"),
         "final": ("总结评估", "final evaluation")}  # fmt: skip
LIGHTS = {
    Light.GREEN: ("达到进度", "on track"), Light.YELLOW: ("略慢于进度", "slightly behind"),
    Light.RED: ("明显落后", "clearly behind"), Light.OPEN: ("尚未达到目标", "target not met yet"),
    Light.GREY: ("没有可用数据", "no usable data"), Light.ATTAINED: ("实现目标", "attained"),
    Light.BASICALLY: ("基本实现", "basically attained"), Light.NOT_ATTAINED: ("没有实现", "not attained"),
    Light.NO_DATA: ("没有可用数据", "no usable data"),
}  # fmt: skip
NOTES = {
    Note.HOLD: ("目标与基期相同，只看是否保持", "target equals baseline: held or not"),
    Note.NO_BASELINE: ("没有基期值，不算进度", "no baseline, so no progress"),
    Note.TINY_SPAN: ("目标与基期相差很小，进度对小变化很敏感", "tiny span: progress is very sensitive"),
    Note.MOVING_AWAY: ("正在远离目标", "moving away from the target"),
    Note.STALE: ("数据超过15个月", "data older than 15 months"),
    Note.ESTIMATE: ("按预计值，待实际值", "estimate; final value due"),
    Note.QUALITY_D: ("数据质量D级，不能判为达到", "data of grade D cannot be green"),
    Note.DEFINITION: ("口径变化未经复核，不能判为达到", "the changed definition is not reviewed"),
}  # fmt: skip


KEPT = {
    Kept.KEPT: ("做到", "kept"), Kept.ON_WAY: ("至今每年做到", "kept in every year so far"),
    Kept.OPEN: ("没有到期", "not due yet"), Kept.BROKEN: ("没有做到", "not kept"),
    Kept.NO_DATA: ("没有报数或者缺年度", "no value, or a year lacks"),
}  # fmt: skip


def percent(share: str | None) -> str:
    """Write an exact share as a percentage with one decimal; '—' for none."""
    return "—" if share is None else f"{float(Fraction(share)) * 100:.1f}%"


def short(value: str | None) -> str:
    """Write a value of the frozen figures with its thousands, at most four digits after the point; '—' for none."""
    if value is None:
        return "—"
    told = f"{Decimal(value):,.4f}".rstrip("0").rstrip(".")
    return told or "0"


def rows(frozen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the table of the report: binding rows first, then in the order of the plan."""
    told = {one["number"]: one for one in frozen["data"]["indicators"]}
    made = [told[figure["number"]] | {"figure": figure} for figure in frozen["figures"]["figures"]]
    return sorted(made, key=lambda one: not one["is_binding"])


@dataclass(frozen=True)
class Reply:
    """What the owner of a row answered to its warning: causes by kind, what is meant to be done; empty where nothing came."""

    causes: Mapping[str, str]
    means: str
    due_on: date


def sections(one: Evaluation, replies: Mapping[str, Reply]) -> list[dict[str, str]]:
    """Write the sections of the report; `replies` are those to the warnings, by number."""
    table = rows(one.frozen)
    texts = [
        ("overall", "总体判断", "Overall judgement", _overall(one, table)),
        ("binding", "约束性指标", "Binding indicators", _listed([row for row in table if row["is_binding"]])),
        ("behind", "落后和没有实现的指标", "Indicators behind", _behind(table)),
        ("yearly", "年度目标", "Targets by year", _yearly(table, one.as_of)),
        ("commitments", "正文里的承诺", "Commitments of the text", _commitments(promises(one.frozen))),
        ("outlook", "趋势和预测", "Outlook", _outlook(table, is_over=Fraction(one.frozen["figures"]["elapsed"]) >= 1)),
        ("cities", "各市的贡献和同类比较", "Cities: contribution and comparison", _cities(table)),
        ("projects", "重点任务和经费", "Tasks and their money", _projects(one.frozen["data"].get("money", []))),
        ("late", "迟到的数据会改变什么", "What late data may change", _late(one.frozen)),
        ("quality", "数据质量", "Quality of data", _quality(table)),
        ("causes", "问题和原因", "Problems and causes", _causes(table, promises(one.frozen), replies)),
        ("measures", "措施和调整建议", "Measures and adjustments", _measures(table)),
    ]  # fmt: skip
    return _written(texts)


def annexes(one: Evaluation) -> list[dict[str, str]]:
    """Write what stands at the end: the error of samples, and what each row counts and where it comes from."""
    table = rows(one.frozen)
    return _written([
        ("sampling", "附：抽样的误差", "Annex: sampling", _sampling(table)),
        ("definitions", "附：定义和数据来源", "Annex: definitions and sources", _definitions(table)),
    ])  # fmt: skip


def _written(texts: Sequence[tuple[str, str, str, str]]) -> list[dict[str, str]]:
    return [
        {"key": key, "title_zh": title, "title_en": english, "text": text}
        for key, title, english, text in texts
    ]


def restated(one: Evaluation, before: Evaluation | None) -> list[dict[str, str]]:
    """Write what an edition changes of the one before, row by row; nothing for a first edition."""
    if before is None:
        return []
    old = {row["number"]: row["figure"]["judged"] for row in rows(before.frozen)}
    told = [
        f"{row['number']} {row['name_zh']}：{_told(old.get(row['number']))}改为{_told(row['figure']['judged'])}。"
        for row in rows(one.frozen)
        if _told(old.get(row["number"])) != _told(row["figure"]["judged"])
    ]
    index = [edition.frozen["figures"]["composite"]["index"] for edition in (before, one)]
    head = f"上一版（第{before.edition}版）继续公布，不改动。综合进度指数由{percent(index[0])}改为{percent(index[1])}。"
    return [{
        "key": "restated", "title_zh": "与上一版的不同", "title_en": "What this edition restates",
        "text": "\n".join([head, *told] if told else [head, "各项的值和判断都没有变。"]),
    }]  # fmt: skip


def _told(judged: Mapping[str, Any] | None) -> str:
    if judged is None:
        return "没有这一项"
    mark = "（预计值）" if Note.ESTIMATE in judged["notes"] else ""
    return f"{short(judged['value'])}{mark}、{LIGHTS[Light(judged['light'])][0]}"


def promises(frozen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the commitments with what was judged of each, in the order of the plan; none where they were not frozen."""
    told = {one["number"]: one for one in frozen["data"].get("commitments", [])}
    return [told[one["number"]] | {"figure": one} for one in frozen["figures"].get("commitments", [])]


def kept_counts(table: Sequence[Mapping[str, Any]]) -> dict[Kept, int]:
    """Return how many commitments stand where."""
    states = [row["figure"]["judged"]["kept"] for row in table]
    return {kept: states.count(kept) for kept in Kept if kept in states}


def years_told(row: Mapping[str, Any]) -> str:
    """Say of a commitment what was reported, year by year; a floor's missed years are marked."""
    judged, series = row["figure"]["judged"], row["figure"]["series"]
    missed = set((judged["years"] or {}).get("missed", []))
    told = [
        f"{year}年{short(value)}{'（未达到）' if int(year) in missed else ''}"
        for year, value in series.items()
    ]
    lacking = [f"{year}年缺" for year in (judged["years"] or {}).get("missing", [])]
    return "，".join(told + lacking) if told else "没有报数"


def promised(row: Mapping[str, Any]) -> str:
    """Write what a commitment promises: 每年≥600000批次, 2025年底前做到, 100%."""
    promise = row["figure"]["promise"]
    if promise["target"] is None:
        return f"{promise['due_on'][:4]}年底前做到"
    sign = "≤" if promise["is_at_most"] else "≥"
    if promise["shape"] == Shape.FLOOR:
        return f"每年{sign}{short(promise['target'])}{row['unit_zh']}"
    return f"到{promise['due_on'][:4]}年{sign}{short(promise['target'])}{row['unit_zh']}"


def _commitments(table: Sequence[Mapping[str, Any]]) -> str:
    if not table:
        return "这份评估冻结数据时没有登记承诺的值。"
    told = "、".join(f"{KEPT[kept][0]}{count}项" for kept, count in kept_counts(table).items())
    lines = [
        f"规划正文有{len(table)}项有数字或者期限的承诺：{told}。年度承诺逐年判断，一年没有达到，各年平均达到也不算做到；"
        "比例和有无的承诺看最新的值；没有报数的不算做到。"
    ]
    lines += [
        f"{row['number']} {row['name_zh']}：{promised(row)}；{years_told(row)}；没有做到。"
        for row in table
        if row["figure"]["judged"]["kept"] == Kept.BROKEN
    ]
    return "\n".join(lines)


def counted(table: Sequence[Mapping[str, Any]]) -> dict[Light, int]:
    """Return how many rows have which light, in the order of the lights."""
    lights = [row["figure"]["judged"]["light"] for row in table]
    return {light: lights.count(light) for light in Light if light in lights}


def _overall(one: Evaluation, table: Sequence[Mapping[str, Any]]) -> str:
    figures = one.frozen["figures"]
    told = "、".join(f"{LIGHTS[light][0]}{count}项" for light, count in counted(table).items())
    index, binding = figures["composite"], figures["binding"]
    return (
        f"截至{one.as_of.year}年{one.as_of.month}月{one.as_of.day}日，规划期已过{percent(figures['elapsed'])}。"
        f"{len(table)}项指标中，{told}。综合进度指数{percent(index['index'])}，计入{index['counted']}项，"
        f"没有进度或者没有数据、未计入{index['left_out']}项；约束性指标的指数{percent(binding['index'])}。"
        "每项按自己数据日期的时间进度判断；指数对每项封顶100%，超额完成的不弥补没有完成的。"
    )


def _line(row: Mapping[str, Any]) -> str:
    figure = row["figure"]
    judged = figure["judged"]
    notes = "".join(f"，{NOTES[Note(note)][0]}" for note in judged["notes"])
    value = "无数据" if judged["value"] is None else f"{short(judged['value'])}{row['unit_zh']}"
    baseline = "无" if row["baseline"] is None else row["baseline"]
    return (
        f"{row['number']} {row['name_zh']}：基期{baseline}，目标{'≤' if row['is_at_most'] else ''}{row['target']}，现值{value}，"
        f"进度{percent(judged['progress'])}，{LIGHTS[Light(judged['light'])][0]}{notes}。"
    )


def _listed(table: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(_line(row) for row in table) or "没有。"


def _behind(table: Sequence[Mapping[str, Any]]) -> str:
    slow = {
        Light.YELLOW,
        Light.RED,
        Light.OPEN,
        Light.NOT_ATTAINED,
        Light.BASICALLY,
        Light.GREY,
        Light.NO_DATA,
    }
    return _listed([row for row in table if row["figure"]["judged"]["light"] in slow])


def _outlook(table: Sequence[Mapping[str, Any]], *, is_over: bool) -> str:
    cast = [row for row in table if row["figure"]["forecast"]]
    if is_over:
        late = f"末年还没有值的{len(cast)}项按趋势推算，见趋势预测表。" if cast else "不再预测。"
        return f"规划期已满，{late}"
    doubtful = [row for row in cast if row["figure"]["forecast"]["chance"] < LIKELY]
    told = [_cast(row) for row in doubtful]
    if cast:
        told.insert(
            0,
            f"按年度值（含基期）的直线趋势推算{len(cast)}项到期末：{len(cast) - len(doubtful)}项达到目标的可能性不低于一半，"
            f"{len(doubtful)}项低于一半。各项的推算值和区间见趋势预测表。",
        )
    few = len(table) - len(cast)
    if few:
        told.append(f"{few}项不作预测：年度值还不足4个，或者是规划期内的新增数，只按进度判断。")
    return "\n".join(told)


LIKELY = 0.5
AREA_KINDS = {"core": ("珠三角核心区", "Pearl River Delta"), "coast": ("沿海经济带", "coastal belt"),
              "north": ("北部生态发展区", "northern ecological area")}  # fmt: skip


def area_zh(code: str) -> str:
    """Write a city shortly: 广州, without 市."""
    found = divisions.find(code)
    return found.name.removesuffix("市") if found else code


def points(share: str) -> str:
    """Write percentage points with their sign and two decimals."""
    return f"{float(Fraction(share)):+.2f}"


def with_cities(table: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows that cities reported with numerator and denominator."""
    return [row for row in table if row["figure"].get("cities")]


def _cities(table: Sequence[Mapping[str, Any]]) -> str:
    told = with_cities(table)
    if not told:
        return "没有分市报来、带分子和分母的指标，不作分市比较。"
    return "\n".join(line for row in told for line in _of_cities(row))


def _cast(row: Mapping[str, Any]) -> str:
    found = row["figure"]["forecast"]
    return (
        f"{row['number']} {row['name_zh']}：按趋势到期末为{found['value']:,.2f}{row['unit_zh']}"
        f"（95%区间{found['low']:,.2f}至{found['high']:,.2f}，{found['points']}个年度值），达到目标的可能性{found['chance'] * 100:.0f}%。"
    )


def _worst(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the three cities at most that keep a rate from its target, the worst first."""
    sign = -1 if row["is_at_most"] else 1
    return [one for one in row["figure"]["cities"]["rows"] if sign * Fraction(one["points"]) < 0][:3]


def _of_cities(row: Mapping[str, Any]) -> list[str]:
    cities, worst = row["figure"]["cities"], _worst(row)
    gap = Fraction(cities["percent"]) - Fraction(row["target"])
    named = "、".join(f"{area_zh(one['area'])}（{points(one['points'])}）" for one in worst)
    lacking = "、".join(map(area_zh, cities["lacking"]))
    lines = [
        f"{row['number']} {row['name_zh']}，{cities['year']}年{len(cities['rows'])}个市报数"
        f"{f'（缺{lacking}，不按零算）' if lacking else ''}：合计{float(Fraction(cities['percent'])):.2f}%，"
        f"与目标{'≤' if row['is_at_most'] else ''}{row['target']}%相差{points(str(gap))}个百分点。"
        + (f"差距主要来自{named}个百分点。" if worst else "没有哪个市拖后。")
    ]
    return lines + [f"{AREA_KINDS[group['kind']][0]}：{_group(group['rows'])}" for group in cities["groups"]]


def _group(rows_: Sequence[Mapping[str, Any]]) -> str:
    """Say who differs from whom by more than chance, among cities of like kind."""
    if len(rows_) < 2:
        return "只有一行，不作比较。"
    told = [Compared(**one) for one in rows_]
    ends = [pick(told, key=lambda one: one.percent) for pick in (max, min)]
    names = ["、".join(map(area_zh, one.areas)) for one in ends]
    shares = [f"{one.percent:.2f}%（{one.low:.2f}至{one.high:.2f}）" for one in ends]
    verdict = "区间不重叠，差别不是偶然" if city_rules.apart(told) else "区间重叠，不能说谁好谁差"
    return f"最高{names[0]}{shares[0]}，最低{names[1]}{shares[1]}，{verdict}。"


def _late(frozen: Mapping[str, Any]) -> str:
    late = frozen["figures"].get("late")
    if late is None:
        return "这份评估冻结数据时没有算迟到数据的影响。"
    names = {one["number"]: one["name_zh"] for one in frozen["data"]["indicators"]}
    told = [
        f"没有计入指数的项若全部为零，综合进度指数是{percent(late['low'])}；若全部达标，是{percent(late['high'])}。"
    ]
    for row in late["rows"]:
        trend = f"，若按趋势为{LIGHTS[Light(row['if_trend'])][0]}" if row["if_trend"] else ""
        told.append(
            f"{row['number']} {names[row['number']]}缺{row['year']}年的值：现在判为{LIGHTS[Light(row['light'])][0]}，"
            f"若与上年相同为{LIGHTS[Light(row['if_still'])][0]}{trend}。{_late_cities(row['cities'])}"
        )
    if not late["rows"]:
        told[0] += "没有迟到的年度值。"
    return "\n".join([*told, *_late_quarters(frozen, names), *_late_counties(frozen, names)])


def _late_counties(frozen: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Write which counties keep their city from a value, row by row and city by city."""
    lines = []
    for figure in frozen["figures"]["figures"]:
        told = [
            f"{area_zh(one['city'])}缺{'、'.join(map(area_zh, one['lacking']))}{one['year']}年"
            + (f"第{one['quarter']}季度" if one["quarter"] else "")
            + "的值"
            for one in figure.get("late_counties", [])
        ]
        if told:
            lines.append(
                f"{figure['number']} {names[figure['number']]}按县（区）填报：{'；'.join(told)}，缺的市不合计，不按零算。"
            )
    return lines


def _late_quarters(frozen: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Write which quarters are late, row by row; where only some cities reported, which are not there."""
    lines = []
    for figure in frozen["figures"]["figures"]:
        told = [_late_quarter(one) for one in figure.get("late_quarters", [])]
        if told:
            lines.append(f"{figure['number']} {names[figure['number']]}按季填报：{'；'.join(told)}。")
    return lines


def _late_quarter(one: Mapping[str, Any]) -> str:
    where = "、".join(map(area_zh, one["lacking"]))
    return f"缺{one['year']}年第{one['quarter']}季度" + (f"（{where}没有报数，全省不合计）" if where else "")


def _late_cities(late: Mapping[str, Any] | None) -> str:
    if late is None:
        return ""
    lacking = "、".join(map(area_zh, late["lacking"]))
    reported = f"{float(Fraction(late['reported'])):.2f}%"
    if late["as_before"] is None:
        return f"缺{lacking}；已报的市合计{reported}，缺的市从未报过，不作估计。"
    ends = [f"{float(Fraction(late[name])):.2f}%" for name in ("as_before", "low", "high")]
    return (
        f"缺{lacking}；已报的市合计{reported}，缺的市若与上次相同，全省{ends[0]}，{LIGHTS[Light(late['if_as_before'])][0]}；"
        f"最坏{ends[1]}，最好{ends[2]}。"
    )


def _quality(table: Sequence[Mapping[str, Any]]) -> str:
    grades = [row["figure"]["grade"] or "无" for row in table]
    told = "、".join(f"{grade}级{grades.count(grade)}项" for grade in "ABCD" if grade in grades)
    late = [
        f"{row['number']}缺{'、'.join(map(str, row['figure']['missing_years']))}年"
        for row in table
        if row["figure"]["missing_years"]
    ]
    lacking = [
        f"{row['number']}缺{row['figure']['missing_areas']}个地市"
        for row in table
        if row["figure"]["missing_areas"]
    ]
    gaps = "；".join(late + lacking) or "没有缺口"
    return f"按完整、及时、可追溯、独立复核四项评级：{told or '没有数据'}。缺口：{gaps}。D级数据不判为达到。"


def _yearly(table: Sequence[Mapping[str, Any]], as_of: date) -> str:
    """Write which rows met the targets that were set for each year up to a day."""
    split = [row for row in table if row["figure"].get("years")]
    if not split:
        return "没有把指标分解到年度的目标，只按规划路径判断。"
    lines = [f"{len(split)}项指标分解到年度；一年没有达到，以后达到也照样写明。"]
    for row in split:
        told = [_year_told(one) for one in row["figure"]["years"] if one["year"] <= as_of.year]
        lines += [f"{_named(row)}：{'，'.join(told)}。"] if told else []
    return "\n".join(lines)


def _year_told(one: Mapping[str, Any]) -> str:
    state = {True: "达到", False: "没有达到", None: "还没有值"}[one["is_met"]]
    return f"{one['year']}年目标{short(str(one['target']))}，{state}"


def _projects(rows_: Sequence[Mapping[str, Any]]) -> str:
    """Write the money of each task: planned, spent, and what it brought where that is counted in one unit."""
    by_task: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows_:
        by_task.setdefault(row["paragraph"], []).append(row)
    told = [_project(number, group) for number, group in sorted(by_task.items())]
    return "\n".join(told) or "没有已复核的经费。没有填报不等于没有开展。"


def _project(number: str, group: Sequence[Mapping[str, Any]]) -> str:
    planned, spent = (
        sum((Decimal(row[name]) for row in group), Decimal(0)) for name in ("planned_yuan", "spent_yuan")
    )
    share = rules.execution_percent(spent, planned)
    years = "、".join(f"{row['year']}年" for row in group)
    units = {row["output_unit"] for row in group if row["output"] is not None}
    text = f"{number} {group[0]['heading_zh']}（{years}）：预算{planned / 10_000:,.2f}万元，支出{spent / 10_000:,.2f}万元"
    text += f"，执行率{share:.1f}%" if share is not None else ""
    if len(units) != 1 or any(row["output"] is None for row in group):
        return f"{text}；产出没有计数，或者单位不同，不算单位产出。"
    output, unit = sum((Decimal(row["output"]) for row in group), Decimal(0)), units.pop()
    per_yuan = rules.output_per_yuan(output, spent)
    per = f"，每万元{per_yuan * 10_000:,.2f}{unit}" if per_yuan is not None else ""
    return f"{text}；产出{short(str(output))}{unit}{per}。"


CERTAINTIES = {
    Certainty.CONFIRMED: "区间全在达标一侧，确认达标", Certainty.POINT_ONLY: "点估计达标，区间跨过目标",
    Certainty.NOT_SIGNIFICANT: "点估计未达标，差异不显著", Certainty.MISSED: "区间全在未达标一侧",
}  # fmt: skip


def _sampling(table: Sequence[Mapping[str, Any]]) -> str:
    sampled = [row for row in table if row["figure"]["interval"]]
    if not sampled:
        return "没有带分子和分母的抽样指标，不算区间。"
    return "\n".join(
        f"{row['number']} {row['name_zh']}：{short(row['figure']['judged']['value'])}%，95%区间（Wilson法）"
        f"{row['figure']['interval'][0]:.2f}%至{row['figure']['interval'][1]:.2f}%，目标{'≤' if row['is_at_most'] else '≥'}{row['target']}%："
        f"{CERTAINTIES[Certainty(row['figure']['certainty'])]}。"
        for row in sampled
    )  # fmt: skip


def _definitions(table: Sequence[Mapping[str, Any]]) -> str:
    """Write what each row counts and where its value comes from; what the plan does not define says so."""
    return "\n".join(
        f"{row['number']} {row['name_zh']}（{row['unit_zh']}）：{_stop(row.get('definition_zh') or '规划没有给出定义')}"
        + (f"数据来源：{_stop(row['obtained_zh'])}" if row.get("obtained_zh") else "")
        for row in table
    )


_BEHIND = frozenset({Light.YELLOW, Light.RED, Light.OPEN, Light.NOT_ATTAINED, Light.BASICALLY})


def _causes(
    table: Sequence[Mapping[str, Any]], text: Sequence[Mapping[str, Any]], replies: Mapping[str, Reply]
) -> str:
    """Write each cause under its kind: what the figures themselves show, then what owners replied; nothing is guessed."""
    slow = [row for row in table if Light(row["figure"]["judged"]["light"]) in _BEHIND]
    broken = [row for row in text if row["figure"]["judged"]["kept"] == Kept.BROKEN]
    behind = {row["number"] for row in [*slow, *broken]}
    lines = [f"{_named(row)}：{''.join(_seen(row) + _replied(replies.get(row['number'])))}" for row in slow]
    lines += [f"{_named(row)}：{''.join(_replied(replies.get(row['number'])))}" for row in broken]
    lines += [
        f"{_named(row)}：现在不再落后。{''.join(_replied(replies[row['number']]))}"
        for row in [*table, *text]
        if row["number"] not in behind and row["number"] in replies and replies[row["number"]].causes
    ]
    if not lines:
        return "没有落后的指标和没有做到的承诺。"
    kinds = "、".join(zh for zh, _en in CAUSES.values())
    return "\n".join([f"原因分{kinds}五种，分开写；没有依据的原因不写。", *lines])


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['number']} {row['name_zh']}"


def _seen(row: Mapping[str, Any]) -> list[str]:
    """Say what the figures show by themselves: a changed definition, and a base that makes progress hypersensitive."""
    broken, notes, told = row.get("break"), row["figure"]["judged"]["notes"], []
    if broken:
        state = "已复核" if broken["is_reviewed"] else "还没有复核"
        base = f"，基期按新口径为{broken['baseline']}" if broken["baseline"] is not None else ""
        told.append(f"口径自{broken['year']}年有变化（{broken['reason']}{base}，{state}）。")
    if Note.TINY_SPAN in notes:
        told.append("基数影响：目标与基期相差很小，小的变化就会大幅改变进度。")
    return told


def _replied(one: Reply | None) -> list[str]:
    if one is None:
        return ["还没有向责任单位提出预警。"]
    if not one.causes:
        return [f"责任单位还没有答复（{one.due_on.year}年{one.due_on.month}月{one.due_on.day}日前应答复）。"]
    told = [f"{zh}：{_stop(one.causes[kind])}" for kind, (zh, _en) in CAUSES.items() if kind in one.causes]
    return [*told, f"责任单位打算：{_stop(one.means)}"]


def _stop(text: str) -> str:
    return text if text.endswith(("。", "！", "？", ".")) else f"{text}。"


def _measures(table: Sequence[Mapping[str, Any]]) -> str:
    told = []
    for row in table:
        needed = row["figure"]["needed"]
        if needed and row["figure"]["judged"]["light"] in (Light.YELLOW, Light.RED):
            hard = "，超过历年最大增幅的1.5倍，按现有做法难以达到" if needed["is_infeasible"] else ""
            told.append(
                f"{row['number']} {row['name_zh']}：今后每年需要变化{float(needed['step']):.3g}{row['unit_zh']}{hard}。"
            )
    return "\n".join(told) or "没有需要加快的指标，或者规划期已满。目标的调整按程序提出，本报告不改动目标。"


def summary_en(one: Evaluation) -> str:
    """Write the English summary from the same figures."""
    table, figures = rows(one.frozen), one.frozen["figures"]
    told = ", ".join(f"{count} {LIGHTS[light][1]}" for light, count in counted(table).items())
    slow = [
        f"{row['number']} {row['name_en']}"
        for row in table
        if row["figure"]["judged"]["light"] in (Light.RED, Light.NOT_ATTAINED)
    ]
    behind = "; ".join(slow) or "none"
    text = promises(one.frozen)
    kept = ", ".join(f"{count} {KEPT[state][1]}" for state, count in kept_counts(text).items())
    broken = "; ".join(
        f"{row['number']} {row['name_en']}" for row in text if row["figure"]["judged"]["kept"] == Kept.BROKEN
    )
    late = figures.get("late")
    doubt = (
        f" With all rows left out at nothing the index is {percent(late['low'])}, with all of them met {percent(late['high'])}."
        if late
        else ""
    )
    said = doubt + _forecasts_en(table) + _cities_en(table)
    said += f" Of {len(text)} commitments of the text: {kept}; not kept: {broken or 'none'}." if text else ""
    mark = " All values are synthetic and made for demonstration." if one.is_synthetic else ""
    return (
        f"{KINDS[one.kind][1].capitalize()} of the plan as of {one.as_of.isoformat()}; {percent(figures['elapsed'])} of the period is over. "
        f"Of {len(table)} indicators: {told}. The composite index is {percent(figures['composite']['index'])} "
        f"({figures['composite']['counted']} rows, {figures['composite']['left_out']} left out), that of the binding rows "
        f"{percent(figures['binding']['index'])}. Clearly behind or not attained: {behind}.{said}{mark}"
    )


def _forecasts_en(table: Sequence[Mapping[str, Any]]) -> str:
    cast = [row for row in table if row["figure"]["forecast"]]
    if not cast:
        return ""
    unlikely = [
        f"{row['number']} {row['name_en']} ({row['figure']['forecast']['low']:.2f} to {row['figure']['forecast']['high']:.2f})"
        for row in cast
        if row["figure"]["forecast"]["chance"] < LIKELY
    ]
    return (
        f" {len(cast)} rows are carried to the end of the period by their trend; less likely than not to attain "
        f"(95% interval): {'; '.join(unlikely) or 'none'}."
    )


def _cities_en(table: Sequence[Mapping[str, Any]]) -> str:
    told = []
    for row in with_cities(table):
        cities = row["figure"]["cities"]
        names = ", ".join(f"{area_en(one['area'])} {points(one['points'])}" for one in _worst(row))
        told.append(
            f" {row['number']} {row['name_en']} by city ({cities['year']}, {len(cities['rows'])} reported, "
            f"{len(cities['lacking'])} lacking): the gap to the target comes most from {names or 'no city'} (percentage points)."
        )
    return "".join(told)


def area_en(code: str) -> str:
    return divisions.name_in_english(code) or code
