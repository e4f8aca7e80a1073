"""Do our tables of checks and the sealed facts say the same? Names every dispatch, confirmation, publication,
correction and round of a day where they do not."""

from collections.abc import Iterator

from zhijian.apps.supervision.inspection import policies, rounds, scoping, services
from zhijian.apps.supervision.inspection.models import Check, CheckEvent, DayRound
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.verification import Finding


def findings() -> Iterator[Finding]:
    """Yield each disagreement between a check's rows and its facts, and each fact of a check that has no row."""
    known = {str(number) for number in Check.objects.values_list("number", flat=True).iterator()}
    of_no_check = (rounds.FACT, scoping.OUTSIDE)
    sealed = Fact.objects.filter(source=services.SOURCE).exclude(kind__in=of_no_check).order_by("source_key")
    for fact_id, source_key in sealed.values_list("pk", "source_key").iterator():
        number = source_key.partition("/")[0]
        if number not in known:
            yield _finding(
                number,
                f"事实 {fact_id} 所说的检查不在表中",
                f"fact {fact_id} is about a check that has no row",
            )
    rows = Check.objects.select_related("task__organisation", "inspector_first", "inspector_second")
    for check in rows.prefetch_related("events__actor", "results__recorded_codes").iterator(200):
        yield from _check(check)
    yield from _rounds()


def _rounds() -> Iterator[Finding]:
    """Every round has its fact, the fact says what the row says, and no fact is of a round that has no row."""
    sealed = Fact.objects.filter(kind=rounds.FACT, revision=0)
    told = dict(sealed.values_list("source_key", "payload").iterator())
    for row in DayRound.objects.select_related("officer").iterator(200):
        if told.pop(rounds.key_of(row), None) != rounds.sealed_form(row):
            yield _finding(rounds.key_of(row), "路线与事实不符", "the round differs from its fact")
    for key in sorted(told):
        yield _finding(key, "事实所说的路线不在表中", "its fact is about a round that has no row")


def _check(check: Check) -> Iterator[Finding]:
    facts = {(one.source_key, one.revision): one for one in Fact.objects.filter(
        source=services.SOURCE, source_key__startswith=f"{check.number}/")}  # fmt: skip
    replaced = sorted(
        (one for (key, _), one in facts.items() if key.startswith(f"{check.number}/replaced/")),
        key=lambda one: int(one.payload["sequence"]),
    )
    try:
        policies.check_as_dispatched(check, facts.get((f"{check.number}/dispatched", 0)), replaced)
    except policies.NotAsDrawn:
        yield _finding(check.number, "派发与事实不符", "its dispatch differs from the fact")
    yield from _replacements(check, replaced)
    yield from _confirmations(check, facts)
    yield from _publications(check, facts)


def _replacements(check: Check, sealed: list[Fact]) -> Iterator[Finding]:
    """Every replacement has its fact, and the fact names the same people, reason and leader."""
    ours = [
        (
            one.number,
            one.leaving.username,
            one.coming.username,
            one.ground,
            one.passed_over,
            one.ordered_by.username,
        )
        for one in check.replacements.select_related("leaving", "coming", "ordered_by")
    ]
    told = [
        (
            one.source_key,
            *(one.payload[name] for name in ("leaving", "coming", "ground", "passed_over")),
            one.recorded_by,
        )
        for one in sealed
    ]
    if ours != told:
        yield _finding(check.number, "替换检查人员与事实不符", "its replacements differ from the facts")


def _confirmations(check: Check, facts: dict[tuple[str, int], Fact]) -> Iterator[Finding]:
    """Every confirmed version has its fact with the hash of what stands in the tables, and the other way round."""
    prefix = f"{check.number}/confirmed/"
    events = {
        str(event.payload.get("version")): event for event in check.history if event.verb == Verb.CONFIRM
    }
    sealed = {key.removeprefix(prefix): fact for (key, _), fact in facts.items() if key.startswith(prefix)}
    results = {str(one.version): one for one in check.results.all()}
    for version in sorted(events.keys() | sealed.keys()):
        event, fact, result = events.get(version), sealed.get(version), results.get(version)
        if event is None or fact is None or result is None:
            yield _finding(
                check.number,
                f"第{version}版的确认只在一边",
                f"the confirmation of version {version} is on one side only",
            )
        elif fact.recorded_by != event.actor.username:
            yield _finding(
                check.number,
                f"第{version}版的确认人不同",
                f"version {version} was confirmed by another person",
            )
        elif fact.payload.get("result_sha256") != services.result_digest(check, result):
            yield _finding(
                check.number, f"第{version}版结果与确认时不同", f"version {version} is not what was confirmed"
            )


def _publications(check: Check, facts: dict[tuple[str, int], Fact]) -> Iterator[Finding]:
    """Every publication and correction has its fact with the very content of the tables, in order."""
    key = f"{check.number}{services.RESULT_KEY}"
    events = [event for event in check.history if event.verb in {Verb.PUBLISH, Verb.CORRECT}]
    sealed = {revision: fact for (name, revision), fact in facts.items() if name == key}
    results = {one.version: one for one in check.results.all()}
    for revision in range(max(len(events), 1 + max(sealed, default=-1))):
        event = events[revision] if revision < len(events) else None
        fact = sealed.get(revision)
        if event is None or fact is None:
            yield _finding(
                check.number,
                f"第{revision + 1}次公开只在一边",
                f"publication {revision + 1} is on one side only",
            )
            continue
        wrong = _differences(event, fact)
        result = results.get(event.payload.get("version", 0))
        said = {name: value for name, value in fact.payload.items() if name != "correction"}
        ours = services.result_payload(check, result) if result else {}
        wrong += sorted(name for name in said.keys() | ours.keys() if said.get(name) != ours.get(name))
        if wrong:
            names = "、".join(wrong)
            yield _finding(
                check.number,
                f"第{revision + 1}次公开与事实不符（{names}）",
                f"publication {revision + 1} differs from its fact: {names}",
            )


def _differences(event: CheckEvent, fact: Fact) -> list[str]:
    pairs = {
        "fact_id": (str(fact.pk), event.payload.get("fact_id")),
        "subject": (fact.subject, event.check_record.uscc),
        "publisher": (fact.recorded_by, event.actor.username),
        "published_at": (fact.recorded_at, event.recorded_at),
        "reason": (fact.reason, event.payload.get("reason", "")),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


def _finding(number: str, zh: str, en: str) -> Finding:
    return Finding("ledger", number, f"检查 {number}：{zh}。", f"Check {number}: {en}.")
