"""What a filed dormancy says of its firm, as a fact: recorded with the entry of the register, corrected when the entry changes."""

from datetime import datetime
from typing import Any

from django.db import transaction

from zhijian.apps.supervision.inclusive import queries, rules
from zhijian.apps.supervision.inclusive.models import Dormancy
from zhijian.apps.supervision.inclusive.rules import Period
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared.services import PROGRAM
from zhijian.standards.calendar import statutory_day

KIND = "dormancy.filed"
SOURCE = "inclusive"
_REGISTER = "dormancies"


def on_fact(sender: type[Fact], instance: Fact, **more: Any) -> None:
    """Say which days a firm is dormant when its entry is written, changed or ended; in the same transaction."""
    if instance.source != f"register/{_REGISTER}":
        return
    entry = Dormancy.objects.filter(key=instance.payload["key"]).first()
    if entry is not None and entry.uscc:
        reason = f"{instance.kind} {instance.source}/{instance.source_key}"
        _tell(entry, reason=reason, by=instance.recorded_by, at=instance.recorded_at)


def tell_untold(*, at: datetime) -> int:
    """Tell of the entries that no fact tells of, entered before facts told of them; return how many."""
    told = {one.payload["filing_no"] for one in Fact.objects.filter(kind=KIND, source=SOURCE)}
    untold = [one for one in Dormancy.objects.exclude(uscc="") if one.key not in told]
    for one in untold:
        with transaction.atomic():
            _tell(one, reason="", by=PROGRAM, at=at)
    return len(untold)


def _tell(entry: Dormancy, *, reason: str, by: str, at: datetime) -> None:
    source_key, payload = f"{entry.key}/{entry.uscc}", _payload(entry)
    occurred_on = min(entry.valid_from, statutory_day(at))  # it may be filed ahead
    told = Fact.objects.filter(source=SOURCE, source_key__startswith=f"{entry.key}/").order_by("revision")
    newest = {one.source_key: one for one in told if one.payload["filing_no"] == entry.key}
    for key, fact in newest.items():
        if key != source_key and not fact.is_withdrawal:  # entered under the code of another firm
            facts.withdraw(fact, reason=reason, by=by, at=at)
    known = newest.get(source_key)
    if known is None:
        facts.record(
            KIND, subject=entry.uscc, occurred_on=occurred_on, payload=payload, source=SOURCE, source_key=source_key,
            by=by, at=at, is_synthetic=entry.is_synthetic,
        )  # fmt: skip
    elif known.is_withdrawal or known.payload != payload:
        facts.correct(known, payload=payload, occurred_on=occurred_on, reason=reason, by=by, at=at)


def _payload(entry: Dormancy) -> dict[str, str]:
    assert entry.valid_to is not None
    last = rules.dormant_through(
        Period(entry.valid_from, entry.valid_to),
        resumed_on=entry.resumed_on,
        acted_on=entry.acted_on,
        others=queries.other_dormancies(entry.uscc, besides=entry.key),
    )
    return {
        "filing_no": entry.key,
        "dormant_from": entry.valid_from.isoformat(),
        "dormant_to": last.isoformat(),
        "cause_code": entry.cause_code,
    }
