"""The published rules as data: read from a dated file, checked, compiled to patterns that take linear time.

A wording is a literal in which ``~`` stands for at most eight characters within a sentence. Nothing in a rule can repeat
without bound, so no text can make a search run away.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "unfair_terms.yaml"
GAP = r"[^。；！？]{0,8}?"
SEVERITIES = ("high", "medium", "low")
_NEEDED = {
    "id",
    "kind",
    "since",
    "severity",
    "title",
    "why",
    "articles",
    "all",
    "suggest",
    "match",
    "no_match",
}
_OPTIONAL = {"within", "unless", "speaks_for", "paid_by", "about", "share_over"}


class BadRule(ValueError):
    """The rule file cannot be used; the message says where."""


@dataclass(frozen=True)
class Either:
    """The same words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class UnfairRule:
    """One published rule. `groups` are wordings that stand within `within` characters; the last is the anchor."""

    id: str
    kind: str
    since: date
    severity: str  # high, medium, low
    title: Either
    why: Either
    articles: tuple[str, ...]
    suggest: Either
    groups: tuple[re.Pattern[str], ...]
    wordings: tuple[tuple[str, ...], ...]
    within: int  # characters
    unless: re.Pattern[str] | None
    exceptions: tuple[str, ...]
    speaks_for_trader: bool
    about: str  # consumer, trader or empty: whom the term must not clearly say otherwise about
    is_paid_by_consumer: bool
    share_over: float | None  # a share of the price (1.0 = all of it)
    match: tuple[str, ...]
    no_match: tuple[str, ...]


@dataclass(frozen=True)
class Rulebook:
    """All rules of one edition. `trader` and `consumer` are the words by which a text names the parties."""

    version: date
    label: Either
    rules: tuple[UnfairRule, ...]
    trader: tuple[str, ...]
    consumer: tuple[str, ...]

    def in_force(self, on: date) -> tuple[UnfairRule, ...]:
        """Return the rules whose articles are in force on a day."""
        return tuple(one for one in self.rules if one.since <= on)

    def rule(self, name: str) -> UnfairRule | None:
        """Return a rule by its id, or None."""
        return next((one for one in self.rules if one.id == name), None)


def pattern_of(wordings: Sequence[str]) -> re.Pattern[str]:
    """Return one pattern for all wordings, the longest first."""
    ordered = sorted(set(wordings), key=lambda one: (-len(one), one))
    return re.compile("|".join(GAP.join(re.escape(part) for part in one.split("~")) for one in ordered))


@cache
def shipped() -> Rulebook:
    """Return the rules that ship with the system."""
    return load(FILE)


def load(path: Path) -> Rulebook:
    """Read a file of rules.

    Raises:
        BadRule: what is missing or unknown, and in which rule.
    """
    content = yaml.safe_load(path.read_text("utf-8"))
    words = {name: tuple(str(one) for one in listed) for name, listed in content["words"].items()}
    rules = tuple(_rule(one, words) for one in content["rules"])
    twice = {one.id for one in rules if [other.id for other in rules].count(one.id) > 1}
    if twice:
        raise BadRule(f"{path.name}: {', '.join(sorted(twice))} stand there twice.")
    label = Either(content["label"], content["label_en"])
    return Rulebook(content["version"], label, rules, words["trader"], words["consumer"])


def _rule(raw: Mapping[str, Any], words: Mapping[str, tuple[str, ...]]) -> UnfairRule:
    name = str(raw.get("id", "?"))
    if wrong := (_NEEDED - set(raw)) | (set(raw) - _NEEDED - _OPTIONAL):
        raise BadRule(f"rule {name}: {', '.join(sorted(wrong))} missing or unknown.")
    if raw["severity"] not in SEVERITIES or not isinstance(raw["since"], date) or not raw["articles"]:
        raise BadRule(f"rule {name}: severity, since or articles are wrong.")
    groups = tuple(tuple(_spread(group, words, name)) for group in raw["all"])
    exceptions = tuple(_spread(raw.get("unless", []), words, name))
    if not groups or any(not group for group in groups):
        raise BadRule(f"rule {name}: a group is empty.")
    return UnfairRule(
        id=name,
        kind=raw["kind"],
        since=raw["since"],
        severity=raw["severity"],
        title=Either(**raw["title"]),
        why=Either(**raw["why"]),
        articles=tuple(raw["articles"]),
        suggest=Either(**raw["suggest"]),
        groups=tuple(pattern_of(group) for group in groups),
        wordings=groups,
        within=int(raw.get("within", 30)),
        unless=pattern_of(exceptions) if exceptions else None,
        exceptions=exceptions,
        speaks_for_trader=raw.get("speaks_for") == "trader",
        about=raw.get("about", ""),
        is_paid_by_consumer=raw.get("paid_by") == "consumer",
        share_over=raw.get("share_over"),
        match=tuple(raw["match"]),
        no_match=tuple(raw["no_match"]),
    )


def _spread(group: Any, words: Mapping[str, tuple[str, ...]], name: str) -> Iterator[str]:
    """Yield the wordings of a group; ``$list`` stands for a shared list."""
    for one in [group] if isinstance(group, str) else group:
        if not str(one).startswith("$"):
            yield str(one)
        elif (shared := words.get(str(one)[1:])) is not None:
            yield from shared
        else:
            raise BadRule(f"rule {name}: there is no list '{one}'.")
