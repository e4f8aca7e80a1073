"""A screened text as a page shows it: pieces, each plain or marked with the findings that lie on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from zhijian.apps.consumer.contracts.screening.engine import Finding, Screening


class Placed(Protocol):
    """Anything that stands between two places of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Span:
    """Where something stands in a text: from `start` to `end`, which is not in it."""

    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """Part of the text; `numbers` are the findings (from 1) that cover it."""

    text: str
    numbers: tuple[int, ...]
    first_of: tuple[int, ...]  # findings that begin here


def pieces(text: str, findings: Sequence[Placed]) -> list[Piece]:
    """Cut the text where findings begin and end; overlapping findings share a piece."""
    cuts = sorted({0, len(text), *(one.start for one in findings), *(one.end for one in findings)})
    opened: dict[int, list[int]] = {}
    closed: dict[int, list[int]] = {}
    for number, one in enumerate(findings, start=1):
        opened.setdefault(one.start, []).append(number)
        closed.setdefault(one.end, []).append(number)
    found: list[Piece] = []
    now: list[int] = []
    for start, end in pairwise(cuts):
        now = [one for one in now if one not in closed.get(start, ())] + opened.get(start, [])
        if end > start:
            found.append(Piece(text[start:end], tuple(now), tuple(opened.get(start, ()))))
    return found


def as_json(screening: Screening) -> dict[str, object]:
    """Return a screening as data: places, rules, articles, why and the lawful wording."""
    return {
        "rules_version": screening.version.isoformat(),
        "is_decision": False,
        "note": "规则识别的提示，不是行政决定，也不认定合同效力 / an indication by rules, no decision",
        "clauses": len(screening.clauses),
        "left_out": screening.left_out,
        "findings": [finding_json(one) for one in screening.findings],
    }


def finding_json(one: Finding) -> dict[str, object]:
    rule = one.rule
    return {
        "rule": rule.id,
        "kind": rule.kind,
        "severity": rule.severity,
        "clause": one.clause.label,
        "start": one.start,
        "end": one.end,
        "quote": one.quote[:500],
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "why": {"zh": rule.why.zh, "en": rule.why.en},
        "articles": list(rule.articles),
        "suggestion": {"zh": rule.suggest.zh, "en": rule.suggest.en},
    }
