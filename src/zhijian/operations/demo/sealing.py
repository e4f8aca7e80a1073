"""Seal the days of the demonstration, and verify draws and facts as an outsider would."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db.models.functions import TruncDate

from zhijian.engines.draws import verifier
from zhijian.engines.draws.models import Draw
from zhijian.engines.facts import seals, verification
from zhijian.engines.facts.models import Fact, Seal
from zhijian.engines.publicity import building
from zhijian.infrastructure.home import Home, current_home
from zhijian.operations.demo.days import moment
from zhijian.standards.calendar import ZONE


@dataclass(frozen=True)
class Sealed:
    total: int
    new: int
    root: str


def seal_days(*, until: date) -> Sealed:
    """Seal every day on which facts were recorded, in order, each on the morning after; the last two mornings get a day root."""
    recorded = Fact.objects.annotate(day=TruncDate("recorded_at", tzinfo=ZONE))
    days = sorted({day for day in recorded.values_list("day", flat=True) if day <= until})
    known = set(Seal.objects.values_list("day", flat=True))
    for day in days:
        if day not in known:
            after = day + timedelta(days=1)
            seals.seal_day(day, at=moment(after.month, after.day, 0, 10))
            if day in days[-2:]:
                building.build_day(after, at=moment(after.month, after.day, 0, 12), home=current_home())
    newest = seals.newest_seal()
    assert newest is not None
    return Sealed(newest.tree_size, len(set(days) - known), newest.root)


def verify_everything(draws: Iterable[Draw], home: Home, progress: Callable[[], None]) -> list[str]:
    """Verify the published draw files and the sealed facts; say of each what came out."""
    folder = home.published / "draws"
    ledger = (folder / "ledger.json").read_bytes()
    lines = []
    for draw in draws:
        path = newest_file(draw, folder)
        answer = verifier.verify(path.read_bytes(), ledger)
        lines.append(_told(path.name, answer))
        progress()
    run = verification.Verification(home=home)
    findings = list(run.findings())
    progress()
    verdict = (
        "✓ nothing was changed" if not findings else f"✕ {findings[0].message_zh} / {findings[0].message_en}"
    )
    lines.append(f"{verdict}: {run.sealed:,} sealed facts, {run.seals} seals  (zhijian facts verify)")
    return lines


def newest_file(draw: Draw, folder: Path) -> Path:
    """Return the newest published file of a draw: with outcomes where there are any."""
    found = sorted(
        folder.glob(f"draw-{draw.plan_id}-{draw.attempt}*.json"), key=lambda p: (p.stat().st_mtime, p.name)
    )
    return found[-1]


def _told(name: str, answer: dict[str, Any]) -> str:
    if answer["ok"]:
        return f"✓ {name}: {len(answer['objects']):,} objects recomputed, all agree  (zhijian draw verify)"
    wrong = next(check for check in answer["checks"] if not check["ok"])
    return f"✕ {name}: {wrong['message_zh']} / {wrong['message_en']}"
