"""The indicator tree of the credit-risk class, as the dated parameter holds it: dimensions, groups, indicators.

The tree is data that a credit-supervision division may change; this module only reads it, and refuses what
the closed vocabulary does not have. What the words do is in `vocabulary.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Formula = Literal[
    "count", "decayed", "present", "amount", "open", "closed", "years", "listed", "related"
]  # fmt: skip
Family = Literal["penalty", "abnormal_list", "serious_list"]
Missing = Literal["zero", "last_known"]
RelatedRecord = Literal["penalty", "serious", "revoked"]

# Columns of an entity that may be looked up in a code list: what it does and how it stands on the register.
# Who stands behind it (sex, age, home, household) is never asked; a person is only an opaque id that links entities.
COLUMNS = ("industry_code", "status_code")
# Facts about what the firm did as a complainant or reporter: lawful, so no indicator may read them.
OWN_RIGHTS = ("complaint.filed", "report.filed", "objection.filed", "review.filed")


class BadTree(ValueError):
    """The tree holds a word outside the vocabulary; says which indicator and what may stand there."""


@dataclass(frozen=True)
class What:
    """Which facts an indicator measures. Empty conditions narrow nothing."""

    kinds: tuple[str, ...] = ()
    family: Family | None = None
    codes: tuple[str, ...] = ()
    not_codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    amount_from_yuan: int | None = None


@dataclass(frozen=True)
class Indicator:
    """One third-level indicator. Points are of 1000; positive ones raise the risk."""

    id: str
    zh: str
    en: str
    formula: Formula
    weight: int
    cap: int
    missing: Missing
    dimension: str = ""
    group: str = ""
    what: What = field(default_factory=What)
    window_months: int = 0
    skip_months: int = 0
    beyond: int = 0
    column: str = ""
    codes: tuple[str, ...] = ()
    below: int | None = None
    from_years: int | None = None
    of: RelatedRecord | None = None
    unit: tuple[str, str] = ("", "")
    forces: str = ""

    @property
    def has_count(self) -> bool:
        """Whether the score keeps a count beside the points; what is looked up in the register needs none."""
        return self.formula != "listed"


@dataclass(frozen=True)
class Group:
    id: str
    zh: str
    en: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Dimension:
    id: str
    zh: str
    en: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class NoSource:
    """An indicator that the standard or practice names and that no feed carries yet."""

    id: str
    zh: str
    en: str
    dimension: str
    waits_for: str


@dataclass(frozen=True)
class Tree:
    """The whole model of a day: base, cuts, quota, indicators."""

    rule_version: str
    base_points: int
    bands: Mapping[str, int]
    highest_d_share_percent: int
    half_life_months: int
    conduct_kinds: tuple[str, ...]
    late_after_days: Mapping[str, int]
    dimensions: tuple[Dimension, ...]
    no_source: tuple[NoSource, ...]

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(
            one for dimension in self.dimensions for group in dimension.groups for one in group.indicators
        )

    def with_formula(self, *formulas: Formula) -> tuple[Indicator, ...]:
        return tuple(one for one in self.indicators if one.formula in formulas)


def tree_of(weights: Mapping[str, Any]) -> Tree:
    """Read the tree of ``supervision/credit_class``.

    Raises:
        BadTree: a formula, kind or column lies outside the vocabulary, or an id stands twice.
    """
    tree = Tree(
        rule_version=weights["rule_version"],
        base_points=weights["base_points"],
        bands=weights["bands"],
        highest_d_share_percent=weights["highest_d_share_percent"],
        half_life_months=weights["half_life_months"],
        conduct_kinds=tuple(weights["conduct_kinds"]),
        late_after_days=weights["late_after_days"],
        dimensions=tuple(_dimension(one) for one in weights["dimensions"]),
        no_source=tuple(NoSource(**one) for one in weights["no_source"]),
    )
    ids = [one.id for one in tree.indicators]
    if len(set(ids)) != len(ids):
        raise BadTree(
            f"Indicator ids stand twice: {sorted({i for i in ids if ids.count(i) > 1})}. Rename one."
        )
    return tree


def _dimension(given: Mapping[str, Any]) -> Dimension:
    groups = tuple(_group(one, given["id"]) for one in given["groups"])
    return Dimension(given["id"], given["zh"], given["en"], groups)


def _group(given: Mapping[str, Any], dimension: str) -> Group:
    indicators = tuple(_indicator(one, dimension, given["id"]) for one in given["indicators"])
    return Group(given["id"], given["zh"], given["en"], indicators)


def _indicator(given: Mapping[str, Any], dimension: str, group: str) -> Indicator:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
    }
    what: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in given.get("what", {}).items()
    }
    values["from_years"] = values.pop("from", None)
    try:
        indicator = Indicator(**{**values, "what": What(**what), "dimension": dimension, "group": group})
    except TypeError as problem:
        raise BadTree(f"Indicator {given.get('id')!r} cannot be read: {problem}.") from problem
    for complaint in _complaints(indicator):
        raise BadTree(f"Indicator {indicator.id!r}: {complaint}")
    return indicator


def _complaints(one: Indicator) -> Iterator[str]:
    """Say what is outside the vocabulary."""
    if one.formula not in get_args(Formula):
        yield f"formula {one.formula!r} is not one of {', '.join(get_args(Formula))}."
    if one.missing not in get_args(Missing):
        yield f"missing {one.missing!r} is not one of {', '.join(get_args(Missing))}."
    if one.what.family is not None and one.what.family not in get_args(Family):
        yield f"family {one.what.family!r} is not one of {', '.join(get_args(Family))}."
    if one.formula == "listed" and one.column not in COLUMNS:
        yield f"column {one.column!r} may not be looked up; use one of {', '.join(COLUMNS)}."
    if one.formula == "related" and one.of not in get_args(RelatedRecord):
        yield f"of {one.of!r} is not one of {', '.join(get_args(RelatedRecord))}."
    if forbidden := set(one.what.kinds) & set(OWN_RIGHTS):
        yield f"{', '.join(sorted(forbidden))} is the firm's own lawful complaint; it must not count."
    if one.weight < 0 and one.what.kinds and one.missing != "last_known":
        yield "a protective indicator needs missing: last_known, or a failed feed would worsen firms."
    if one.forces not in ("", "D"):
        yield "only class D can be forced."


__all__ = ["BadTree", "Dimension", "Group", "Indicator", "NoSource", "Tree", "What", "tree_of"]
