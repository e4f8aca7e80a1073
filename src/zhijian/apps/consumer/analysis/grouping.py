"""Open cases about one platform or shop, to be taken up together (S58): pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhijian.engines.signals.counted import Counted

PLATFORM, SHOP = "platform", "shop"


@dataclass(frozen=True)
class Together:
    """Cases that may be taken up together, the firm or platform they are about, and how many are late or soon due."""

    kind: str
    key: str
    label: str
    cases: tuple[Counted, ...]


def together(cases: Sequence[Counted], *, least: int) -> list[Together]:
    """Return groups of open cases, the largest first: by shop where a shop has enough, else by platform."""
    waiting = [case for case in cases if case.is_open]
    shops = _groups(SHOP, [(case.firm, case.firm_name, case) for case in waiting], least)
    taken = {case.number for group in shops for case in group.cases}
    rest = [(case.platform, case.platform, case) for case in waiting if case.number not in taken]
    return sorted(shops + _groups(PLATFORM, rest, least), key=lambda group: (-len(group.cases), group.key))


def _groups(kind: str, rows: Sequence[tuple[str, str, Counted]], least: int) -> list[Together]:
    found: dict[str, list[Counted]] = {}
    labels: dict[str, str] = {}
    for key, label, case in rows:
        if key:
            found.setdefault(key, []).append(case)
            labels[key] = label
    return [Together(kind, key, labels[key], tuple(own)) for key, own in found.items() if len(own) >= least]
