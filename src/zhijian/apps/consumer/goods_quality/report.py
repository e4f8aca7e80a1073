"""The yearly analysis of the quality of consumer goods (质量状况分析): sections with tables and pictures, as PDF/A and docx."""

import io
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import typst
from docx import Document as WordFile
from docx.shared import Mm

from zhijian.apps.consumer.goods_quality import codes, pictures, queries, rules
from zhijian.engines.documents.paper import FONT, STANDARD, chinese_day, shown
from zhijian.standards.calendar import statutory_day

FOLDER = Path(__file__).parent / "layout"
_SYNTHETIC = "合成数据：为演示而造，不对应真实企业和个人"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One part: its heading, what it says, a picture as SVG with what it shows, a table with its head first."""

    heading: str
    paragraphs: tuple[str, ...]
    picture: str = ""
    caption: str = ""
    table: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Report:
    """The report of a year as it is printed."""

    title: str
    dated: date
    sections: tuple[Section, ...]
    is_synthetic: bool


def build(year: int, *, on: date) -> Report:
    """Write the report of a year from what is on the registers up to its last day, or to `on` where that is earlier."""
    last = min(date(year, 12, 31), on)
    states = queries.states(on=last)
    sections = (_scope(year, last), _rates(states, year, last), _monitoring(last), _injuries(states), _recalls(states, year),
                _risks(states, year))  # fmt: skip
    return Report(f"{year}年消费品质量状况分析", last, sections, any(state.is_synthetic for state in states))


def _scope(year: int, last: date) -> Section:
    return Section(
        "一、数据和口径",
        (
            f"本报告依据截至{chinese_day(last)}登记的抽查和监测结果、质量投诉、伤害报告、召回和风险评估生成，覆盖"
            f"{'、'.join(one.name.zh for one in codes.CATEGORIES.values())}。食品、药品、化妆品、医疗器械和机动车另有规定，不在其内。",
            "监督抽查的对象按风险选取，其合格率只说明被抽查的批次，不代表市场总体；不同选取办法的结果不相加。区间为95%威尔逊区间。",
        ),
    )


def _rates(states: list[queries.CategoryState], year: int, last: date) -> Section:
    rows: list[tuple[str, float, float, float, str]] = []
    table: list[Row] = [("商品类别", "选取办法", "批次", "不合格", "合格率", "95%区间")]
    designs = {one.value: one.label.zh for one in codes.DESIGNS}
    for state in states:
        for one in state.rates:
            rate, passed = one.rate, one.rate.share
            if one.year != year or passed is None:
                continue
            table.append(
                (state.category.name.zh, designs[one.design], str(rate.batches), str(rate.batches - rate.passed),
                 f"{passed:.1%}", f"{rate.low:.1%}至{rate.high:.1%}")
            )  # fmt: skip
            if one.design == "supervision":
                rows.append((state.category.name.zh, passed, rate.low, rate.high, f"{passed:.1%}"))
    said = [_changed(state) for state in states if state.change is not None]
    picture = pictures.intervals(rows) if rows else ""
    paragraphs = tuple(said) or ("本年没有可以与上年比较的监督抽查结果。",)
    return Section(
        "二、抽查结果",
        paragraphs,
        picture,
        f"{year}年监督抽查合格率及95%区间",
        tuple(table) if len(table) > 1 else (),
    )


def _changed(state: queries.CategoryState) -> str:
    change = state.change
    assert change is not None
    words = ("上升" if change.points > 0 else "下降") if change.is_clear else "没有明显变化"
    return (
        f"{state.category.name.zh}：监督抽查合格率与上一个抽查年度相比{words}，变化{change.points:+.1f}个百分点"
        f"（95%区间{change.low:+.1f}至{change.high:+.1f}）。"
    )


def _monitoring(last: date) -> Section:
    target = rules.LIMITS.on(last)["target_percent"]
    rows = [
        (f"{one.year}年", one.rate.share, one.rate.low, one.rate.high, f"{one.rate.share:.1%}")
        for one in queries.indicator_25(on=last)
        if one.rate.share is not None
    ]
    if not rows:
        return Section("三、重点消费品质量安全监测评价合格率（规划指标25）", ("没有风险监测结果。",))
    table = (("年份", "合格率", "95%区间"), *((n, t, f"{lo:.1%}至{hi:.1%}") for n, _, lo, hi, t in rows))
    return Section(
        "三、重点消费品质量安全监测评价合格率（规划指标25）",
        (f"规划目标为{target}%（预期性），图中虚线。",),
        pictures.intervals(rows, target=target / 100), "风险监测合格率及95%区间", table,
    )  # fmt: skip


def _injuries(states: list[queries.CategoryState]) -> Section:
    rows = [(state.category.name.zh, float(state.injury_total or 0), "不足5起" if state.injury_total is None else f"{state.injury_total}起")
            for state in states]  # fmt: skip
    table: list[Row] = [("商品类别", *(one.label.zh for one in codes.HAZARDS))]
    for state in states:
        table.append((state.category.name.zh, *("<5" if n is None else str(n) for _, n in state.injuries)))
    return Section(
        "四、伤害报告", ("最近365天登记的伤害报告。报告来自监测医院和消费者，只反映报告了的，不是发生率；不足5起的不列数。",),
        pictures.bars(rows), "各类商品的伤害报告", tuple(table),
    )  # fmt: skip


def _recalls(states: list[queries.CategoryState], year: int) -> Section:
    table: list[Row] = [("产品", "品牌型号", "数量", "已处理", "缺陷")]
    for state in states:
        for one in state.recalls:
            if one.valid_from.year == year:
                table.append(
                    (
                        one.name,
                        one.model_number,
                        f"{one.quantity:,}",
                        f"{one.remedied / one.quantity:.0%}",
                        one.defect,
                    )
                )
    said = f"本年公布召回{len(table) - 1}次。"
    return Section("五、召回", (said,), table=tuple(table) if len(table) > 1 else ())


def _risks(states: list[queries.CategoryState], year: int) -> Section:
    table: list[Row] = [("编号", "产品", "风险等级", "措施")]
    for state in states:
        for one in state.risks:
            if one.decided_at is not None and statutory_day(one.decided_at).year == year:
                table.append(
                    (one.number, one.product, codes.LEVELS[one.level][0], codes.MEASURES[one.measure][0])
                )
    said = f"本年完成风险评估并决定措施{len(table) - 1}项。"
    return Section("六、风险评估和处置", (said,), table=tuple(table) if len(table) > 1 else ())


def pdf(report: Report, *, at: datetime) -> bytes:
    """Lay the report out as PDF/A-2b; the same content gives the same bytes."""
    made = typst.compile(
        str(FOLDER / "report.typ"), root=str(FOLDER), font_paths=[str(FONT.parent)], ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(_content(report), ensure_ascii=False)}, pdf_standards=STANDARD,
        timestamp=int(at.timestamp()),
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def docx(report: Report) -> bytes:
    """Write the report as a Word file with the same words, pictures and tables."""
    file = WordFile()
    file.add_heading(report.title, level=0)
    file.add_paragraph(f"截至{chinese_day(report.dated)}")
    if report.is_synthetic:
        file.add_paragraph(_SYNTHETIC)
    for section in report.sections:
        file.add_heading(section.heading, level=1)
        for text in section.paragraphs:
            file.add_paragraph(text)
        if section.picture:
            file.add_picture(io.BytesIO(_png(section.picture)), width=Mm(150))
            file.add_paragraph(section.caption)
        if section.table:
            table = file.add_table(rows=0, cols=len(section.table[0]))
            table.style = "Table Grid"
            for row in section.table:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _png(picture: str) -> bytes:
    """Draw a picture as PNG with the font of the papers."""
    made = typst.compile(
        str(FOLDER / "picture.typ"), root=str(FOLDER), font_paths=[str(FONT.parent)], ignore_system_fonts=True,
        sys_inputs={"picture": picture}, format="png", ppi=200,
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _content(report: Report) -> dict[str, object]:
    return {
        "title": shown(report.title),
        "day": chinese_day(report.dated),
        "synthetic": _SYNTHETIC if report.is_synthetic else "",
        "sections": [
            {
                "heading": shown(one.heading), "paragraphs": [shown(text) for text in one.paragraphs],
                "picture": shown(one.picture), "caption": shown(one.caption),
                "table": [[shown(cell) for cell in row] for row in one.table],
            }
            for one in report.sections
        ],
    }  # fmt: skip
