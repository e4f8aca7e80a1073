"""What a leaf commits to: the exact list of public items about one code on one day, as text that anybody can hash."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from zhijian.engines.facts import kinds
from zhijian.engines.facts.canonical import LARGEST_INTEGER, canonical
from zhijian.engines.facts.queries import Known, PublicFact
from zhijian.engines.publicity.lists import Leaf, members_of
from zhijian.standards import personal_data


def leaf_of(uscc: str, known: Known, *, on: date) -> Leaf:
    """Return the leaf of a code on a day, from what is known about it."""
    items = sorted(map(item_of, known.public), key=lambda item: (item["occurred_on"], item["fact_id"]))
    text = canonical(members_of(uscc, items)) if items else None
    return Leaf(uscc, text, len(items), _next_change(known, on))


def item_of(shown: PublicFact) -> dict[str, Any]:
    """Return one public item: what, since when, until when, by which article, and its leaf in the sealed log, if it has one."""
    fact = shown.fact
    kind = kinds.find(fact.kind)
    return {
        "basis": fact.legal_basis or (kind.article if kind else ""),
        "fact_id": str(fact.fact_id),
        "is_synthetic": bool(fact.is_synthetic),
        "kind": fact.kind,
        "leaf_hash": fact.leaf_hash if shown.is_in_log else None,
        "occurred_on": fact.occurred_on.isoformat(),
        "payload": _as_published(fact.payload),
        "public_until": fact.public_until.isoformat() if fact.public_until else None,
        "source": fact.source,
        "source_key": str(fact.source_key),
    }


def _as_published(value: Any) -> Any:
    """Return a value of a payload as it is published to machines: what points to a person is masked, fractions are text.

    Two languages may print one fraction in two ways, and delivered payloads have them.
    """
    if isinstance(value, Mapping):
        return {str(name): _as_published(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_published(one) for one in value]
    if isinstance(value, str):
        return personal_data.masked(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    is_plain = value is None or isinstance(value, bool)
    is_whole = isinstance(value, int) and abs(value) <= LARGEST_INTEGER
    return value if is_plain or is_whole else json.dumps(value, default=str)


def _next_change(known: Known, on: date) -> date | None:
    """Return the first day after `on` on which a term ends, publicity begins, or what is dated ahead takes effect."""
    days = []
    for fact in known.everything:
        begins = fact.payload.get("published_on")
        days += [fact.occurred_on, date.fromisoformat(begins) if begins else None]
        days.append(fact.public_until + timedelta(days=1) if fact.public_until else None)
    return min((day for day in days if day and day > on), default=None)
