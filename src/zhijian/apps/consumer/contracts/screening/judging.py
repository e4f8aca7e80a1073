"""How well rules find labelled clauses: precision, recall and F1 by kind and together, beside a plain list of words."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from zhijian.apps.consumer.contracts.screening.engine import screen
from zhijian.apps.consumer.contracts.screening.rulebook import Rulebook

Judge = Callable[[str], frozenset[str]]


@dataclass(frozen=True)
class Labelled:
    """One clause with the kinds of unfair term that it holds; none for a fair one."""

    number: str
    text: str
    kinds: frozenset[str]


PLAIN_WORDS: Mapping[str, tuple[str, ...]] = {
    "exempts_injury": ("受伤", "伤亡", "人身伤害", "人身损害"),
    "exempts_property": ("丢失", "遗失", "被盗", "损坏"),
    "exempts_liability": ("不承担任何责任", "一切损失", "概不负责"),
    "no_return": ("概不退换", "不退不换", "不予退货", "不得退货", "离柜"),
    "no_refund": ("定金", "订金", "押金"),
    "prepaid": ("不予退款", "概不退款", "作废", "清零", "不得转让"),
    "no_damages": ("放弃索赔", "不得要求赔偿", "最高不超过"),
    "no_choice": ("自带酒水", "最低消费", "指定"),
    "no_termination": ("不得解除", "不得退"),
    "no_lawsuit": ("不得投诉", "放弃诉讼", "起诉", "投诉"),
    "interpretation": ("解释权",),
    "penalty": ("违约金", "滞纳金"),
    "unilateral_change": ("有权随时", "不另行通知"),
    "jurisdiction": ("所在地人民法院", "所在地法院", "仲裁委员会"),
    "deemed_consent": ("视为",),
    "business_risk": ("停业", "系统故障"),
    "forced_deal": ("不同意", "默认"),
    "privacy": ("个人信息", "肖像"),
}
"""What a clerk's word search would look for: the peer of the rules."""


def by_rules(book: Rulebook, on: date) -> Judge:
    """Return the judge that applies the rules."""
    return lambda text: frozenset(screen(text, book, on=on).kinds)


def by_plain_words(text: str) -> frozenset[str]:
    """Tell the kinds of which a word stands in the text."""
    return frozenset(kind for kind, words in PLAIN_WORDS.items() if any(word in text for word in words))


def hand_written(path: Path) -> list[Labelled]:
    """Read the clauses written by hand."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(row["number"], row["text"], frozenset(filter(None, row["kinds"].split("|"))))
            for row in csv.DictReader(file)
        ]


def from_templates(path: Path) -> list[Labelled]:
    """Fill every template with every word of the slots that it names."""
    content = yaml.safe_load(path.read_text("utf-8"))
    slots: dict[str, list[str]] = content["slots"]
    found = []
    for place, template in enumerate(content["templates"], start=1):
        named = [name for name in slots if "{" + name + "}" in template["text"]]
        for turn, words in enumerate(product(*(slots[name] for name in named)), start=1):
            text = template["text"].format(**dict(zip(named, words, strict=True)))
            found.append(Labelled(f"T{place:02d}-{turn:02d}", text, frozenset(template["kinds"])))
    return found


def judged(clauses: Sequence[Labelled], judge: Judge) -> dict[str, Any]:
    """Count kinds told rightly, wrongly and missed; `clause` asks only whether a clause is unfair at all."""
    told = [(one, judge(one.text)) for one in clauses]
    kinds = sorted({kind for one, said in told for kind in one.kinds | said})
    by_kind = {
        kind: _scores(
            sum(kind in said and kind in one.kinds for one, said in told),
            sum(kind in said and kind not in one.kinds for one, said in told),
            sum(kind not in said and kind in one.kinds for one, said in told),
        )
        for kind in kinds
    }
    sums = [sum(one[name] for one in by_kind.values()) for name in ("right", "wrong", "missed")]
    clause = _scores(
        sum(bool(said) and bool(one.kinds) for one, said in told),
        sum(bool(said) and not one.kinds for one, said in told),
        sum(not said and bool(one.kinds) for one, said in told),
    )
    return {
        "clauses": len(clauses),
        "unfair": sum(bool(one.kinds) for one in clauses),
        "kind": _scores(*sums),
        "clause": clause,
        "by_kind": by_kind,
    }


def _scores(right: int, wrong: int, missed: int) -> dict[str, Any]:
    precision = right / (right + wrong) if right + wrong else None
    recall = right / (right + missed) if right + missed else None
    f1 = 2 * right / (2 * right + wrong + missed) if right + wrong + missed else None
    return {
        "right": right, "wrong": wrong, "missed": missed,
        **{name: None if value is None else round(value, 3)
           for name, value in (("precision", precision), ("recall", recall), ("f1", f1))},
    }  # fmt: skip
