"""The reasons of a score in words: read from its stored points and counts when somebody looks.

Storing the words of 17.8 million rows would cost more than the scores; a row keeps whole numbers, and the
tree of its rule version says what they mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhijian.datazone.mart.credit_score import count_column, points_column
from zhijian.datazone.mart.indicator_tree import Indicator, Tree, tree_of

SHOWN = 5  # reasons at first sight; the page opens all others


@dataclass(frozen=True)
class Reason:
    """One reason: signed points of 1000 and what they come from, in both languages."""

    indicator_id: str
    label_zh: str
    label_en: str
    points: int
    detail_zh: str
    detail_en: str


_DETAILS: dict[str, tuple[str, str]] = {
    "count": ("{window}个月内{n}{unit}", "{n}{unit} in {window} months"),
    "later": ("{skip}至{window}个月前{n}{unit}", "{n}{unit}, {skip} to {window} months ago"),
    "beyond": ("{window}个月内{n}{unit}，超过{beyond}{unit}的部分计分", "{n}{unit} in {window} months, those beyond {beyond} count"),
    "decayed": ("{window}个月内{n}{unit}，越近分值越高", "{n}{unit} in {window} months, recent ones weigh more"),
    "present": ("{window}个月内{n}{unit}", "{n}{unit} in {window} months"),
    "amount": ("{window}个月内合计{n}{unit}", "{n}{unit} in {window} months"),
    "open": ("现有{n}{unit}未移出", "{n}{unit} open"),
    "closed": ("{window}个月内移出{n}{unit}", "{n}{unit} removed in {window} months"),
    "years": ("成立{n}年", "{n} years"),
    "related": ("其他主体共{n}{unit}", "{n}{unit} of other entities"),
    "listed": ("在代码表内", "in the code list"),
}  # fmt: skip
_FORCED = ("直接归入D类", "class D whatever the score")
_HELD_BACK = Reason(
    "quota", "D类占比控制", "Quota of class D", 0, "分值达到D类，因占比控制列入C类", "score in D, held at C"
)
_INSUFFICIENT = Reason(
    "insufficient", "数据不足", "Insufficient data", 0, "没有监管记录，暂列B类", "no supervision record: B for now"
)  # fmt: skip


def reasons_of(
    row: Mapping[str, Any], weights: Mapping[str, Any], *, limit: int | None = SHOWN
) -> list[Reason]:
    """Return the heaviest reasons of a row of `mart_credit_score`, special ones first; all of them without `limit`.

    `row` may be sparse: what it lacks has no points. With `is_held_back` of the class it also says the quota.
    """
    tree = tree_of(weights)
    if row.get("is_insufficient") and not row.get("is_serious"):
        return [_INSUFFICIENT]
    told = [_told(one, row, tree) for one in tree.indicators if row.get(points_column(one.id))]
    heaviest = sorted(told, key=lambda reason: -abs(reason.points))
    forced = [reason for reason in heaviest if _forces(tree, reason)]
    first = forced + ([_HELD_BACK] if row.get("is_held_back") else [])
    ordered = first + [reason for reason in heaviest if reason not in first]
    return ordered if limit is None else ordered[:limit]


def _forces(tree: Tree, reason: Reason) -> bool:
    return any(one.id == reason.indicator_id and one.forces for one in tree.indicators)


def _told(one: Indicator, row: Mapping[str, Any], tree: Tree) -> Reason:
    count = row.get(count_column(one.id)) or 0
    zh, en = detail_of(one, int(count))
    if one.forces:
        zh, en = f"{zh}，{_FORCED[0]}", f"{en}: {_FORCED[1]}"
    return Reason(one.id, one.zh, one.en, int(row[points_column(one.id)]), zh, en)


def detail_of(one: Indicator, count: int) -> tuple[str, str]:
    """Say in both languages what a count of an indicator means."""
    form = "later" if one.skip_months else "beyond" if one.beyond else one.formula
    values = {"n": count, "window": one.window_months, "skip": one.skip_months, "beyond": one.beyond}
    zh, en = _DETAILS[form]
    return zh.format(unit=one.unit[0], **values), en.format(unit=one.unit[1], **values)


__all__ = ["SHOWN", "Reason", "detail_of", "reasons_of"]
