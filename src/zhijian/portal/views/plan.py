"""The plan and where it stands: every system of the plan, with its state and what proves it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

import zhijian.apps
from zhijian.apps.plan.monitoring.models import Plan
from zhijian.apps.system import Page, System
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared import registry
from zhijian.portal.components import bar_chart, words
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today
from zhijian.standards import plan

_MOST_FACTS = 1000
_KINDS = {
    "registry": ("名录", "register"), "mechanism-with-data": ("机制", "mechanism"), "platform": ("平台", "platform"),
    "system": ("系统", "system"), "database": ("数据库", "database"), "ledger": ("档案台账", "ledger"),
    "network": ("网络", "network"), "data-centre": ("数据中心", "data centre"),
}  # fmt: skip


def systems() -> list[System]:
    """Return the declaration of every application in this build."""
    root = Path(zhijian.apps.__path__[0])
    found = []
    for path in sorted(root.glob("*/*/system.py")):
        module = import_module(".".join(["zhijian.apps", *path.relative_to(root).with_suffix("").parts]))
        found.append(module.SYSTEM)
    return found


def page_exists(page: Page) -> bool:
    """Say whether the site has an address of this form; `<name>` stands for any one part of it."""
    return any(_answers(page, number) for number in ("1", str(UUID(int=0))))


def _answers(page: Page, number: str) -> bool:
    address = "/".join(number if part.startswith("<") else part for part in page.path.split("/"))
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@dataclass(frozen=True)
class Standing:
    """One system of the plan: the applications that serve it, and what there is to show for it.

    `state` is live (pages answer and something is recorded), declared (built, nothing recorded here yet) or none.
    """

    planned: plan.PlannedSystem
    served_by: tuple[System, ...]
    pages: tuple[Page, ...]
    facts: int
    entries: int
    tests: int

    @property
    def state(self) -> str:
        if not self.served_by:
            return "none"
        return "live" if self.pages and (self.facts or self.entries) else "declared"

    @property
    def public_pages(self) -> tuple[Page, ...]:
        return tuple(one for one in self.pages if one.audience == "public" and "<" not in one.path)


def standings() -> list[Standing]:
    """Return where every system of the plan stands in this installation, from the declarations alone."""
    declared = systems()
    facts = {one.name: _facts_of(one) for one in declared}
    pages = {one.name: tuple(page for page in one.pages if page_exists(page)) for one in declared}
    found = []
    for planned in plan.systems():
        served_by = tuple(one for one in declared if planned.id in one.plan_ids)
        found.append(
            Standing(
                planned,
                served_by,
                tuple(page for one in served_by for page in pages[one.name]),
                sum(facts[one.name] for one in served_by),
                _entries_of(planned.id),
                sum(_tests_of(one) for one in served_by),
            )
        )
    return found


def _facts_of(system: System) -> int:
    """Count the facts that a system wrote, up to a thousand; those of registers by the system's own registers."""
    kinds = [kind for kind in system.facts_out if not kind.startswith("register.")]
    own = [f"register/{one.name}" for one in registry.every() if set(one.plan_ids) & set(system.plan_ids)]
    by_kind = Fact.objects.filter(kind__in=kinds)[:_MOST_FACTS].count() if kinds else 0
    by_register = Fact.objects.filter(source__in=own)[:_MOST_FACTS].count() if own else 0
    return min(by_kind + by_register, _MOST_FACTS)


def _entries_of(system_id: str) -> int:
    return sum(one.model._default_manager.count() for one in registry.every() if system_id in one.plan_ids)


def _tests_of(system: System) -> int:
    """Count the test files of a system; none where the software runs without its sources."""
    root = Path(zhijian.apps.__path__[0]).parents[2] / "tests" / "apps" / system.name
    return sum(1 for _ in root.rglob("test_*.py")) if root.is_dir() else 0


def plan_page(request: HttpRequest) -> HttpResponse:
    """All systems by chapter, with state and proof; filtered by state, chapter and words."""
    every = standings()
    state, chapter, text = (request.GET.get(name, "")[:60] for name in ("state", "chapter", "q"))
    shown = [one for one in every if _matches(one, state, chapter, text.strip())]
    counts = Counter(one.state for one in every)
    context: dict[str, Any] = {
        "chapters": _by_chapter(shown), "counts": counts, "total": len(every), "shown": len(shown), "today": today(),
        "state": state, "chapter": chapter, "q": text, "is_filtered": bool(state or chapter or text),
        "names": list(_titles().items()), "chart": _chart(every),
        "applications": systems(), "has_plan": Plan.objects.exists(),
    }  # fmt: skip
    return render(request, "portal/plan/plan.html", context)


def _matches(one: Standing, state: str, chapter: str, text: str) -> bool:
    where = f"{one.planned.id} {one.planned.name_zh} {one.planned.name_en}".lower()
    return state in ("", one.state) and chapter in ("", one.planned.chapter) and text.lower() in where


def _titles() -> dict[str, str]:
    """Return the heading of every chapter in the reader's language, by its name in the plan."""
    if words.in_english():
        return {
            key: f"Chapter {n}: {en}" for n, (key, (_zh, en)) in enumerate(plan.CHAPTERS.items(), start=1)
        }
    return {key: f"{key} {zh}" for key, (zh, _en) in plan.CHAPTERS.items()}


def _by_chapter(shown: Iterable[Standing]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        groups.setdefault(one.planned.chapter, []).append({"one": one, "kind": _kind(one)})
    titles = _titles()
    return [
        {
            "title": titles[key],
            "rows": groups[key],
            "is_open": any(row["one"].served_by for row in groups[key]),
        }
        for key in titles
        if key in groups
    ]


def _kind(one: Standing) -> str:
    zh, en = _KINDS.get(one.planned.kind, (one.planned.kind, one.planned.kind))
    return en if words.in_english() else zh


def _chart(every: list[Standing]) -> bar_chart.BarChart:
    titles, rows = _titles(), []
    for chapter, title in titles.items():
        own = [one.state for one in every if one.planned.chapter == chapter]
        shares = tuple(100 * own.count(name) / len(own) for name in ("none", "declared", "live"))
        rows.append((title, shares, ""))
    names = [_("还没有"), _("已建成，还没有数据"), _("已上线")]
    return bar_chart.parts(_("各章已上线、已建成和还没有的占比"), names, rows)


def plan_csv(request: HttpRequest) -> HttpResponse:
    """The same as one table of 275 rows."""
    rows: list[list[Any]] = [
        ["编号 id", "名称 name_zh", "name_en", "章 chapter", "节 section", "类型 kind", "状态 state", "应用 applications",
         "页面数 pages", "事实数 facts (at most 1000)", "名录条目 entries", "测试文件 test files", "原文 quote_zh"]
    ]  # fmt: skip
    for one in standings():
        own = one.planned
        names = " ".join(system.name for system in one.served_by)
        rows.append(
            [own.id, own.name_zh, own.name_en, own.chapter, own.section, own.kind, one.state, names, len(one.pages),
             one.facts, one.entries, one.tests, own.quote_zh]
        )  # fmt: skip
    return csv_file(f"plan-{today()}.csv", rows)
