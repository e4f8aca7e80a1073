"""Sector classes (专业模型) beside the general class: food, special equipment, industrial products, drugs.

A sector is a tree of the same vocabulary as the general class, over its members alone, cut by its score. Every entity has
one row, empty where it belongs to no sector; a row depends on that entity and its facts alone, so a night's increment
gives what a full run gives. A sector never changes the general class: for coverage the stricter of both counts, and that
is reckoned when somebody reads it, so that a moved cut of the general class leaves nothing stale. Internal, never public.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, Table

from zhijian.datazone.mart.credit_class import class_code_of
from zhijian.datazone.mart.credit_score import measured_in_one_pass, scored_by
from zhijian.datazone.mart.indicator_tree import BadTree, Tree, tree_of
from zhijian.standards.citation import rule

CLASSES = "ABCD"
GENERAL = "general"


def sector_weights(sector: Mapping[str, Any], rule_version: str) -> dict[str, Any]:
    """Return a sector as the general class's tree is written: one dimension, no quota."""
    dimension = {"id": "sector", "zh": sector["zh"], "en": sector["en"], "groups": sector["groups"]}
    own = {
        name: sector[name]
        for name in ("base_points", "bands", "half_life_months", "conduct_kinds", "no_source")
    }
    return {
        **own, "rule_version": rule_version, "highest_d_share_percent": 100, "late_after_days": {}, "dimensions": [dimension],
    }  # fmt: skip


def sector_trees(sectors: Mapping[str, Any]) -> dict[str, Tree]:
    """Return the tree of each sector by its code.

    Raises:
        BadTree: an indicator lies outside the vocabulary, or its id stands in two sectors.
    """
    trees = {
        code: tree_of(sector_weights(one, sectors["rule_version"]))
        for code, one in sectors["sectors"].items()
    }
    ids = Counter(one.id for tree in trees.values() for one in tree.indicators)
    if twice := sorted(name for name, count in ids.items() if count > 1):
        raise BadTree(f"Indicator ids stand in two sectors: {', '.join(twice)}. Rename one.")
    return trees


@rule(cites="国市监信发〔2022〕6号")
def mart_sector_class(
    entity_market_entities: Table,
    entity_standing_facts: Table,
    mart_credit_related: Table,
    *,
    as_of: date,
    sectors: Mapping[str, Any],
    late_feeds: Mapping[str, date] | None = None,
) -> Table:
    """Return one row per entity: class and score in each sector, empty where it is no member; rule version, month."""
    trees = sector_trees(sectors)
    asked = {code: one["members"] for code, one in sectors["sectors"].items()}
    rated = measured_in_one_pass(
        entity_market_entities, entity_standing_facts, mart_credit_related, as_of=as_of, trees=trees,
        kinds_of={code: one["fact_kinds"] for code, one in asked.items() if one["fact_kinds"]}, late_feeds=late_feeds,
    )  # fmt: skip
    rated = rated.mutate(**{f"in_{code}": _belongs(rated, code, members) for code, members in asked.items()})
    for code, tree in trees.items():
        scored = scored_by(rated, code, tree, rated[f"in_{code}"], as_of=as_of)
        letter = class_code_of(scored, tree.bands, ibis.literal(False))
        belongs = scored[f"in_{code}"]
        rated = scored.mutate(
            **{
                f"{code}_class": belongs.ifelse(letter, None),
                f"{code}_score": belongs.ifelse(scored.score, None),
            }
        )
    columns = [f"{code}_{what}" for code in trees for what in ("class", "score")]
    return rated.select(
        "entity_id", "uscc", *columns,
        rule_version=ibis.literal(sectors["rule_version"]), snapshot_month=ibis.literal(f"{as_of:%Y-%m}"),
    )  # fmt: skip


def _belongs(t: Table, code: str, members: Mapping[str, Any]) -> BooleanValue:
    """Say who belongs to a sector: by industry code, or by what was recorded of them."""
    by_length: dict[int, list[str]] = {}
    for one in members["industries"]:
        by_length.setdefault(len(one), []).append(one)
    begins = [t.industry_code.substr(0, length).isin(ones) for length, ones in sorted(by_length.items())]
    by_trade = ibis.or_(*begins).fill_null(False)
    return by_trade | t[f"has_{code}"] if members["fact_kinds"] else by_trade


def is_member(
    entity: Mapping[str, Any], facts: Iterable[Mapping[str, Any]], sector: Mapping[str, Any], *, as_of: date
) -> bool:
    """Say whether one entity belongs to a sector, as `mart_sector_class` finds all who do."""
    asked = sector["members"]
    return str(entity.get("industry_code") or "").startswith(tuple(asked["industries"])) or any(
        fact["kind"] in asked["fact_kinds"] and fact["occurred_on"] <= as_of for fact in facts
    )


def _beside(left: Table, right: Table) -> Table:
    joined = left.left_join(right, "entity_id")
    return joined.drop("entity_id_right")


# --- general and sector together ---


@dataclass(frozen=True)
class Coverage:
    """What the classes of an entity mean for coverage: the stricter class, whose it is, and within how many months."""

    class_code: str
    decided_by: str  # general, or the code of a sector
    every_months: int | None
    articles: tuple[str, ...]


@rule(cites="国市监信发〔2022〕6号；《食品生产经营监督检查管理办法》第二十二条")
def coverage(general: str, by_sector: Mapping[str, str | None], *, sectors: Mapping[str, Any]) -> Coverage:
    """Say which class governs the coverage of an entity: the stricter of the general one and those of its sectors.

    Where the law of a sector wants every member checked within some months, that holds for class A too. Where two are
    equally strict, the general class is named first, then the sectors in their order.
    """
    held = [(GENERAL, general), *((code, letter) for code, letter in by_sector.items() if letter)]
    decided_by, letter = max(held, key=lambda one: CLASSES.index(one[1]))
    bound = [
        sectors["sectors"][code] for code, _ in held[1:] if sectors["sectors"][code]["cover_every_months"]
    ]
    months = min((one["cover_every_months"] for one in bound), default=None)
    return Coverage(letter, decided_by, months, tuple(one["article"] for one in bound))


def coverage_class(
    mart_credit_class: Table, mart_sector_class: Table, *, sectors: Mapping[str, Any]
) -> Table:
    """Return one row per entity: general class, the stricter class for coverage, whose it is, months. As `coverage`, for all."""
    joined = _beside(mart_credit_class.select("entity_id", "uscc", general_class="class_code"),
                     mart_sector_class.drop("uscc", "rule_version", "snapshot_month"))  # fmt: skip
    letters = [
        (GENERAL, joined.general_class),
        *((code, joined[f"{code}_class"]) for code in sectors["sectors"]),
    ]
    strictest = ibis.greatest(*(letter.fill_null("A") for _, letter in letters))
    months = [
        joined[f"{code}_class"].notnull().ifelse(one["cover_every_months"], ibis.null("int64"))
        for code, one in sectors["sectors"].items()
        if one["cover_every_months"]
    ]
    return joined.select(
        "entity_id",
        "uscc",
        "general_class",
        coverage_class=strictest,
        decided_by=ibis.cases(*((letter == strictest, code) for code, letter in letters), else_=GENERAL),
        every_months=(ibis.least(*months) if len(months) > 1 else months[0] if months else ibis.null("int64")).cast("int16"),
    )  # fmt: skip


__all__ = [
    "CLASSES", "GENERAL", "Coverage", "coverage", "coverage_class", "is_member", "mart_sector_class", "sector_trees", "sector_weights",
]  # fmt: skip
