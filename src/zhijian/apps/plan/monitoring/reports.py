"""An evaluation's report as PDF and docx: its sections as officers left them, the table of all rows, and two pictures."""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import typst

from zhijian.apps.plan.monitoring import word, writing
from zhijian.apps.plan.monitoring.models import Evaluation
from zhijian.apps.plan.monitoring.rules import Light, Note
from zhijian.apps.plan.monitoring.writing import KINDS, LIGHTS, NOTES, counted, percent, rows, short
from zhijian.engines.documents.paper import FONT, STANDARD, chinese_day, shown

_FOLDER = Path(__file__).parent / "layout"
_HEAD = ("指标", "单位", "基期", "目标", "现值", "进度", "判断", "数据")
_FILLS = {"good": "#2f7d4f", "slow": "#c98a1b", "bad": "#b3362b", "none": "#9aa3ad"}
_KIND_OF = {
    Light.GREEN: "good", Light.ATTAINED: "good", Light.YELLOW: "slow", Light.OPEN: "slow", Light.BASICALLY: "slow",
    Light.RED: "bad", Light.NOT_ATTAINED: "bad", Light.GREY: "none", Light.NO_DATA: "none",
}  # fmt: skip
_KINDS_OF_VALUE = {"A": "实际", "E": "预计", "P": "初步"}
DATA_NOTE = (
    "数据一栏：值的年份、性质（实际、预计、初步）和质量等级（完整、及时、可追溯、独立复核，四项全有为A）。"
)
_SYNTHETIC = "合成数据：为演示而造，不是真实统计值"


def title_of(one: Evaluation) -> str:
    year = "" if one.kind == "final" else f"{one.year}年"
    edition = f"（第{one.edition}版）" if one.edition > 1 else ""
    return f"{one.plan.title_zh}{year}{KINDS[one.kind][0]}报告{edition}"


def table(one: Evaluation) -> list[list[str]]:
    """Return the table of the report, binding rows first, from what is frozen."""
    made = []
    for row in rows(one.frozen):
        figure = row["figure"]
        judged = figure["judged"]
        binding = "（约束性）" if row["is_binding"] else ""
        marks = "".join(f"；{NOTES[Note(note)][0]}" for note in judged["notes"])
        made.append([
            f"{row['number']} {row['name_zh']}{binding}", row["unit_zh"], short(row["baseline"]),
            f"{'≤' if row['is_at_most'] else ''}{short(row['target'])}", short(judged["value"]), percent(judged["progress"]),
            f"{LIGHTS[Light(judged['light'])][0]}{marks}", _data_told(figure),
        ])  # fmt: skip
    return made


def _data_told(figure: dict[str, Any]) -> str:
    if not figure["as_of"]:
        return "—"
    return f"{figure['as_of'][:4]}{_KINDS_OF_VALUE[figure['kind']]}{figure['grade']}"


_PROMISE_HEAD = ("承诺", "内容", "报来的值", "判断")


def promises(one: Evaluation) -> list[list[str]]:
    """Return the table of the text's commitments that have a value or whose day is over."""
    return [
        [
            f"{row['number']} {row['name_zh']}", writing.promised(row), writing.years_told(row),
            writing.KEPT[row["figure"]["judged"]["kept"]][0],
        ]
        for row in writing.promises(one.frozen)
        if row["figure"]["series"]
    ]  # fmt: skip


def progress_svg(one: Evaluation) -> str:
    """Draw the progress of every row with the line of the time that is over."""
    told = rows(one.frozen)
    elapsed = float(Fraction(one.frozen["figures"]["elapsed"]))
    left, width, step = 230, 300, 17
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 {step * len(told) + 30}" font-family="Noto Serif SC" font-size="10">'
    ]
    for place, row in enumerate(told):
        judged, y = row["figure"]["judged"], place * step + 4
        share = judged["progress"]
        wide = 0.0 if share is None else min(1.0, max(0.0, float(Fraction(share)))) * width
        fill = _FILLS[_KIND_OF[Light(judged["light"])]]
        name = escape(shown(f"{row['number']} {row['name_zh']}")[:22])
        parts.append(f'<text x="{left - 6}" y="{y + 10}" text-anchor="end">{name}</text>')
        parts.append(f'<rect x="{left}" y="{y}" width="{wide:.1f}" height="12" fill="{fill}"/>')
        words = f"{percent(share)} {LIGHTS[Light(judged['light'])][0]}"
        parts.append(f'<text x="{left + width + 8}" y="{y + 10}">{escape(words)}</text>')
    bottom, at = step * len(told) + 6, left + elapsed * width
    parts.append(f'<path d="M{at:.1f} 0V{bottom}" stroke="#222" stroke-dasharray="4 3"/>')
    parts.append(
        f'<text x="{at:.1f}" y="{bottom + 14}" text-anchor="middle">时间进度{elapsed * 100:.0f}%</text></svg>'
    )
    return "".join(parts)


_CAST_HEAD = ("指标", "单位", "现值", "目标", "趋势到期末", "95%区间", "达到目标的可能性", "年度值")
_CITY_HEAD = ("地市", "比例", "分母占比", "对差距的贡献（百分点）")


def by_doubt(table: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with a projection, those least likely to attain first."""
    cast = [row for row in table if row["figure"]["forecast"]]
    return sorted(cast, key=lambda row: row["figure"]["forecast"]["chance"])


def forecasts(one: Evaluation) -> list[list[str]]:
    """Return the table of projections to the end of the period, those in most doubt first."""
    return [
        [
            f"{row['number']} {row['name_zh']}", row["unit_zh"], short(row["figure"]["judged"]["value"]),
            f"{'≤' if row['is_at_most'] else ''}{short(row['target'])}", f"{cast['value']:,.2f}", f"{cast['low']:,.2f}至{cast['high']:,.2f}",
            f"{cast['chance'] * 100:.0f}%", str(cast["points"]),
        ]
        for row in by_doubt(rows(one.frozen))
        for cast in [row["figure"]["forecast"]]
    ]  # fmt: skip


def city_tables(one: Evaluation) -> list[dict[str, Any]]:
    """Return, of every row that cities reported, the cities by what they add to the gap: as a table and as a picture."""
    made = []
    for row in writing.with_cities(rows(one.frozen)):
        cities = row["figure"]["cities"]
        lines = [
            [
                writing.area_zh(city["area"]),
                percent_of(city["percent"]),
                percent(city["weight"]),
                writing.points(city["points"]),
            ]
            for city in cities["rows"]
        ]
        made.append({
            "title": f"{row['number']} {row['name_zh']}：{cities['year']}年各市对目标差距的贡献", "head": list(_CITY_HEAD),
            "rows": lines, "picture": cities_svg(cities["rows"]),
        })  # fmt: skip
    return made


def percent_of(value: str) -> str:
    """Write an exact percentage with two decimals."""
    return f"{float(Fraction(value)):.2f}%"


def cities_svg(told: Sequence[dict[str, Any]]) -> str:
    """Draw what each city adds to the gap, to the left of zero where it pulls below the target."""
    step, middle, reach = 15, 350, 170
    most = max(abs(float(Fraction(one["points"]))) for one in told) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 {step * len(told) + 8}" font-family="Noto Serif SC" font-size="10">'
    ]
    for place, one in enumerate(told):
        value, y = float(Fraction(one["points"])), place * step + 3
        wide = abs(value) / most * reach
        x = middle - wide if value < 0 else middle
        parts.append(
            f'<text x="120" y="{y + 9}" text-anchor="end">{escape(shown(writing.area_zh(one["area"])))}</text>'
        )
        parts.append(f'<rect x="{x:.1f}" y="{y}" width="{max(wide, 0.5):.1f}" height="10" fill="#4a6f96"/>')
        at, anchor = (x - 4, "end") if value < 0 else (x + wide + 4, "start")
        parts.append(
            f'<text x="{at:.1f}" y="{y + 9}" text-anchor="{anchor}">{writing.points(one["points"])}</text>'
        )
    parts.append(f'<path d="M{middle} 0V{step * len(told) + 4}" stroke="#222"/></svg>')
    return "".join(parts)


def lights_svg(one: Evaluation) -> str:
    """Draw how many rows have which light, as one bar."""
    counts = counted(rows(one.frozen))
    total = sum(counts.values())
    x, step, parts = 0.0, 620 / len(counts), []
    for place, (light, count) in enumerate(counts.items()):
        wide, fill = 620 * count / total, _FILLS[_KIND_OF[light]]
        parts.append(f'<rect x="{x:.1f}" y="2" width="{max(wide - 2, 1):.1f}" height="22" fill="{fill}"/>')
        parts.append(f'<rect x="{place * step:.1f}" y="36" width="10" height="10" fill="{fill}"/>')
        parts.append(f'<text x="{place * step + 15:.1f}" y="45">{LIGHTS[light][0]}{count}项</text>')
        x += wide
    parts.insert(
        0,
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 52" font-family="Noto Serif SC" font-size="11">',
    )
    return "".join([*parts, "</svg>"])


def _content(one: Evaluation) -> dict[str, Any]:
    third = one.third_party
    sections = [
        {
            "title": part["title_zh"],
            "paragraphs": [shown(line) for line in part["text"].splitlines() if line.strip()],
        }
        for part in one.sections
    ]
    if third:
        names = (("评估机构", "name"), ("合同编号", "contract"), ("独立性声明", "independence"), ("方法", "method"),
                 ("意见", "opinion"), ("不同意见", "dissent"))  # fmt: skip
        told = [f"{label}：{shown(third[key])}" for label, key in names if third.get(key)]
        sections.append({"title": "第三方评估意见", "paragraphs": told})
    states = {"published": "", "approved": "", "review": "送审稿", "draft": "草稿"}
    return {
        "title": title_of(one), "state": states.get(one.state, "草稿"), "issuer": one.plan.issuer_zh, "as_of": chinese_day(one.as_of),
        "sections": sections, "head": list(_HEAD), "table": [[shown(cell) for cell in line] for line in table(one)],
        "cast_head": list(_CAST_HEAD), "forecasts": [[shown(cell) for cell in line] for line in forecasts(one)],
        "cities": [
            found | {"title": shown(found["title"]), "rows": [[shown(cell) for cell in line] for line in found["rows"]]}
            for found in city_tables(one)
        ],
        "promise_head": list(_PROMISE_HEAD), "promises": [[shown(cell) for cell in line] for line in promises(one)],
        "summary": shown(one.summary_en), "progress": progress_svg(one), "lights": lights_svg(one),
        "data_note": DATA_NOTE, "lights_told": _lights_told(one), "digest": one.digest, "code": one.code_version, "synthetic": _SYNTHETIC if one.is_synthetic else "",
    }  # fmt: skip


def pdf(one: Evaluation, *, at: datetime) -> bytes:
    """Lay the report out as PDF/A."""
    made = typst.compile(
        str(_FOLDER / "report.typ"), root=str(_FOLDER), font_paths=[str(FONT.parent)], ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(_content(one), ensure_ascii=False)}, pdf_standards=STANDARD, timestamp=int(at.timestamp()),
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _png(svg: str) -> bytes:
    made = typst.compile(
        str(_FOLDER / "picture.typ"), root=str(_FOLDER), font_paths=[str(FONT.parent)], ignore_system_fonts=True,
        sys_inputs={"picture": svg}, format="png", ppi=160.0,
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def docx(one: Evaluation, *, at: datetime) -> bytes:
    """Write the same report as a Word file, with the same pictures and tables."""
    told = _content(one)
    document = word.begin(told["title"], footer=told["synthetic"], issuer=told["issuer"], at=at)
    state = f"{told['state']}，没有公布" if told["state"] else told["issuer"]
    for line in (state, told["synthetic"], f"数据截至{told['as_of']}"):
        if line:
            document.add_paragraph(line)
    word.add_picture(document, _png(told["lights"]), alt=_lights_told(one))
    for part in told["sections"]:
        document.add_heading(part["title"], level=1)
        for text in part["paragraphs"]:
            document.add_paragraph(text)
    document.add_heading("指标进度图", level=1)
    word.add_picture(document, _png(told["progress"]), alt="各指标的进度，数字见指标表")
    document.add_heading("指标表", level=1)
    word.add_table(
        document,
        [told["head"], *told["table"]],
        widths=(34, 12, 11, 11, 12, 11, 20, 14),
        numbers=(2, 3, 4, 5),
    )
    document.add_paragraph(DATA_NOTE)
    if told["forecasts"]:
        document.add_heading("趋势预测表", level=1)
        word.add_table(
            document,
            [told["cast_head"], *told["forecasts"]],
            widths=(30, 12, 12, 11, 13, 20, 14, 9),
            numbers=range(2, 8),
        )
    for found in told["cities"]:
        document.add_heading(found["title"], level=1)
        word.add_picture(document, _png(found["picture"]), alt="各市的贡献，数字见下表")
        word.add_table(document, [found["head"], *found["rows"]], widths=(10, 10, 10, 14), numbers=(1, 2, 3))
    if told["promises"]:
        document.add_heading("正文承诺表", level=1)
        word.add_table(document, [told["promise_head"], *told["promises"]], widths=(24, 15, 30, 11))
    word.add_english(document, "Summary in English", told["summary"])
    document.add_paragraph(
        f"数据摘要 SHA-256 {told['digest']}；代码版本 {told['code']}；用数据包可以重算全部数字：zhijian plan recompute"
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _lights_told(one: Evaluation) -> str:
    counts = counted(rows(one.frozen)).items()
    return "各判断的指标数：" + "，".join(f"{LIGHTS[light][0]}{count}项" for light, count in counts)
