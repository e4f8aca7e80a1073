"""The words of the thematic libraries: names of groups, the finding of an answer, and its picture."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhijian.datazone.theme.questions import FEWEST, Answer, Picture, Question, Row
from zhijian.engines.registers import code_lists
from zhijian.engines.registers.declaration import Label
from zhijian.portal.components import bar_chart, tile_map, trend_chart, words

MOST_BARS = 15
MOST_COHORTS = 4
LIBRARIES: Mapping[str, Label] = {
    "access": Label("市场准入", "Market access"),
    "supervision": Label("综合监管", "Comprehensive supervision"),
    "enforcement": Label("行政执法", "Administrative enforcement"),
}
ABOUT: Mapping[str, Label] = {
    "access": Label("谁在册、谁新来、谁离开、能存续几年。", "Who is there, who came, who left, and after how long."),
    "supervision": Label("检查了谁、发现了什么、列入和移出名录多少。", "Who was checked, what was found, who was listed and removed."),
    "enforcement": Label("处罚多少、罚款多少、哪些领域、谁再次受罚。", "Penalties, fines, fields of law, and who is punished again."),
}  # fmt: skip
HEADS: Mapping[str, Label] = {
    "prefecture": Label("地市", "Prefecture"), "county": Label("县区", "County"), "section": Label("行业", "Industry"),
    "kind": Label("主体类型", "Kind of entity"), "status": Label("状态", "Status"), "year": Label("年份", "Year"),
    "age": Label("存续年数", "Age in years"), "fact_kind": Label("事实种类", "Kind of fact"), "field": Label("领域", "Field of law"),
    "times": Label("受罚次数", "Times punished"),
}  # fmt: skip
_FACTS: Mapping[str, Label] = {
    "annual_report.published": Label("公示年报", "Annual report published"), "abnormal_list.listed": Label("列入经营异常名录", "Entered the abnormal list"),
    "abnormal_list.removed": Label("移出经营异常名录", "Removed from the abnormal list"), "serious_list.listed": Label("列入严重违法失信名单", "Entered the serious list"),
    "serious_list.removed": Label("移出严重违法失信名单", "Removed from the serious list"), "penalty.decided": Label("行政处罚决定", "Penalty decided"),
    "penalty.repaired": Label("处罚信用修复", "Penalty repaired"), "complaint.upheld": Label("投诉成立", "Complaint upheld"),
    "inspection.result": Label("检查结果", "Result of a check"), "sampling.result": Label("抽检结果", "Sampling result"),
    "licence.granted": Label("颁发许可", "Licence granted"), "registration.changed": Label("变更登记", "Registration changed"),
    "equipment.inspected": Label("特种设备检验", "Equipment inspected"), "product.failed": Label("产品不合格", "Product failed"),
    "dormancy.filed": Label("歇业备案", "Dormancy filed"),
}  # fmt: skip
_FIELDS: Mapping[str, Label] = {
    "food": Label("食品", "Food"), "product": Label("产品质量", "Product quality"), "advertising": Label("广告", "Advertising"),
    "price": Label("价格", "Price"), "registration": Label("登记", "Registration"), "equipment": Label("特种设备", "Special equipment"),
    "drug": Label("药品", "Medicine"), "trademark": Label("商标", "Trademarks"), "measurement": Label("计量", "Measurement"),
    "consumer": Label("消费者权益", "Consumer rights"), "competition": Label("竞争", "Competition"),
    "unfair_competition": Label("不正当竞争", "Unfair competition"), "medical_device": Label("医疗器械", "Medical devices"),
    "cosmetics": Label("化妆品", "Cosmetics"), "intellectual_property": Label("知识产权", "Intellectual property"),
}  # fmt: skip
_KINDS: Mapping[str, Label] = {**code_lists.KINDS, "individual": Label("个体工商户", "Individual business")}


def either(label: tuple[str, str]) -> str:
    """The page's language of a pair."""
    return label[1] if words.in_english() else label[0]


def label(dimension: str, code: Any) -> Label:
    """Name one group in both languages; the code itself where no list knows it."""
    if dimension in ("year", "age"):
        return Label(str(code), str(code))
    if dimension == "times":
        return Label(f"{code}次{'及以上' if code == 5 else ''}", f"{code}{' or more' if code == 5 else ''}")
    if dimension == "prefecture":
        return code_lists.prefecture_label(code)
    if dimension == "section":
        return code_lists.industry_section_label(code)
    if dimension == "county":
        name = code_lists.division_name(code)
        none = Label("未分到县区（含东莞、中山）", "No county (with Dongguan, Zhongshan)")
        return none if code is None else Label(name or code, name or code)
    known = {"kind": _KINDS, "status": code_lists.STATUSES, "fact_kind": _FACTS, "field": _FIELDS}[dimension]
    return known.get(code, Label(code, code) if code else Label("未载明", "Not stated"))


def name(dimension: str, code: Any) -> str:
    """A group in the page's language; a city by its short name, as on the map."""
    if dimension == "prefecture" and code is not None:
        return tile_map.city_name(code)
    return either(label(dimension, code))


def amount(question: Question, value: float) -> str:
    """A value with its unit: `1.2万户`, `27,500 entities`, `CNY 3.71 million`."""
    text = words.number(int(value) if value == int(value) else round(value, 2))
    if not words.in_english():
        return text + question.unit[0]
    return f"CNY {text}" if question.unit[1] == "CNY" else f"{text} {question.unit[1]}"


def told(question: Question, row: Row) -> str:
    """What stands beside a bar or in a title: the share, the count, or why there is no share."""
    if not question.is_share:
        return amount(question, row.value)
    if row.share is None:
        return _("%(value)s/%(base)s（不足%(fewest)s，不算比例）") % {
            "value": int(row.value), "base": row.base, "fewest": FEWEST,
        }  # fmt: skip
    return f"{100 * row.share:.1f}%"


def finding(answer: Answer) -> str:
    """The title: what the answer says, in one sentence."""
    question, rows = answer.question, [row for row in answer.rows if row.group is not None]
    if not rows:
        return _("没有符合条件的记录")
    if question.picture is Picture.SURVIVAL:
        return _survival_finding(answer)
    if question.picture is Picture.LINE:
        return _trend_finding(answer)
    if question.picture is Picture.STACK:
        return _stack_finding(question, rows)
    known = [row for row in rows if not question.is_share or row.share is not None]
    if not known:
        return _("每组都不足%(fewest)s，只列数目") % {"fewest": FEWEST}
    most, least = known[0], known[-1]
    values = {
        "most": name(question.by, most.group), "high": told(question, most), "n": len(known),
        "least": name(question.by, least.group), "low": told(question, least),
    }  # fmt: skip
    if len(known) == 1:
        return _("%(most)s：%(high)s") % values
    if question.is_share:
        return _("%(most)s最高，%(high)s；%(least)s最低，%(low)s") % values
    return _("%(most)s最多，%(high)s；%(least)s最少，%(low)s") % values


def _stack_finding(question: Question, rows: list[Row]) -> str:
    shares = [row for row in rows if row.share is not None and row.part is not None]
    if not shares:
        return _("每组都不足%(fewest)s，只列数目") % {"fewest": FEWEST}
    first = min({str(row.part) for row in shares}, key=lambda part: (part not in ("active", "1"), part))
    of = sorted((row for row in shares if str(row.part) == first), key=lambda row: -(row.share or 0))
    return _("“%(part)s”的占比：%(most)s最高，%(high)s；%(least)s最低，%(low)s") % {
        "part": name(question.part or "", of[0].part),
        "most": name(question.by, of[0].group), "high": told(question, of[0]),
        "least": name(question.by, of[-1].group), "low": told(question, of[-1]),
    }  # fmt: skip


def _trend_finding(answer: Answer) -> str:
    question = answer.question
    first = answer.rows[0].part
    whole = [row for row in answer.rows if row.part == first and answer.is_complete(row.group)]
    if not whole:
        return _("还没有一个完整的年份")
    last = whole[-1]
    lead = f"{name(question.part, first)}：" if question.part else ""
    if words.in_english() and lead:
        lead = f"{name(question.part or '', first)}: "
    values = {"year": last.group, "value": amount(question, last.value)}
    before = next((row for row in whole if row.group == last.group - 1 and row.value >= FEWEST), None)
    if before is None:
        return lead + _("%(year)s年%(value)s") % values
    change = 100 * (last.value - before.value) / before.value
    values["change"] = f"{abs(change):.1f}%"
    text = (
        _("%(year)s年%(value)s，比上年多%(change)s")
        if change >= 0
        else _("%(year)s年%(value)s，比上年少%(change)s")
    )
    return lead + text % values


def _cohorts(answer: Answer) -> list[int]:
    """Up to four founding years: the newest with two years behind them, and those 3, 6 and 9 years before."""
    told_years = {row.part for row in answer.rows if row.group == 2 and row.share is not None}
    newest = max(told_years, default=None)
    return (
        []
        if newest is None
        else [y for y in (newest - 3 * n for n in range(MOST_COHORTS)) if y in told_years]
    )


def _survival_finding(answer: Answer) -> str:
    cohorts = _cohorts(answer)
    if not cohorts:
        return _("没有满两年而又不少于%(fewest)s户的年份") % {"fewest": FEWEST}
    of = [row for row in answer.rows if row.part == cohorts[0] and row.share is not None]
    oldest = max(of, key=lambda row: row.group)
    return _("%(year)s年设立的主体，满%(age)s年时仍有%(share)s存续") % {
        "year": cohorts[0], "age": oldest.group, "share": told(answer.question, oldest),
    }  # fmt: skip


def picture(answer: Answer) -> dict[str, Any]:
    """The picture of an answer by the name under which the page draws it."""
    question, title = answer.question, finding(answer)
    if question.picture is Picture.TILES:
        return {"map": _tiles(answer, title)}
    if question.picture is Picture.STACK:
        return {"bars": _stack(answer, title)}
    if question.picture is Picture.BARS:
        rows = [
            (name(question.by, row.group), row.share if question.is_share else row.value, told(question, row))
            for row in answer.rows[:MOST_BARS]
        ]
        return {"bars": bar_chart.bars(title, rows), "left_out": max(0, len(answer.rows) - MOST_BARS)}
    return {"lines": _lines(answer, title)}


def _tiles(answer: Answer, title: str) -> tile_map.TileMap:
    question = answer.question

    def href(code: str) -> str:
        return f"#row-{code}"

    if not question.is_share:
        return tile_map.counts({row.group: int(row.value) for row in answer.rows}, title=title, href=href)
    shares = {row.group: None if row.share is None else 100 * row.share for row in answer.rows}
    return tile_map.fifths(shares, title=title, href=href)


def _stack(answer: Answer, title: str) -> bar_chart.BarChart:
    question = answer.question
    order = list(code_lists.STATUSES) if question.part == "status" else []
    parts = sorted(
        {row.part for row in answer.rows},
        key=lambda p: (order.index(p) if p in order else len(order), str(p)),
    )
    groups = list(dict.fromkeys(row.group for row in answer.rows))
    cells = {(row.group, row.part): row for row in answer.rows}
    rows = []
    for group in groups:
        of = [cells.get((group, part)) for part in parts]
        shares = [100 * (row.share or 0) if row else 0.0 for row in of]
        rows.append(
            (name(question.by, group), shares if any(shares) else None, _("不足%(n)s，见表") % {"n": FEWEST})
        )
    return bar_chart.parts(title, [name(question.part or "", part) for part in parts], rows)


def _lines(answer: Answer, title: str) -> Any:
    question = answer.question
    if question.picture is Picture.SURVIVAL:
        of = {
            year: [r for r in answer.rows if r.part == year and r.share is not None]
            for year in _cohorts(answer)
        }
        series = [
            (
                _("%(year)s年设立") % {"year": year},
                [r.group for r in rows],
                [100 * (r.share or 0) for r in rows],
            )
            for year, rows in of.items()
        ]
        return trend_chart.draw(
            title, _("存续年数"), _("仍存续（%）"), series, write=lambda value: f"{value:.0f}%", top=100
        )
    parts = list(dict.fromkeys(row.part for row in answer.rows))
    lines = []
    for part in parts:
        rows = [row for row in answer.rows if row.part == part]
        title_of = name(question.part, part) if question.part else either(question.counted)
        lines.append((title_of, [r.group for r in rows], [float(r.value) for r in rows]))
    year = answer.as_of.year
    return trend_chart.draw(
        title, _("年份"), either(question.unit), lines, write=lambda value: _axis(value),
        break_after=None if answer.is_complete(year) else year - 1,
        break_text=_("%(year)s年只到%(day)s") % {"year": year, "day": words.day(answer.as_of, within=year)},
    )  # fmt: skip


def _axis(value: float) -> str:
    if words.in_english() and value >= 10_000:
        return f"{value / 1000:,.0f}k"
    return words.number(int(value))


def table(answer: Answer) -> dict[str, Any]:
    """The answer as a table: the same rows as the picture, with nothing left out."""
    question = answer.question
    heads = [either(HEADS[question.by]), *([either(HEADS[question.part])] if question.part else [])]
    numbers = [f"{_('数目')} {either(question.unit)}"]
    if question.base:
        numbers += [_("基数"), _("占比")]
    rows = []
    for row in answer.rows:
        cells = [f"{row.value:,}"]
        if question.base:
            cells += [f"{row.base or 0:,}", "—" if row.share is None else f"{100 * row.share:.1f}%"]
        part = name(question.part, row.part) if question.part else None
        rows.append({"code": row.group, "name": name(question.by, row.group), "part": part, "cells": cells})
    return {"heads": heads, "numbers": numbers, "rows": rows}


def csv_rows(answer: Answer) -> list[list[Any]]:
    """The answer as CSV: a Chinese header with English ids, then the rows of the picture."""
    question = answer.question
    head = [f"{HEADS[question.by].zh}代码 {question.by}_code", f"{HEADS[question.by].zh} {question.by}"]
    if question.part:
        head += [
            f"{HEADS[question.part].zh}代码 {question.part}_code",
            f"{HEADS[question.part].zh} {question.part}",
        ]
    head.append(f"{question.counted[0]}（{question.unit[0]}） value")
    if question.base:
        head += [f"{question.base[0]}（{question.unit[0]}） base", "占比（%） share_percent"]
    head += ["截至 as_of", "来源 source", "合成数据 is_synthetic"]
    source = " ".join(f"{table}@{version}" for table, version in answer.versions.items())
    rows = []
    for row in answer.rows:
        cells = ["" if row.group is None else row.group, either(label(question.by, row.group))]
        if question.part:
            cells += ["" if row.part is None else row.part, either(label(question.part, row.part))]
        cells.append(row.value)
        if question.base:
            cells += [row.base, "" if row.share is None else f"{100 * row.share:.2f}"]
        rows.append([*cells, answer.as_of.isoformat(), source, str(answer.is_synthetic).lower()])
    return [head, *rows]
