"""What pages and the screening read: a firm's standing, a trade's table, what waits for an officer."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Max, QuerySet

from zhijian.apps.consumer.evaluation import rules, scoring, screening
from zhijian.apps.consumer.evaluation.models import EvaluatedFirm, Evaluation, ScreeningFinding
from zhijian.standards.calendar import ZONE


@dataclass(frozen=True)
class Standing:
    """A firm as everybody sees it: its score with interval, its evaluations counted, what was left out and why.

    `is_checked`: a finding waits for an officer's decision.
    """

    firm: EvaluatedFirm
    estimate: scoring.Estimate
    counts: tuple[int, ...]  # of the scores 1 to 5 that count
    aside: tuple[tuple[str, int], ...]  # ground and number
    excess: tuple[tuple[int, float], ...]  # score, and how many of it do not count by a confirmed shape
    is_ranked: bool
    is_checked: bool
    prior: scoring.Prior

    @property
    def aside_count(self) -> int:
        return sum(number for _, number in self.aside)


def _window(on: date) -> tuple[datetime, datetime]:
    first = on - timedelta(days=rules.SCREENING.on(on)["horizon_days"] - 1)
    return datetime.combine(first, time(), tzinfo=ZONE), datetime.combine(on, time.max, tzinfo=ZONE)


def in_window(trade: str, *, on: date) -> "QuerySet[Evaluation]":
    """Return the evaluations of a trade within the horizon, with their firms and steps."""
    found = Evaluation.objects.filter(firm__trade_code=trade, at__range=_window(on))
    return found.select_related("firm", "ticket").prefetch_related("steps")


def counting(trade: str, *, on: date) -> Iterable[Evaluation]:
    """Return those that count in the score now."""
    return [one for one in in_window(trade, on=on) if not one.is_aside]


def issued(trade: str) -> dict[str, int]:
    """Return the last serial of each firm's tickets."""
    rows = EvaluatedFirm.objects.filter(trade_code=trade).annotate(last=Max("tickets__serial"))
    return {key: last or 0 for key, last in rows.values_list("key", "last")}


def seen(rows: Sequence[Evaluation]) -> list[screening.Seen]:
    """Return evaluations as the tests see them."""
    return [
        screening.Seen(
            number=one.number, firm=one.firm.key, day=one.at.astimezone(ZONE).date().toordinal(), score=one.score,
            serial=one.ticket.serial if one.ticket else 0, text=one.text, device=one.device_mark,
        )
        for one in rows
    ]  # fmt: skip


def excess_of(firms: Iterable[int]) -> dict[int, dict[int, float]]:
    """Return by firm and score how many do not count by a confirmed finding about the shape."""
    found: dict[int, dict[int, float]] = defaultdict(dict)
    rows = ScreeningFinding.objects.filter(firm__in=list(firms), test=screening.EXCESS, decision="confirmed")
    for one in rows.order_by("decided_at"):
        found[one.firm_id][one.score] = one.excess
    return found


def trade_table(trade: str, *, on: date) -> list[Standing]:
    """Return the firms of a trade: those with enough evaluations by score, then the rest by name."""
    limits = rules.SCREENING.on(on)
    firms = list(EvaluatedFirm.objects.filter(trade_code=trade, valid_from__lte=on).order_by("key"))
    rows: dict[int, list[Evaluation]] = defaultdict(list)
    for one in in_window(trade, on=on):
        rows[one.firm_id].append(one)
    excess = excess_of(rows)
    counts = {firm.pk: _counts(rows[firm.pk], excess.get(firm.pk, {})) for firm in firms}
    prior = scoring.prior_of(
        list(counts.values()), cap=limits["prior_cap"], least=limits["prior_least"], most=limits["prior_most"]
    )
    waiting = set(ScreeningFinding.objects.filter(decision="").values_list("firm_id", flat=True))
    found = [
        _standing(
            firm, rows[firm.pk], counts[firm.pk], excess.get(firm.pk, {}), prior, firm.pk in waiting, on
        )
        for firm in firms
    ]
    return sorted(
        found, key=lambda one: (not one.is_ranked, -one.estimate.score if one.is_ranked else 0, one.firm.name)
    )


def _counts(rows: Sequence[Evaluation], excess: Mapping[int, float]) -> list[float]:
    named = Counter(one.score for one in rows if one.is_aside)
    left = {score: max(0.0, number - named[score]) for score, number in excess.items()}
    return scoring.counted([one.score for one in rows if not one.is_aside], left)


def _standing(
    firm: EvaluatedFirm, rows: Sequence[Evaluation], counts: Sequence[float], excess: Mapping[int, float],
    prior: scoring.Prior, is_checked: bool, on: date,
) -> Standing:  # fmt: skip
    kept = Counter(one.score for one in rows if not one.is_aside)
    aside: Counter[str] = Counter()
    for one in rows:
        if one.is_aside and (step := one.last("set_aside")) is not None:
            aside[step.ground] += 1
    estimate = scoring.estimate(counts, prior)
    return Standing(
        firm=firm, estimate=estimate, counts=tuple(kept[int(score)] for score in scoring.SCORES),
        aside=tuple(sorted(aside.items())), excess=tuple(sorted(excess.items())),
        is_ranked=rules.has_a_place_in_the_order(estimate.count, on=on), is_checked=is_checked, prior=prior,
    )  # fmt: skip


def standing_of(firm: EvaluatedFirm, *, on: date) -> Standing:
    """Return one firm's standing in its trade."""
    return next(one for one in trade_table(firm.trade_code, on=on) if one.firm.pk == firm.pk)


def held(divisions: str) -> list[Evaluation]:
    """Return the evaluations of an area whose text waits for an officer, the oldest first."""
    rows = Evaluation.objects.filter(steps__verb="hold", firm__division_code__startswith=divisions).distinct()
    found = rows.select_related("firm").prefetch_related("steps").order_by("at")
    return [one for one in found if one.text_state == "held"]


def findings(divisions: str) -> "QuerySet[ScreeningFinding]":
    """Return the findings of an area, the open ones first."""
    found: QuerySet[ScreeningFinding] = ScreeningFinding.objects.filter(
        firm__division_code__startswith=divisions
    )
    return found.select_related("firm", "decided_by")


def counts_by_trade() -> dict[str, int]:
    """Count the firms of each trade."""
    rows = EvaluatedFirm.objects.values("trade_code").annotate(n=Count("pk")).order_by()
    return dict(rows.values_list("trade_code", "n"))
