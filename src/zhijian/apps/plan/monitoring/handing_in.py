"""A plan handed in on a page, as its four files: checked by who measures the plan, loaded by who decides on it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from zhijian.apps.plan.monitoring import files, loading
from zhijian.apps.plan.monitoring.files import PlanFiles, WrongPlan
from zhijian.apps.plan.monitoring.loading import Loaded
from zhijian.apps.plan.monitoring.models import PROVINCE
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import step
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import Problem

MOST_BYTES = {"plan.yaml": 64 * 1024} | dict.fromkeys(files.NAMES[1:], 4 * 1024 * 1024)


def read(handed: Mapping[str, Iterable[bytes]]) -> PlanFiles:
    """Read a plan from the contents of its files, by name.

    Raises:
        WrongPlan: a file is missing or too large, or what `files.read` finds.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, most in MOST_BYTES.items():
            if file in handed:
                (folder / file).write_bytes(_taken(file, handed[file], most))
        return files.read(folder)


def _taken(file: str, chunks: Iterable[bytes], most: int) -> bytes:
    made = bytearray()
    for chunk in chunks:
        made += chunk
        if len(made) > most:
            raise WrongPlan([
                Problem(
                    file,
                    f"文件大于{most // 1024}KB，不像规划的文件。请核对。",
                    f"It is larger than {most // 1024} KB, which no file of a plan is. Check it.",
                )
            ])  # fmt: skip
    return bytes(made)


def check(found: PlanFiles, *, by: Officer, at: datetime) -> Loaded:
    """Say what loading would do; nothing is changed, so nothing is recorded.

    Raises:
        WrongPlan: as `loading.load`.
        PlanRefused: an invented officer hands in a plan that is not marked as invented.
        Forbidden: not the role, or not the province.
    """
    _check_mark(found, require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE))
    return loading.check(found, at=at)


@transaction.atomic
def load(found: PlanFiles, *, by: Officer, at: datetime) -> Loaded:
    """Load a plan; the log says who did.

    Raises:
        WrongPlan: as `loading.load`.
        PlanRefused: an invented officer hands in a plan that is not marked as invented.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.DECIDE_PLAN, division=PROVINCE)
    _check_mark(found, officer)
    made = loading.load(found, at=at)
    if made.is_new:
        step(
            made.plan,
            "loaded",
            by=officer,
            at=at,
            note=f"+{made.added} ~{made.changed} SHA-256 {found.digest}",
        )
    return made


def _check_mark(found: PlanFiles, officer: Officer) -> None:
    if officer.is_synthetic and not found.head.get("is_synthetic"):
        raise PlanRefused(
            "演示账号只能装入标明合成数据的规划。请在plan.yaml里写is_synthetic: true。",
            "An account of the demonstration loads invented plans only. Write is_synthetic: true in plan.yaml.",
        )
