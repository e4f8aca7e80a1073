"""How inspections do, kept: reckoned by night and at the audit's button, one row per part, area and year, with its moment.

Pages read the kept rows and say the moment; where nothing was kept yet they say that, and reckon nothing themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from zhijian.apps.supervision.inspection import burden, counting, kept_audit, targeting
from zhijian.apps.supervision.inspection.models import Check, KeptFigures
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import strictness
from zhijian.engines.draws.estimation import Estimate
from zhijian.engines.draws.models import Draw
from zhijian.standards.calendar import statutory_day

Figures = TypeVar("Figures")
FEWEST_VISITS = 5  # of an inspector, below which nobody is told apart
TARGETING, STRICTNESS, COUNTING, BURDEN = "targeting", "strictness", "counting", "burden"


@dataclass(frozen=True)
class Told(Generic[Figures]):
    """Figures of an area and a year as they were kept. `unreadable` draws have a missing or damaged roster: not counted."""

    figures: Figures
    at: datetime
    is_synthetic: bool
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Office:
    """How strict inspectors are, and of how many visits that is told."""

    visits: int
    told: strictness.Office


def keep(scope: str, lake: Lake, *, at: datetime) -> int:
    """Reckon an area's figures of this year and the last and keep them; return how many rows were kept.

    What everybody may see, the burden of firms, is kept for the province alone.
    """
    today = statutory_day(at)
    return sum(_keep_year(scope, year, lake, at) for year in (today.year - 1, today.year))


def keep_known_scopes(lake: Lake, *, at: datetime) -> int:
    """Keep the figures of the province and of every area that somebody audits; return how many rows were kept."""
    known = KeptFigures.objects.values_list("scope", flat=True).distinct()
    return sum(keep(scope, lake, at=at) for scope in sorted({*kept_audit.scopes(), *known}))


def _keep_year(scope: str, year: int, lake: Lake, at: datetime) -> int:
    every = [one for one in kept_audit.draws_in(scope) if statutory_day(one.announced_at).year == year]
    held, broken = kept_audit.held_of(every)
    draws = [one.draw for one in held]
    unreadable = [str(draw) for draw, _ in broken]
    looked = targeting.looked_in(year, draws)
    visits = [
        strictness.Visit(f"{one.draw}/{one.stratum}", one.inspectors, one.has_problem) for one in looked
    ]
    seen = counting.seen_in(year, scope=scope)
    invented = any(draw.is_synthetic for draw in every)
    rows: list[tuple[str, Mapping[str, Any], bool]] = [
        (TARGETING, _written_targeting(targeting.account(year, draws, lake)) | {"unreadable": unreadable}, invented),
        (
            STRICTNESS,
            {"visits": len(looked), "told": asdict(strictness.office(visits, fewest=FEWEST_VISITS)), "unreadable": unreadable},
            invented,
        ),
        (
            COUNTING,
            {"clues": [_written_clue(one) for one in counting.clues(seen, year)]},
            any(one.is_synthetic for one in seen),
        ),
    ]  # fmt: skip
    if scope == kept_audit.PROVINCE:
        told = asdict(burden.account(year, burden.firms_of(year, lake)))
        rows.append((BURDEN, told, Check.objects.filter(is_synthetic=True).exists()))
    for part, figures, is_synthetic in rows:
        KeptFigures.objects.update_or_create(
            part=part, scope=scope, year=year,
            defaults={"figures": figures, "reckoned_at": at, "is_synthetic": is_synthetic},
        )  # fmt: skip
    return len(rows)


def targeting_of(scope: str, year: int) -> Told[targeting.Year] | None:
    """Return what steering was worth as it was kept; None where nothing was."""
    return _told(TARGETING, scope, year, _read_targeting)


def strictness_of(scope: str, year: int) -> Told[Office] | None:
    """Return how strict inspectors were as it was kept; None where nothing was."""
    return _told(STRICTNESS, scope, year, _read_office)


def clues_of(scope: str, year: int) -> Told[list[counting.Clue]] | None:
    """Return the clues as they were kept; None where nothing was."""
    return _told(COUNTING, scope, year, lambda figures: [_read_clue(one) for one in figures["clues"]])


def burden_of(year: int) -> Told[burden.Year] | None:
    """Return how often firms of the province were visited as it was kept; None where nothing was."""
    return _told(BURDEN, kept_audit.PROVINCE, year, _read_burden)


def _told(
    part: str, scope: str, year: int, read: Callable[[Mapping[str, Any]], Figures]
) -> Told[Figures] | None:
    row = KeptFigures.objects.filter(part=part, scope=scope, year=year).first()
    if row is None:
        return None
    unreadable = tuple(row.figures.get("unreadable", ()))
    return Told(read(row.figures), row.reckoned_at, row.is_synthetic, unreadable)


def _written_targeting(told: targeting.Year) -> dict[str, Any]:
    return {
        "year": told.year,
        "draws": [
            {"draw": one.draw.pk, "objects": one.objects, "visits": one.visits, "hits": one.hits, "unmet": one.unmet,
             "lottery": asdict(one.lottery)}
            for one in told.draws
        ],
        "pending": [[draw.pk, count] for draw, count in told.pending],
        "by_class": [asdict(one) for one in told.by_class],
        "by_score": [asdict(one) for one in told.by_score],
        "effect": asdict(told.effect) if told.effect else None,
    }  # fmt: skip


def _read_targeting(figures: Mapping[str, Any]) -> targeting.Year:
    names = [one["draw"] for one in figures["draws"]] + [pk for pk, _ in figures["pending"]]
    draws = Draw.objects.in_bulk(names)
    return targeting.Year(
        figures["year"],
        tuple(
            targeting.DrawHits(
                draws[one["draw"]], one["objects"], one["visits"], one["hits"], one["unmet"], Estimate(**one["lottery"])
            )
            for one in figures["draws"]
        ),
        tuple((draws[pk], count) for pk, count in figures["pending"]),
        _groups(figures["by_class"]),
        _groups(figures["by_score"]),
        targeting.Effect(**figures["effect"]) if figures["effect"] else None,
    )  # fmt: skip


def _groups(rows: Iterable[Mapping[str, Any]]) -> tuple[targeting.Group, ...]:
    return tuple(
        targeting.Group(**{**row, "estimate": Estimate(**row["estimate"]) if row["estimate"] else None})
        for row in rows
    )


def _read_office(figures: Mapping[str, Any]) -> Office:
    people = tuple(strictness.Strictness(**one) for one in figures["told"]["inspectors"])
    return Office(figures["visits"], strictness.Office(people, figures["told"]["spread"]))


def _written_clue(clue: counting.Clue) -> dict[str, Any]:
    return asdict(clue) | {"day": clue.day.isoformat() if clue.day else None}


def _read_clue(row: Mapping[str, Any]) -> counting.Clue:
    day = date.fromisoformat(row["day"]) if row["day"] else None
    return counting.Clue(**{**row, "who": tuple(row["who"]), "numbers": tuple(row["numbers"]), "day": day})


def _read_burden(figures: Mapping[str, Any]) -> burden.Year:
    return burden.Year(
        **{
            **figures,
            "whole": _row(figures["whole"]),
            "by_county": _rows(figures["by_county"]),
            "by_trade": _rows(figures["by_trade"]),
        }
    )


def _rows(rows: Sequence[Mapping[str, Any]]) -> tuple[burden.Row, ...]:
    return tuple(_row(one) for one in rows)


def _row(row: Mapping[str, Any]) -> burden.Row:
    return burden.Row(**{**row, "by_visits": tuple(row["by_visits"])})


__all__ = [
    "Office", "Told", "burden_of", "clues_of", "keep", "keep_known_scopes", "strictness_of", "targeting_of",
]  # fmt: skip
