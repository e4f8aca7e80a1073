"""The credit-risk class A–D of every market entity, from the facts present.

By 国市监信发〔2022〕6号 the class allocates inspection resources. It is internal: no verdict on the
firm, no discipline, no exemption from sampling, never on a public page. A new entity without
history is B with the reason 'insufficient data' (credit-supervision, edge case 11); a missing
feed never makes a firm worse (edge case 14).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table

from zhijian.standards.citation import rule

DAYS_A_MONTH = 30.4375
# What says something about conduct; any other kind of fact leaves a firm without record.
SUPERVISION_KINDS = (
    "annual_report.published",
    "abnormal_list.listed",
    "abnormal_list.removed",
    "serious_list.listed",
    "serious_list.removed",
    "penalty.decided",
    "complaint.upheld",
    "inspection.result",
)


@dataclass(frozen=True)
class Feature:
    """One indicator: its dimension among the five, its name, and how its detail is told.

    `detail_zh` and `detail_en` hold ``{n}``, the count that the points come from, and the months it covers.
    """

    name: str
    dimension: str
    label_zh: str
    label_en: str
    detail_zh: str
    detail_en: str


FEATURES = (
    Feature("penalty", "监管信息", "行政处罚", "Penalties", "{window}个月内{n}次，越近分值越高", "{n} in {window} months, recent ones weigh more"),
    Feature("abnormal_open", "动态信息", "列入经营异常名录", "On the abnormal list", "现有{n}项未移出", "{n} entries open"),
    Feature("abnormal_removed", "动态信息", "曾列入经营异常名录", "Left the abnormal list", "{recent}个月内移出{n}项", "{n} entries removed in {recent} months"),
    Feature("complaint", "社会评价", "投诉成立", "Complaints upheld", "{recent}个月内{n}件", "{n} in {recent} months"),
    Feature("inspection_problem", "监管信息", "检查发现问题", "Inspections with problems", "{window}个月内{n}次", "{n} in {window} months"),
    Feature("inspection_clean", "监管信息", "检查未发现问题", "Inspections without problems", "{recent}个月内{n}次", "{n} in {recent} months"),
    Feature("annual_report", "动态信息", "按时公示年度报告", "Annual reports published", "{window}个月内{n}份", "{n} in {window} months"),
    Feature("industry", "基本属性", "行业基准（食品）", "Sector baseline (food)", "行业代码{n}", "industry code {n}"),
    Feature("age", "基本属性", "成立年限", "Years since founding", "{n}年", "{n} years"),
)  # fmt: skip


@rule(cites="国市监信发〔2022〕6号；DB44/T 2600—2025")
def mart_credit_class(
    entity_market_entities: Table,
    standard_supervision__facts: Table,
    *,
    month_end: date,
    weights: dict[str, Any],
) -> Table:
    """Return one row per entity: class, score 0–1000, reasons, rule version, month.

    Only facts that occurred on or before `month_end` count. The worst class is forced by an open
    serious-violation listing; the share of D is held under its quota, the overflow being C.
    """
    facts = standard_supervision__facts
    known = facts.filter(facts.occurred_on <= month_end, facts.kind.isin(SUPERVISION_KINDS))
    counted = (
        _count_facts(known, month_end, weights).left_join(_open_listings(known), "uscc").drop("uscc_right")
    )
    entities = entity_market_entities.select("entity_id", "uscc", "registered_on", "industry_code")
    joined = entities.left_join(counted, "uscc").drop("uscc_right")
    scored = _score(joined.mutate(**_points(joined, month_end, weights)), weights)
    return _classify(scored, weights).mutate(
        rule_version=ibis.literal(weights["rule_version"]),
        snapshot_month=ibis.literal(f"{month_end:%Y-%m}"),
    )


def _open_listings(known: Table) -> Table:
    """One row per entity that was ever listed: how many listings are open, matched ground by ground.

    A removal from the abnormal list closes its ground, one from the serious list its decision.
    """
    payload = known.payload.cast("json")
    is_abnormal = known.kind.startswith("abnormal_list.")
    ground = is_abnormal.ifelse(payload["ground_code"].str, payload["decision_no"].str).fill_null("")
    listings = known.mutate(
        is_abnormal=is_abnormal, ground=ground, change=known.kind.endswith(".listed").ifelse(1, -1)
    ).filter(is_abnormal | known.kind.startswith("serious_list."))
    balance = listings.group_by("uscc", "is_abnormal", "ground").aggregate(left=listings.change.sum())
    standing = ibis.greatest(balance["left"], 0)
    return balance.group_by("uscc").aggregate(
        abnormal_open=balance.is_abnormal.ifelse(standing, 0).sum(),
        serious_open=balance.is_abnormal.ifelse(0, standing).sum(),
    )


def _count_facts(known: Table, month_end: date, weights: dict[str, Any]) -> Table:
    """One row per entity that has any supervision fact: decayed and plain counts."""
    start = month_end - timedelta(days=round(weights["window_months"] * DAYS_A_MONTH))
    recent = month_end - timedelta(days=round(weights["recent_months"] * DAYS_A_MONTH))
    payload = known.payload.cast("json")
    fine = payload["fine_yuan"].str.try_cast("decimal(20,2)").fill_null(0)
    codes = payload["codes"].cast("string").fill_null("")
    clean = _names_code(codes, "1") & ~_names_any_problem(codes)
    age_months = (ibis.literal(month_end) - known.occurred_on.cast("date")).cast("int64") / DAYS_A_MONTH
    decay = ibis.literal(0.5).pow(age_months / weights["half_life_months"])
    in_window = known.occurred_on > start
    in_year = known.occurred_on > recent
    is_penalty = (known.kind == "penalty.decided") & in_window
    is_large = is_penalty & (fine >= weights["penalty"]["large_fine_from_yuan"])
    is_problem = (known.kind == "inspection.result") & in_window & _names_any_problem(codes)
    return known.group_by("uscc").aggregate(
        fact_count=known.count(),
        penalty_count=is_penalty.sum(),
        penalty_decayed=is_penalty.ifelse(decay, 0.0).sum(),
        penalty_large_decayed=is_large.ifelse(decay, 0.0).sum(),
        abnormal_removed_count=((known.kind == "abnormal_list.removed") & in_year).sum(),
        complaint_count=((known.kind == "complaint.upheld") & in_year).sum(),
        inspection_problem_count=is_problem.sum(),
        inspection_problem_decayed=is_problem.ifelse(decay, 0.0).sum(),
        inspection_clean_count=((known.kind == "inspection.result") & in_year & clean).sum(),
        annual_report_count=((known.kind == "annual_report.published") & in_window).sum(),
    )


def _names_code(codes: StringValue, code: str) -> BooleanValue:
    return codes.contains(f'"{code}"')


def _names_any_problem(codes: StringValue) -> BooleanValue:
    found = [_names_code(codes, code) for code in ("2", "3", "4", "5", "6", "7", "9")]
    return ibis.or_(*found)


def _points(t: Table, month_end: date, weights: dict[str, Any]) -> dict[str, IntegerValue]:
    """The signed points of each feature, and under `count_…` what its detail tells."""
    penalty, abnormal = weights["penalty"], weights["abnormal"]
    complaint, inspection, report = weights["complaint"], weights["inspection"], weights["annual_report"]
    open_count = _zero(t.abnormal_open)
    penalty_points = penalty["each"] * t.penalty_decayed + penalty["large_extra"] * t.penalty_large_decayed
    years = (ibis.literal(month_end) - t.registered_on).cast("int64") / 365.25
    is_food = ibis.or_(*[t.industry_code.startswith(p) for p in weights["food_industry_prefixes"]])
    age = weights["age"]
    return {
        "count_penalty": _zero(t.penalty_count),
        "points_penalty": ibis.least(_round(penalty_points), penalty["cap"]),
        "count_abnormal_open": open_count,
        "points_abnormal_open": (open_count > 0).ifelse(abnormal["open"], 0),
        "count_abnormal_removed": _zero(t.abnormal_removed_count),
        "points_abnormal_removed": (_zero(t.abnormal_removed_count) > 0).ifelse(
            abnormal["removed_recently"], 0
        ),
        "count_complaint": _zero(t.complaint_count),
        "points_complaint": ibis.least(_zero(t.complaint_count) * complaint["each"], complaint["cap"]),
        "count_inspection_problem": _zero(t.inspection_problem_count),
        "points_inspection_problem": ibis.least(
            _round(inspection["problem"] * t.inspection_problem_decayed), inspection["problem_cap"]
        ),
        "count_inspection_clean": _zero(t.inspection_clean_count),
        "points_inspection_clean": (_zero(t.inspection_clean_count) > 0).ifelse(inspection["clean"], 0),
        "count_annual_report": _zero(t.annual_report_count),
        "points_annual_report": ibis.greatest(_zero(t.annual_report_count) * report["each"], report["cap"]),
        "count_industry": t.industry_code,
        "points_industry": is_food.fill_null(False).ifelse(
            weights["industry_points"]["food"], weights["industry_points"]["other"]
        ),
        "count_age": years.floor().cast("int64"),
        "points_age": ibis.cases(
            (years < age["young_below_years"], age["young_points"]),
            (years >= age["old_from_years"], age["old_points"]),
            else_=0,
        ),
    }


def _zero(value: IntegerValue) -> IntegerValue:
    return value.fill_null(0)


def _round(value: Any) -> IntegerValue:
    return value.fill_null(0.0).round().cast("int64")


def _score(t: Table, weights: dict[str, Any]) -> Table:
    """Add up the points between 0 and 1000; without any supervision fact the base stands alone."""
    total = weights["base_points"] + sum((t[f"points_{f.name}"] for f in FEATURES), ibis.literal(0))
    insufficient = t.fact_count.isnull()
    return t.mutate(
        is_insufficient=insufficient,
        score=insufficient.ifelse(weights["base_points"], total.clip(0, 1000)).cast("int32"),
        is_serious=_zero(t.serious_open) > 0,
    )


def _classify(t: Table, weights: dict[str, Any]) -> Table:
    """Cut the score into classes and hold D under its quota."""
    bands = weights["bands"]
    ranked = t.mutate(
        place=ibis.row_number().over(order_by=[t.is_serious.desc(), t.score.desc(), t.entity_id]),
        all_entities=t.entity_id.count().over(),
    )
    within_quota = ranked.place * 100 < ranked.all_entities * weights["highest_d_share_percent"]
    by_score_d = ranked.score >= bands["D"]
    held_back = by_score_d & ~within_quota & ~ranked.is_serious
    class_code = ibis.cases(
        (ranked.is_serious, "D"),
        (ranked.is_insufficient, "B"),
        (by_score_d & ~held_back, "D"),
        (ranked.score >= bands["C"], "C"),
        (ranked.score >= bands["B"], "B"),
        else_="A",
    )
    return ranked.mutate(class_code=class_code, reasons=_reasons(ranked, held_back, weights)).select(
        "entity_id", "uscc", "class_code", "score", "reasons", "is_insufficient"
    )


def _reasons(t: Table, held_back: BooleanValue, weights: dict[str, Any]) -> StringValue:
    """Write the reasons as a JSON list in the order of FEATURES; readers sort by weight."""
    told = [_told(f, t, weights) for f in FEATURES]
    special = [
        t.is_serious.ifelse(
            _entry(
                "serious",
                "严重违法失信名单",
                "Serious-violation list",
                "在列，直接归入D类",
                "listed: class D",
                0,
            ),
            "",
        ),
        held_back.ifelse(
            _entry(
                "quota",
                "D类占比控制",
                "Quota of class D",
                "分值达到D类，因占比控制列入C类",
                "score in D, held at C",
                0,
            ),
            "",
        ),
    ]
    counted = _concatenate([*special, *told])
    nothing = _entry(
        "insufficient",
        "数据不足",
        "Insufficient data",
        "没有监管记录，暂列B类",
        "no supervision record: B for now",
        0,
    )
    listed = (t.is_insufficient & ~t.is_serious).ifelse(nothing, counted)
    return ibis.literal("[") + listed.re_replace(",$", "") + "]"


def _concatenate(parts: list[StringValue]) -> StringValue:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def _entry(feature: str, label_zh: str, label_en: str, detail_zh: str, detail_en: str, points: int) -> str:
    return (
        f'{{"feature":"{feature}","label_zh":"{label_zh}","label_en":"{label_en}","points":{points},'
        f'"detail_zh":"{detail_zh}","detail_en":"{detail_en}"}},'
    )


def _told(feature: Feature, t: Table, weights: dict[str, Any]) -> StringValue:
    """The JSON entry of one feature where it has points, else an empty string."""
    n = t[f"count_{feature.name}"].cast("string").fill_null("")
    points = t[f"points_{feature.name}"]
    months = {"window": weights["window_months"], "recent": weights["recent_months"], "n": "{n}"}
    zh, en = (words.format(**months).split("{n}") for words in (feature.detail_zh, feature.detail_en))
    head = f'{{"feature":"{feature.name}","label_zh":"{feature.label_zh}","label_en":"{feature.label_en}","points":'
    entry = (
        ibis.literal(head) + points.cast("string")
        + f',"detail_zh":"{zh[0]}' + n + f'{zh[1]}","detail_en":"{en[0]}' + n + f'{en[1]}"}},'
    )  # fmt: skip
    return (points != 0).ifelse(entry, "")


__all__ = ["FEATURES", "Feature", "mart_credit_class"]
