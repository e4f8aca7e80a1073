"""The back-test of the credit class on its method page: provinces that ship as figures, added up, never a firm."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zhijian.datazone.mart import credit_judging
from zhijian.datazone.mart.credit_judging import CLASSES, GROUPS, Rate
from zhijian.portal.components import interval_chart
from zhijian.portal.views.downloads import csv_file

KEPT = Path(credit_judging.__file__).parent / "backtests" / "credit_class.json"
COMMAND = "zhijian bench credit_class"


@lru_cache(maxsize=1)
def kept() -> dict[str, Any]:
    """What `benchmarks/credit_class.py --keep` wrote and this version ships."""
    told: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8"))
    return told


def shown() -> dict[str, Any]:
    """What the page shows: the newest rules on the truth as picture and table, all rules and outcomes, and bands."""
    rules = _by_rules()
    newest = rules[-1]
    truth = newest["verdicts"][-1]
    groups = [(group_words(code), truth["groups"][code]) for code in GROUPS]
    return {
        "chart": interval_chart.draw(
            _finding(newest), [(name, r.rate, r.low, r.high, f"{r.rate:.1%}") for name, r in groups]
        ),
        "groups": groups,
        "overall": truth["overall"],
        "rule_version": newest["rule_version"],
        "headers": [name for name, _rate in groups],
        "compared": [
            (
                one["rule_version"],
                outcome_words(v),
                [v["groups"][code] for code in GROUPS],
                is_rising(v["classes"]),
            )
            for one in rules
            for v in one["verdicts"]
        ],
        "bands": [
            (slice_words(name), band_words(band), [rates[code] for code in CLASSES])
            for name, bands in truth["slices"].items()
            for band, rates in sorted(bands.items(), key=lambda item: _order(item[0]))
        ],
        "classes": CLASSES,
        "seeds": [str(one["seed"]) for one in kept()["provinces"]],
        "entities": sum(one["entities"] for one in kept()["provinces"]),
        "command": COMMAND,
    }


def is_rising(classes: dict[str, Rate]) -> bool:
    """Whether each class has at least the rate of the one before it."""
    rates = [classes[code].rate for code in CLASSES]
    return rates == sorted(rates)


def _finding(rules: dict[str, Any]) -> str:
    classes = rules["verdicts"][-1]["classes"]
    values = {code.lower(): f"{classes[code].rate:.1%}" for code in CLASSES}
    if is_rising(classes):
        return _("违法比例逐类升高：A类%(a)s，B类%(b)s，C类%(c)s，D类%(d)s") % values
    return _("违法比例没有逐类升高：A类%(a)s，B类%(b)s，C类%(c)s，D类%(d)s") % values


@lru_cache(maxsize=1)
def _by_rules() -> list[dict[str, Any]]:
    """The provinces added up, by rules, then by origin and outcome."""
    provinces = kept()["provinces"]
    return [
        {
            "rule_version": rules["rule_version"],
            "verdicts": [
                _added([province["rules"][n]["verdicts"][m] for province in provinces])
                for m in range(len(rules["verdicts"]))
            ],
        }
        for n, rules in enumerate(provinces[0]["rules"])
    ]


def _added(verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    overall = _sum([v["overall"] for v in verdicts], 0.0)
    overall = Rate.of(overall.entities, overall.violating, overall.rate)
    first = verdicts[0]

    def rates(of: list[dict[str, Any]], whole: float) -> dict[str, Rate]:
        return {code: _sum([one[code] for one in of], whole) for code in of[0]}

    return {
        "origin": first["origin"],
        "outcome": first["outcome"],
        "overall": overall,
        "groups": rates([v["groups"] for v in verdicts], overall.rate),
        "classes": rates([v["classes"] for v in verdicts], overall.rate),
        "slices": {
            name: {
                band: _lifted(rates([v["slices"][name][band] for v in verdicts], 0.0))
                for band in bands
                if all(band in v["slices"][name] for v in verdicts)
            }
            for name, bands in first["slices"].items()
        },
    }


def _lifted(rates: dict[str, Rate]) -> dict[str, Rate]:
    """The rates of a band with their lift over the band."""
    entities, violating = sum(r.entities for r in rates.values()), sum(r.violating for r in rates.values())
    return {code: Rate.of(r.entities, r.violating, violating / max(entities, 1)) for code, r in rates.items()}


def _sum(rates: list[dict[str, Any]], overall: float) -> Rate:
    return Rate.of(sum(r["entities"] for r in rates), sum(r["violating"] for r in rates), overall)


def group_words(code: str) -> str:
    """Name a group of entities."""
    named = {"B": _("B类（有记录）"), "B_insufficient": _("B类（数据不足）")}
    return named.get(code) or _("%(code)s类") % {"code": code}


def outcome_words(verdict: dict[str, Any]) -> str:
    """Name the day of rating and by what it is judged."""
    said = {"truth": _("%(day)s起，真实违法"), "recorded": _("%(day)s起，有记录的违法")}
    return said[verdict["outcome"]] % {"day": verdict["origin"]}


def slice_words(name: str) -> str:
    """Name what the bands are of."""
    return {"age": _("成立年限"), "size": _("从业人数"), "kind": _("主体类型")}[name]


def band_words(band: str) -> str:
    """Name a band of years or staff, or a kind of entity."""
    kinds = {
        "enterprise": _("企业"), "individual_business": _("个体工商户"), "cooperative": _("农民专业合作社"),
        "unknown": _("未知"),
    }  # fmt: skip
    return kinds.get(band, band.replace("-", "–"))


def _order(band: str) -> tuple[int, str]:
    first = band.split("-")[0].rstrip("+")
    return (int(first), band) if first.isdigit() else (10_000, band)


def as_csv() -> HttpResponse:
    """Every figure by province, rules, origin and band; the first line says what it is."""
    head = [
        ["信用风险分类回测 credit class back-test", COMMAND, "合成数据，不对应真实企业 SYNTHETIC"],
        ["seed", "rule_version", "origin", "outcome", "band_of", "band", "class", "entities", "violating", "rate",
         "low", "high", "lift"],
    ]  # fmt: skip
    return csv_file("credit_class_backtest_SYNTHETIC.csv", [*head, *_csv_rows()], line_end="\r\n")


def _csv_rows() -> Iterator[list[Any]]:
    for province in kept()["provinces"]:
        for rules in province["rules"]:
            for v in rules["verdicts"]:
                first = [province["seed"], rules["rule_version"], v["origin"], v["outcome"]]
                parts = [("all", "all", v["groups"])]
                parts += [(name, band, r) for name, bands in v["slices"].items() for band, r in bands.items()]
                for name, band, rates in parts:
                    for code, rate in rates.items():
                        yield [*first, name, band, code, *rate.values()]


__all__ = ["as_csv", "is_rising", "shown"]
