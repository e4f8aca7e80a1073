"""Who may do what, anchored in the facts at each seal: a role, area, number or account changed past the services shows.

Every change by the services stands in the record of looks. What differs from the last anchor without such a look was
written into the database by hand.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from zhijian.engines.facts import services
from zhijian.engines.facts.models import Fact
from zhijian.security.models import AccessRecord, Officer
from zhijian.standards.calendar import statutory_day

KIND, SUBJECT, SOURCE = "accounts.kept", "accounts", "security"
ENTERED = "account_entered"
CHANGED_BY: Mapping[str, frozenset[str]] = {
    "roles": frozenset({"role_given", "role_ended"}),
    "area": frozenset({"area_set"}),
    "number": frozenset({"staff_number_set"}),
    "open": frozenset({"account_opened", "account_closed"}),
    "unit": frozenset(),  # no service moves an account to another unit
    "name": frozenset(),
}
"""What is anchored of an account, and which looks stand for its change."""


@dataclass(frozen=True)
class _Look:
    sequence: int
    part: str


def anchor(*, at: datetime) -> Fact | None:
    """Record what changed of the accounts since the last anchor; nothing before the first look, or where all is the same."""
    looks = AccessRecord.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    if looks is None:
        return None
    known, count = _known()
    now = _now()
    changed = {key: said for key, said in now.items() if known.get(key) != said}
    changed |= {key: {} for key, said in known.items() if said and key not in now}
    if not changed:
        return None
    return services.record(
        KIND,
        subject=SUBJECT,
        occurred_on=statutory_day(at),
        payload={"looks": looks, "accounts": changed},
        source=SOURCE,
        source_key=f"accounts/{count + 1}",
        by="zhijian facts seal",
        at=at,
    )


def differences() -> Iterator[tuple[str, str]]:
    """Yield each account (its number) with what differs of it, now or at an anchor, from the anchor before without a look that says who changed it.

    What stood at the first anchor is taken as it was. Accounts of a mere demonstration appear without a look.
    """
    looks = _looks()
    known: dict[str, dict[str, str]] = {}
    before: int | None = None
    is_real = Officer.objects.filter(is_synthetic=False).exists()
    for payload in _anchors():
        for key, said in payload["accounts"].items():
            if before is not None:
                yield from _compared(key, known.get(key), said, looks[key], before, payload["looks"], is_real)
            known[key] = said
        before = payload["looks"]
    if before is None:
        return
    now = _now()
    for key in sorted(known.keys() | now.keys(), key=int):
        if known.get(key) != (said := now.get(key, {})):
            yield from _compared(key, known.get(key), said, looks[key], before, None, is_real)


def _compared(
    key: str, before: dict[str, str] | None, now: dict[str, str], looks: list[_Look], after: int, through: int | None,
    is_real: bool,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Name what differs and no look between the two anchors stands for."""
    parts = {
        one.part for one in looks if one.sequence > after and (through is None or one.sequence <= through)
    }
    if not now:
        differing = ["gone"] if before else []
    elif not before:
        differing = ["new"] if is_real and ENTERED not in parts else []
    else:
        differing = [
            name
            for name, verbs in CHANGED_BY.items()
            if before.get(name) != now.get(name) and not verbs & parts
        ]
    for name in differing:
        yield key, name


def _anchors() -> list[dict[str, Any]]:
    """Return what each anchor says, the oldest first: `looks`, the newest look of then, and `accounts`, what changed."""
    rows = Fact.objects.filter(kind=KIND, source=SOURCE, revision=0).values_list("source_key", "payload")
    return [payload for _, payload in sorted(rows, key=lambda one: int(one[0].rpartition("/")[2]))]


def _known() -> tuple[dict[str, dict[str, str]], int]:
    anchors = _anchors()
    known: dict[str, dict[str, str]] = {}
    for payload in anchors:
        known |= payload["accounts"]
    return known, len(anchors)


def _looks() -> dict[str, list[_Look]]:
    """Return the looks at accounts that stand for a change, by number of the account."""
    verbs = frozenset({ENTERED}).union(*CHANGED_BY.values())
    found: dict[str, list[_Look]] = defaultdict(list)
    rows = AccessRecord.objects.filter(part__in=verbs, subject__startswith="account/").order_by("sequence")
    for subject, part, sequence in rows.values_list("subject", "part", "sequence").iterator(2000):
        found[subject.removeprefix("account/")].append(_Look(sequence, part))
    return found


def _now() -> dict[str, dict[str, str]]:
    return {str(one.pk): _digests(one) for one in Officer.objects.order_by("pk").iterator(1000)}


def _digests(officer: Officer) -> dict[str, str]:
    said = {
        "roles": sorted(officer.roles), "area": officer.division_code, "number": officer.staff_number,
        "open": officer.is_active, "unit": officer.organisation_id, "name": officer.username,
    }  # fmt: skip
    return {name: _digest(officer.pk, name, value) for name, value in said.items()}


def _digest(number: int, name: str, value: object) -> str:
    plain = json.dumps([number, name, value], ensure_ascii=False)
    return sha256(plain.encode()).hexdigest()[:16]
