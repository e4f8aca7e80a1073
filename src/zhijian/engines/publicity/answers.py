"""What is handed to whoever asks about a code: proof, signed root, and the list as long as it may still be shown."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from zhijian.engines.facts import queries, seals
from zhijian.engines.facts.errors import NotYetSealed
from zhijian.engines.publicity import roots
from zhijian.engines.publicity.checking import ANSWER_FORM
from zhijian.engines.publicity.store import Day, PublicityMap
from zhijian.engines.publicity.tree import key_of
from zhijian.engines.registers import register_at
from zhijian.infrastructure.home import Home


def answer(
    store: PublicityMap, uscc: str, day: Day, *, today: date, shown: Iterable[str] | None = None
) -> dict[str, Any]:
    """Return the answer about a code on a day of the map.

    The list is left out where it is not the newest any more, or where an item of it left the publicity since the root
    was made: by its term, or because it is not among `shown`, the ids that are public at this moment. Its hash stays.
    """
    proof = store.prove(uscc, day.day)
    value = proof.value(key_of(uscc))
    leaf = _list(store, uscc, value, today, shown)
    return {
        "form": ANSWER_FORM,
        "uscc": uscc,
        "day": day.day.isoformat(),
        "signed": day.signed_root(),
        "proof": proof.members(),
        "leaf": leaf,
        "is_withheld": value is not None and leaf is None,
    }


def _list(
    store: PublicityMap, uscc: str, value: bytes | None, today: date, shown: Iterable[str] | None
) -> dict[str, Any] | None:
    found = store.text(uscc)
    if value is None or found is None or found[0] != value:
        return None
    leaf: dict[str, Any] = json.loads(found[1])
    still = None if shown is None else set(shown)
    for item in leaf["items"]:
        is_over = item["public_until"] is not None and item["public_until"] < today.isoformat()
        if is_over or (still is not None and item["fact_id"] not in still):
            return None
    return leaf


def shown_now(uscc: str, *, home: Home, on: date) -> Iterator[str]:
    """Yield the ids of what is public about a code at this moment; nothing is read until the first is asked for."""
    register = register_at(home.serving)
    delivered = register.delivered_facts(uscc) if register.is_ready else []
    record = queries.public_record(uscc, on=on, delivered=delivered)
    yield from (str(one.fact.fact_id) for one in record)


def logged(day: str) -> dict[str, Any] | None:
    """Return the fact that holds a day's root, with the proof that the log has it; None where there is no such day."""
    fact = roots.fact_of(day)
    if fact is None:
        return None
    try:
        inclusion = seals.inclusion(fact)
    except NotYetSealed:
        inclusion = None
    return {"fact": seals.published_form(fact), "inclusion": inclusion}
