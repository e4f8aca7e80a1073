"""The credit-risk class A–D of every market entity, from its score and one cut for the whole province.

By 国市监信发〔2022〕6号 the class allocates inspection resources. It is internal: no verdict on the firm, no
discipline, no exemption from sampling, never on a public page. Class D is held under its quota by a cut score
that depends on nothing but how many entities have which score: all at or above it are D, ties alike. So a
night's increment that replaces some scores counts the histogram again and has the cut of a full run.
"""

from collections.abc import Mapping
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from zhijian.datazone.mart.indicator_tree import tree_of
from zhijian.standards.citation import rule

UNREACHABLE_SCORE = 1001  # a cut that no score reaches: nobody is D by score


def credit_histogram(mart_credit_score: Table) -> Table:
    """Count the entities by score and flags: a few thousand rows, which can be added and subtracted."""
    t = mart_credit_score
    return t.group_by("score", "is_serious", "is_insufficient").aggregate(entity_count=t.count())


@rule(cites="国市监信发〔2022〕6号")
def mart_credit_class_cut(mart_credit_score: Table, *, weights: Mapping[str, Any]) -> Table:
    """Return one row: the score from which an entity is D, and the counts that it follows from.

    The lowest score from the band of D upwards at which D, forced entries included, keeps within its share.
    """
    return cut_of(credit_histogram(mart_credit_score), weights=weights)


def cut_of(histogram: Table, *, weights: Mapping[str, Any]) -> Table:
    """The cut from a histogram that was kept up to date."""
    tree = tree_of(weights)
    count = histogram.entity_count
    free = ~histogram.is_serious & ~histogram.is_insufficient & (histogram.score >= tree.bands["D"])
    counts = histogram.aggregate(
        entity_count=count.sum().cast("int64"),
        forced_count=histogram.is_serious.ifelse(count, 0).sum().cast("int64"),
        by_score_count=free.ifelse(count, 0).sum().cast("int64"),
    )
    quota = (counts.entity_count * tree.highest_d_share_percent / 100).floor()
    places = counts.mutate(d_quota_count=quota.cast("int64"))
    by_score = histogram.filter(free).group_by("score").aggregate(at_score=count.sum().cast("int64"))
    reached = by_score.mutate(
        d_count=by_score.at_score.sum().over(
            ibis.window(order_by=by_score.score.desc(), preceding=None, following=0)
        )
    )
    within_quota = reached.cross_join(places)
    fits = within_quota.filter(within_quota.d_count <= within_quota.d_quota_count - within_quota.forced_count)
    lowest = fits.aggregate(lowest=fits.score.min())
    found = places.cross_join(lowest)
    return found.select(
        "entity_count", "forced_count", "by_score_count", "d_quota_count",
        cut_score=found.lowest.fill_null(UNREACHABLE_SCORE).cast("int16"),
    )  # fmt: skip


@rule(cites="国市监信发〔2022〕6号；DB44/T 2600—2025")
def mart_credit_class(
    mart_credit_score: Table, mart_credit_class_cut: Table, *, weights: Mapping[str, Any]
) -> Table:
    """Return one row per entity: class, score, whether the quota held it at C, rule version, month.

    An open serious-violation listing forces D. Without any record of conduct an entity is B, the class of those
    of whom too little is known (neither better nor worse than ordinary).
    """
    tree = tree_of(weights)
    t = mart_credit_score.cross_join(mart_credit_class_cut.select("cut_score"))
    held_back = ~t.is_serious & ~t.is_insufficient & (t.score >= tree.bands["D"]) & (t.score < t.cut_score)
    return t.select(
        "entity_id",
        "uscc",
        class_code=class_code_of(t, tree.bands, held_back),
        score=t.score.cast("int32"),
        is_insufficient=t.is_insufficient,
        is_held_back=held_back,
        rule_version=ibis.literal(tree.rule_version),
        snapshot_month=t.snapshot_month,
    )


def class_code_of(t: Table, bands: Mapping[str, int], held_back: BooleanValue) -> StringValue:
    """The letter of a score: D where forced or from its band on unless held back, B where too little is known."""
    return ibis.cases(
        (t.is_serious, "D"),
        (t.is_insufficient, "B"),
        ((t.score >= bands["D"]) & ~held_back, "D"),
        (t.score >= bands["C"], "C"),
        (t.score >= bands["B"], "B"),
        else_="A",
    )


def touched_by_cut(mart_credit_score: Table, before: int, after: int) -> Table:
    """Return the ids of the entities whose class a moved cut changes, though their score did not."""
    low, high = sorted((before, after))
    t = mart_credit_score
    return t.filter(_between(t, low, high)).select("entity_id")


def _between(t: Table, low: int, high: int) -> BooleanValue:
    return (t.score >= low) & (t.score < high) & ~t.is_serious & ~t.is_insufficient


__all__ = [
    "class_code_of", "credit_histogram", "cut_of", "mart_credit_class", "mart_credit_class_cut", "touched_by_cut",
]  # fmt: skip
