"""The lists behind the numbers of the leader's board: what was counted, one by one, each with the way to its case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.apps.consumer.analysis.policies import seen_by
from zhijian.apps.plan.board import keeping
from zhijian.apps.supervision.inspection.models import CheckEvent
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.datazone.lake import Lake
from zhijian.engines.signals import counted
from zhijian.infrastructure.home import current_home
from zhijian.portal import board_counting
from zhijian.portal.components import board_words, case_words
from zhijian.portal.views.analysis import key_words
from zhijian.portal.views.board import late_steps
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, territory_prefix
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.calendar import statutory_day

LATE = "late"
MOST = 200


@dataclass(frozen=True)
class Entry:
    """One thing that was counted: when, what, where, of which kind, and the address of its page, if it has one."""

    day: date
    title: str
    division: str
    kind: str
    href: str = ""
    is_synthetic: bool = False

    @property
    def place(self) -> str:
        return board_words.place_words(self.division[:6])


@dataclass(frozen=True)
class Asked:
    """Which days, which part of the officer's area and which kind a list is asked for; `kind` is None for all."""

    first: date
    last: date
    part: str | None
    kind: str | None

    def takes(self, entry: Entry, area: str) -> bool:
        is_there = self.part is None or keeping.part_of(area, entry.division) == self.part
        return is_there and self.kind in (None, entry.kind)


@never_cache
@login_required
@require_GET
def list_page(request: HttpRequest, topic: str) -> HttpResponse:
    """What stands behind one number, newest first, in the officer's own area. The look is written down."""
    officer = require(request.user, Permission.VIEW_LEADER_BOARD)
    if topic not in (*keeping.TOPICS, LATE):
        raise Http404(topic)
    asked = _asked(request, topic, officer)
    found = [one for one in _READERS[topic](officer, asked) if asked.takes(one, officer.territory)]
    if topic != keeping.REGISTERED:
        record_look(officer, f"board/{topic}", "list", at=now())
    kinds = board_words.kind_words(topic, {one.kind for one in found}) if topic != LATE else {}
    name = _("逾期步骤") if topic == LATE else board_words.topic_words()[topic]
    if request.GET.get("format") == "csv":
        return _csv(topic, found, kinds)
    narrowed = [
        board_words.place_words(asked.part) if asked.part is not None else "",
        (kinds or board_words.kind_words(topic, [asked.kind])).get(asked.kind, asked.kind)
        if asked.kind is not None and topic != LATE
        else "",
    ]
    query = request.GET.copy()
    query["format"] = "csv"
    context = {
        "name": name, "rows": [(one, kinds.get(one.kind, one.kind)) for one in found[:MOST]], "total": len(found),
        "asked": asked, "is_cut": len(found) > MOST, "narrowed": [one for one in narrowed if one], "csv": query.urlencode(),
        "is_late": topic == LATE, "synthetic": "part" if any(one.is_synthetic for one in found) else "",
    }  # fmt: skip
    return render(request, "portal/board/list.html", context)


def _asked(request: HttpRequest, topic: str, officer: Officer) -> Asked:
    span = {"30": keeping.MONTH, "1": 1}.get(request.GET.get("span", ""), keeping.WEEK)
    last = today()
    if span > 1:
        night = keeping.newest(officer.territory)
        told = night.figures.get(topic, {}).get("last_on") if night else None
        last = date.fromisoformat(told) if told else today() - timedelta(days=1)
    return Asked(last - timedelta(days=span - 1), last, request.GET.get("part"), request.GET.get("kind"))


def _registered(officer: Officer, asked: Asked) -> Sequence[Entry]:
    """Read the firms from the register as it was delivered: everybody may see them."""
    lake = Lake(current_home().lake)
    if not lake.exists(board_counting.REGISTER):
        return []
    table = lake.table(lake.ibis(), board_counting.REGISTER)
    rows = table.filter(table.registered_on.between(asked.first, asked.last))
    place = rows.county_code.coalesce(rows.prefecture_code).fill_null("")
    rows = rows.mutate(division=place).filter(
        place.startswith(officer.territory), place.startswith(territory_prefix(asked.part or ""))
    )
    if asked.kind is not None:
        rows = rows.filter(rows.industry_section.fill_null("") == asked.kind)
    rows = rows.order_by(rows.registered_on.desc(), rows.uscc).limit(10 * MOST)
    names = ("registered_on", "name", "division", "industry_section", "uscc", "is_synthetic")
    return [
        Entry(row["registered_on"], row["name"] or row["uscc"] or "", row["division"], row["industry_section"] or "",
              f"/entities/{row['uscc']}/" if row["uscc"] else "", bool(row["is_synthetic"]))
        for row in rows.select(*names).to_pyarrow().to_pylist()
    ]  # fmt: skip


def _checked(officer: Officer, asked: Asked) -> Sequence[Entry]:
    published = CheckEvent.objects.filter(check_record=OuterRef("check_record"), verb=Verb.PUBLISH)
    events = board_counting.checks_confirmed(asked.first, asked.last, officer.territory)
    inside = may(officer, Permission.VIEW_CHECK)
    made = []
    for event in events.annotate(is_published=Exists(published)):
        check = event.check_record
        href = f"/results/{check.pk}/" if event.is_published else ""
        if inside:
            href = f"/work/checks/{check.pk}/"
        made.append(
            Entry(statutory_day(event.happened_at), check.entity_name, check.division_code, check.task.plan_id, href,
                  check.is_synthetic)
        )  # fmt: skip
    return made


def _complained(officer: Officer, asked: Asked) -> Sequence[Entry]:
    area = [
        one
        for one in counted.cases(asked.first, asked.last)
        if one.division_code.startswith(officer.territory)
    ]
    return [
        Entry(one.received_on, one.firm_name or one.number, one.division_code, one.topic, one.path, one.is_synthetic)
        for one in reversed(seen_by(officer, area))
    ]  # fmt: skip


def _cases(officer: Officer, asked: Asked, *, of_risk: bool) -> list[Entry]:
    found = board_counting.cases_opened(asked.first, asked.last, of_risk=of_risk, territory=officer.territory)
    return [
        Entry(statutory_day(one.opened_at), one.title or one.number, one.division_code, one.procedure,
              f"/work/cases/{one.pk}/", one.is_synthetic)
        for one in found
    ]  # fmt: skip


def _opened(officer: Officer, asked: Asked) -> Sequence[Entry]:
    return _cases(officer, asked, of_risk=False)


def _risen(officer: Officer, asked: Asked) -> Sequence[Entry]:
    told = [
        Entry(one.first_on, key_words(one.kind, one.key, one.label), one.division_code or f"{board_counting.PROVINCE}0000",
              board_counting.SIGNAL, f"/work/analysis/signals/{one.pk}/", one.is_synthetic)
        for one in board_counting.signals_told(asked.first, asked.last, officer.territory)
    ]  # fmt: skip
    return sorted([*_cases(officer, asked, of_risk=True), *told], key=lambda one: one.day, reverse=True)


def _late(officer: Officer, _asked: Asked) -> Sequence[Entry]:
    return [
        Entry(step.due_on, f"{step.name}：{step.case.title or step.case.number}", step.case.division_code,
              case_words.unit_name(step.organisation), f"/work/cases/{step.case_id}/", step.case.is_synthetic)
        for step in late_steps(officer.territory)[: 10 * MOST]
    ]  # fmt: skip


_READERS: dict[str, Callable[[Officer, Asked], Sequence[Entry]]] = {
    keeping.REGISTERED: _registered, keeping.CHECKED: _checked, keeping.COMPLAINED: _complained,
    keeping.OPENED: _opened, keeping.RISEN: _risen, LATE: _late,
}  # fmt: skip


def _csv(topic: str, found: Sequence[Entry], kinds: dict[str, Any]) -> HttpResponse:
    head = [
        "日期 day",
        "名称 title",
        "区划代码 division_code",
        "地点 place",
        "类别 kind",
        "合成数据 synthetic",
    ]
    rows = [
        [one.day, one.title, one.division, one.place, kinds.get(one.kind, one.kind), "合成数据" if one.is_synthetic else ""]
        for one in found
    ]  # fmt: skip
    return csv_file(f"board-{topic}-list.csv", [head, *rows])
