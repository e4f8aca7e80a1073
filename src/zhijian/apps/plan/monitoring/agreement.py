"""Do the plan's tables and the sealed facts say the same? Names every value, target and evaluation where they do not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from zhijian import __version__
from zhijian.apps.plan.monitoring import reckoning
from zhijian.apps.plan.monitoring.evaluating import PUBLISHED, digest_of, fact_key, fact_payload
from zhijian.apps.plan.monitoring.models import Adjustment, DataPoint, Evaluation, PlanIndicator, PointState
from zhijian.apps.plan.monitoring.records import SOURCE, plain, point_key, point_payload
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.verification import Finding

_ONCE_PUBLIC = (PointState.PUBLISHED, PointState.FINAL, PointState.RESTATED)
_LATER = ("record",)  # what facts say only since a later version


def findings() -> Iterator[Finding]:
    """Yield each published value, adjusted target and published evaluation that is not what its fact sealed, and the other way round."""
    yield from _values()
    yield from _targets()
    yield from _evaluations()


def _values() -> Iterator[Finding]:
    """What was published of a year, in its order, is what the facts say, revision by revision."""
    sealed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    told = Fact.objects.filter(source=SOURCE, kind="indicator.published").order_by("source_key", "revision")
    for key, payload in told.values_list("source_key", "payload").iterator():
        sealed[key].append({name: value for name, value in payload.items() if name != "correction"})
    rows = DataPoint.objects.filter(state__in=_ONCE_PUBLIC).select_related(
        "plan", "entered_by", "confirmed_by"
    )
    ours: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for point in rows.order_by("pk").iterator(500):
        payload = point_payload(point)
        if ours[point_key(point)][-1:] != [payload]:
            ours[point_key(point)].append(payload)
    for key in sorted(ours.keys() | sealed.keys()):
        mine, theirs = ours.get(key, []), sealed.get(key, [])
        if len(mine) != len(theirs):
            yield _finding(
                key,
                f"表中公布过{len(mine)}次，事实有{len(theirs)}次",
                f"the table published it {len(mine)} times, the facts {len(theirs)} times",
            )
            continue
        wrong = sorted(
            {name for one, other in zip(mine, theirs, strict=True) for name in _differing(one, other)}
        )
        if wrong:
            names = "、".join(wrong)
            yield _finding(key, f"公布的值与事实不符（{names}）", f"the value differs from its fact: {names}")


def _targets() -> Iterator[Finding]:
    """A target that differs from the plan's own came by a decision that is a fact."""
    facts = dict(
        Fact.objects.filter(source=SOURCE, kind="indicator.adjusted").values_list("source_key", "payload")
    )
    counted: dict[tuple[int, str], int] = defaultdict(int)
    for key, payload in sorted(facts.items()):
        held = Adjustment.objects.filter(pk=int(key.rpartition("/")[2])).first()
        is_same = (
            held is not None
            and payload.get("target") == plain(held.target)
            and payload.get("document") == held.document
        )
        if held is None or not is_same:
            yield _finding(key, "目标调整与事实不符", "the adjustment differs from its fact")
            continue
        counted[held.plan_id, held.number] += 1
        stands = PlanIndicator.objects.filter(plan_id=held.plan_id, number=held.number)
        targets = [plain(one.target) for one in stands if one.target is not None]
        if payload["target"] not in targets or payload.get("target_before") not in targets:
            yield _finding(
                key, "指标的目标与调整的事实不符", "the indicator's target is not what its fact says"
            )


def _evaluations() -> Iterator[Finding]:
    """A published evaluation has the frozen values, the figures and the words that its fact sealed."""
    sealed = dict(
        Fact.objects.filter(source=SOURCE, kind="plan_evaluation.published", revision=0).values_list(
            "source_key", "payload"
        )
    )
    for one in Evaluation.objects.filter(state=PUBLISHED).select_related("plan").order_by("pk"):
        key = fact_key(one)
        fact = sealed.pop(key, None)
        if fact is None:
            yield _finding(key, "公布的评估没有对应的事实", "the published evaluation has no fact")
            continue
        wrong = _differing(fact_payload(one), fact)
        if digest_of(one.frozen.get("data")) != fact.get("figures"):
            wrong.append("data")
        elif one.code_version == __version__ and not _are_reckoned(one.frozen):
            wrong.append("figures")
        if wrong:
            names = "、".join(sorted(set(wrong)))
            yield _finding(
                key, f"评估与事实不符（{names}）", f"the evaluation differs from its fact: {names}"
            )
    for key in sorted(sealed):
        yield _finding(
            key, "事实所说的评估没有公布的一行", "its fact is about an evaluation that is not published"
        )


def _are_reckoned(frozen: Mapping[str, Any]) -> bool:
    """Say whether the figures kept with frozen data are those that the data give; only this version of the code can say so."""
    return _says(reckoning.as_json(reckoning.reckon(frozen["data"])), frozen.get("figures"))


def _says(made: Any, said: Any) -> bool:
    """Say whether what is kept is part of what is made: kept figures may say less, and nothing else."""
    if isinstance(made, dict) and isinstance(said, dict):
        return all(name in made and _says(made[name], value) for name, value in said.items())
    if isinstance(made, list) and isinstance(said, list):
        return len(made) == len(said) and all(map(_says, made, said))
    return bool(made == said)


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    names = ours.keys() | theirs.keys()
    return [
        name
        for name in sorted(names)
        if ours.get(name) != theirs.get(name) and not (name in _LATER and name not in theirs)
    ]


def _finding(where: str, zh: str, en: str) -> Finding:
    return Finding("ledger", where, f"规划 {where}：{zh}。", f"The plan, {where}: {en}.")
