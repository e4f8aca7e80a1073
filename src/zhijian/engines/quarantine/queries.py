"""How far the work on the quarantine is."""

from collections.abc import Iterable

from django.db.models import Count

from zhijian.engines.quarantine.models import Outcome, Resolution

Key = tuple[str, str, int]


def settled_keys() -> list[Key]:
    """Return the rows that are done with."""
    final = Resolution.objects.exclude(outcome=Outcome.REFUSED)
    return list(final.values_list("contract", "delivery_sha256", "source_line").order_by().distinct())


def history(key: Key) -> list[Resolution]:
    """Return the acts on one row, oldest first."""
    contract, sha256, line = key
    acts = Resolution.objects.filter(contract=contract, delivery_sha256=sha256, source_line=line)
    return list(acts.select_related("officer").order_by("step"))


def newest_of(keys: Iterable[Key]) -> dict[Key, Resolution]:
    """Return the newest act on each of a page's rows, where there is one."""
    wanted = set(keys)
    acts = Resolution.objects.filter(
        delivery_sha256__in={sha for _, sha, _ in wanted}, source_line__in={line for _, _, line in wanted}
    )
    return {act.key: act for act in acts.select_related("officer").order_by("step") if act.key in wanted}


def counts() -> dict[str, int]:
    """Return how many rows were fixed, waived and returned."""
    found = {"fixed": 0, "waived": 0, "returned": 0}
    final = Resolution.objects.exclude(outcome=Outcome.REFUSED)
    for action, outcome, times in final.values_list("action", "outcome").annotate(Count("pk")).order_by():
        found[Resolution(action=action, outcome=outcome).state] += times
    return found
