"""Do the ledger of draws and the sealed facts say the same? Names every step where they do not."""

from collections.abc import Iterator

from zhijian.engines.draws import ledger
from zhijian.engines.draws.errors import Tampered
from zhijian.engines.draws.models import CeremonyEvent, EventKind
from zhijian.engines.draws.services import SOURCE, fact_payload
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.verification import Finding


def findings() -> Iterator[Finding]:
    """Yield each event of the ledger without its fact, each that differs from it, and each fact without its event."""
    try:
        ledger.check()
    except Tampered as broken:
        yield Finding("ledger", "draws", broken.message_zh, broken.message_en)
    sealed = {fact.source_key: fact for fact in Fact.objects.filter(source=SOURCE, revision=0)}
    for event in CeremonyEvent.objects.select_related("draw").order_by("n"):
        fact = sealed.pop(f"event/{event.n}/{event.hash[:16]}", None)
        if fact is None:
            yield _disagreement(
                event.n, f"抽签总账第{event.n}条没有对应的事实", f"event {event.n} has no fact"
            )
        elif wrong := _differences(event, fact):
            names = "、".join(wrong)
            yield _disagreement(
                event.n,
                f"抽签总账第{event.n}条与事实不符（{names}）",
                f"event {event.n} differs from its fact: {names}",
            )
    for key, fact in sorted(sealed.items()):
        yield _disagreement(
            key, f"事实 {fact.pk}（{key}）在抽签总账中没有对应的一条", f"fact {fact.pk} ({key}) has no event"
        )


def _differences(event: CeremonyEvent, fact: Fact) -> list[str]:
    name = EventKind.PUBLISHED if event.kind == EventKind.OUTCOMES else event.kind
    pairs = {
        "kind": (fact.kind, f"draw.{name}"),
        "plan": (fact.subject, event.draw.plan_id),
        "actor": (fact.recorded_by, event.actor),
        "at": (fact.recorded_at.replace(microsecond=0), event.at),
        "is_synthetic": (fact.is_synthetic, event.draw.is_synthetic),
    }
    wrong = [name for name, (one, other) in pairs.items() if one != other]
    expected = fact_payload(event)
    return wrong + sorted(
        key for key in expected.keys() | fact.payload.keys() if expected.get(key) != fact.payload.get(key)
    )


def _disagreement(where: object, zh: str, en: str) -> Finding:
    return Finding("ledger", str(where), f"{zh}。", f"The ledger of draws: {en}.")
