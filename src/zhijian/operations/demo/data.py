"""From files as delivered to a rated register: ingest, build, rate, seal, serve."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhijian.datazone.entity.market_entities import ENTITIES, build_market_entities
from zhijian.datazone.ingest.report import IngestReport
from zhijian.datazone.ingest.run import ingest
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.rating import FACTS, RateReport, rate
from zhijian.datazone.refresh import RefreshReport, refresh
from zhijian.engines.facts import services as facts
from zhijian.engines.registers import serving
from zhijian.infrastructure.home import Home
from zhijian.operations.demo import days
from zhijian.operations.seed.synthetic import write_province

SAMPLES = Path(__file__).resolve().parents[4] / "data" / "samples"
REGISTER = "registration__enterprises"
SUPERVISION = "supervision__facts"
PENALTIES = "enforcement__penalty_decisions"
SYNTHETIC_ENTITIES = 2400
SEED = 20261031
BY = "示例数据管理员"


@dataclass(frozen=True)
class Taken:
    """What the deliveries were and what became of them."""

    reports: list[IngestReport]

    @property
    def changed(self) -> bool:
        return not all(report.already_delivered for report in self.reports)


def take_in(lake: Lake, home: Home, progress: Any) -> Taken:
    """Ingest the real sample, the real penalty decisions, and the invented province."""
    invented = _invented(home)
    real = SAMPLES / "registration" / "gd_limited_companies.csv.gz"
    penalties = SAMPLES / "enforcement" / "penalty_decisions.jsonl"
    first = [
        (REGISTER, real, "公开数据集（企业登记，样本）", False),
        (PENALTIES, penalties, "市场监管部门官网公布的行政处罚决定", False),
        (REGISTER, invented["register"], "示例登记系统", True),
        (SUPERVISION, invented["facts"], "示例业务系统导出", True),
    ]
    later = [(REGISTER, invented["changes"], "示例登记系统", True)]
    reports = []
    for files, at in ((first, days.DELIVERED), (later, days.CHANGES_DELIVERED)):
        for contract, path, source, is_synthetic in files:
            reports.append(
                ingest(lake, contract, path, by=BY, at=at, source=source, is_synthetic=is_synthetic)
            )
            progress()
    return Taken(reports)


def _invented(home: Home) -> dict[str, Path]:
    return write_province(home.root / "demo", entities=SYNTHETIC_ENTITIES, seed=SEED, until=days.MONTH_END)


def build(lake: Lake) -> Any:
    """Make the entity master with its history."""
    return build_market_entities(lake, at=days.CHANGES_DELIVERED)


class WronglyMarked(Exception):
    """A delivered fact is synthetic and its subject is not, or the other way round."""


def record_delivered_facts(lake: Lake) -> facts.Counts:
    """Record the delivered facts in the sealed log, each checked against the schema of its kind.

    Raises:
        WronglyMarked: a fact's synthetic flag is not its subject's; none is recorded.
    """
    rows = lake.read(FACTS).to_pylist()
    _refuse_wrongly_marked(lake, rows)
    drafts = (
        facts.Draft(
            kind=row["kind"],
            subject=row["uscc"],
            occurred_on=row["occurred_on"],
            payload=json.loads(row["payload"]),
            source=row["source"],
            source_key=row["source_key"],
            is_synthetic=row["is_synthetic"],
        )
        for row in rows
    )
    return facts.record_many(drafts, by=BY, at=days.DELIVERED)


def _refuse_wrongly_marked(lake: Lake, rows: list[dict[str, Any]]) -> None:
    """A synthetic fact needs a synthetic subject on the register; a real fact must not have one."""
    entities = lake.read(ENTITIES)
    invented = set(entities.filter(entities["is_synthetic"])["uscc"].to_pylist())
    wrong = [row for row in rows if row["is_synthetic"] != (row["uscc"] in invented)]
    if wrong:
        named = ", ".join(f"{row['source']} {row['source_key']} ({row['uscc']})" for row in wrong[:5])
        raise WronglyMarked(
            f"{len(wrong)}条事实的合成标记与其主体不同，未记录任何事实：{named}。请核对交付后重试。\n"
            f"{len(wrong)} facts are marked other than their subjects, so none was recorded: {named}. "
            "Check the delivery and try again."
        )


def rate_everyone(lake: Lake) -> RateReport:
    return rate(lake, month_end=days.MONTH_END)


def refresh_themes(lake: Lake) -> RefreshReport:
    """Make the thematic libraries as of the month that was rated."""
    return refresh(lake, as_of=days.MONTH_END, at=days.CHANGES_DELIVERED)


def serve(lake: Lake, home: Home) -> serving.ServingReport:
    return serving.build(lake, home.serving, at=days.CHANGES_DELIVERED)
