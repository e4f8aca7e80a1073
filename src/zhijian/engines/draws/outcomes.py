"""Results of drawn objects: which may be published when, and how they are committed to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhijian.engines.draws import core, store
from zhijian.engines.draws.errors import WrongOrder, WrongValue
from zhijian.engines.draws.models import Draw, Selection
from zhijian.engines.draws.roster import Record
from zhijian.engines.facts.canonical import canonical as checked_canonical


@dataclass(frozen=True)
class Outcome:
    """What the inspection of one drawn object found. ``result`` is published whole; None is pending."""

    object_id: str
    result: Mapping[str, Any] | None


def check_complete(given: Mapping[str, Outcome], selections: Mapping[str, Selection]) -> None:
    missing = [one for one in selections.values() if not one.is_reserve and one.object_id not in given]
    strangers = [object_id for object_id in given if object_id not in selections]
    if missing:
        raise WrongValue(
            f"抽中的{missing[0].name}没有结果，共缺{len(missing)}户。未办结的请写“待办”，不能略去。",
            f"{missing[0].name} was drawn and has no result ({len(missing)} missing). Give it as pending; none may be left out.",
        )
    if strangers:
        raise WrongValue(
            f"{strangers[0]}没有被抽中，也不在候补名单，不能公布结果。",
            f"{strangers[0]} was neither drawn nor in reserve; its result does not belong here.",
        )


def records_of(
    draw: Draw,
    given: Mapping[str, Outcome],
    selections: Mapping[str, Selection],
    salt: Callable[[], bytes],
) -> tuple[list[Record], list[Record]]:
    """Return slots by leaf and results by hash, and the private openings that join them (salted draws)."""
    is_open = draw.plan.mode == "open"
    slots, results, openings = [], [], []
    for object_id, outcome in given.items():
        leaf = selections[object_id].leaf
        if outcome.result is None:
            slots.append({"kind": "slot", "leaf": leaf, "pending": True})
            continue
        result = {**outcome.result, "object": object_id, **({"leaf": leaf} if is_open else {})}
        checked_canonical(result, "result")
        hidden = "" if is_open else salt().hex()
        seal = core.result_commitment(draw.plan_id, draw.attempt, leaf, hidden, result)
        slots.append({"kind": "slot", "leaf": leaf, "commitment": seal})
        results.append({"kind": "result", "result": result})
        openings.append({"leaf": leaf, "salt": hidden, "result": result})
    results.sort(key=lambda record: core.sha256(core.canonical(record["result"])))
    return sorted(slots, key=lambda record: str(record["leaf"])) + results, openings


def check_progress(
    draw: Draw,
    published_before: int,
    given: Mapping[str, Outcome],
    openings: Sequence[Record],
    leaves: Mapping[str, str],
) -> None:
    """Refuse a file whose difference to another would tell who is who, or that takes a result back.

    A salted draw publishes its results once, when all are in: between two files, one more filled slot and one more
    result would link a leaf to a name. An open draw may publish in parts; what was filled stays filled.

    Raises:
        WrongOrder: a salted draw still has pending results.
        WrongValue: a published result would become pending again, or nothing is new.
    """
    pending = sum(one.result is None for one in given.values())
    if draw.plan.mode == "salted" and pending:
        raise WrongOrder(
            f"还有{pending}户没有结果。加盐名单的抽签要等全部办结后一次公布，否则前后两份文件一比就知道谁是谁。",
            f"{pending} result(s) are still pending. A salted draw publishes them once, when all are in: "
            "two files compared would tell who is who.",
        )
    if not published_before:
        return
    earlier = {row["leaf"]: row["result"] for row in store.kept(draw, f"results-{published_before}")}
    now = {row["leaf"]: row["result"] for row in openings}
    gone = sorted(name for name, leaf in leaves.items() if leaf in earlier and leaf not in now)
    if gone:
        raise WrongValue(
            f"{gone[0]}的结果已经公布，不能再改为待办或略去。",
            f"The result of {gone[0]} is published; it cannot become pending again or be left out.",
        )
    if now == earlier:
        raise WrongValue("没有新的检查结果可以公布。", "There is no new result to publish.")
