"""The systems that the plan names: number, name, chapter, the plan's own words, and what each must do."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "plan_systems.csv"

CHAPTERS = {
    "第一章": ("成效和形势", "What was achieved"),
    "第二章": ("总体要求", "General requirements"),
    "第三章": ("优化市场准入环境", "Market access"),
    "第四章": ("保障市场公平竞争", "Fair competition"),
    "第五章": ("营造安全放心消费环境", "Consumer environment"),
    "第六章": ("筑牢市场安全底线", "Safety"),
    "第七章": ("强化知识产权保护运用", "Intellectual property"),
    "第八章": ("推进质量强省建设", "Quality"),
    "第九章": ("提高市场监管效能", "Supervision"),
    "第十章": ("“双区”建设", "The two demonstration areas"),
    "第十一章": ("优化支撑体系", "Means and law"),
    "第十二章": ("规划实施保障", "Carrying out the plan"),
}
"""Short titles of ours for the chapters, in both languages."""


@dataclass(frozen=True)
class PlannedSystem:
    """One system of the plan. `kind` is registry, mechanism-with-data, platform, system, database and the like."""

    id: str
    name_zh: str
    name_en: str
    chapter: str
    section: str
    quote_zh: str
    must_do_en: str
    kind: str


@lru_cache(maxsize=1)
def systems() -> tuple[PlannedSystem, ...]:
    """Return all systems in the order of their numbers."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(PlannedSystem(**row) for row in csv.DictReader(file))


def find(system_id: str) -> PlannedSystem | None:
    """Return the system of this number, or None."""
    return next((one for one in systems() if one.id == system_id), None)
