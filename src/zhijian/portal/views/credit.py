"""The credit-risk class: its method for everybody, a firm's class and forecast for officers, activity in sums."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhijian.datazone.entity.facts import standing_facts, typed
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.activity import STATES, signals_of
from zhijian.datazone.mart.class_history import last_change
from zhijian.datazone.mart.credit_reasons import detail_of
from zhijian.datazone.mart.credit_score import count_column, points_column
from zhijian.datazone.mart.indicator_tree import Indicator, Tree, tree_of
from zhijian.datazone.mart.what_if import (
    Change,
    Forecast,
    Outcome,
    possible_changes,
    related_counts,
    what_if,
)
from zhijian.engines.facts.standing import standing_own_facts
from zhijian.engines.registers import CreditClass, EntityRecord, EntityRegister
from zhijian.engines.registers.code_lists import prefecture_label
from zhijian.infrastructure.home import current_home
from zhijian.portal.components import bar_chart, words
from zhijian.portal.views import credit_backtest
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may, require
from zhijian.standards import parameters

CLASS_RULES = "supervision/credit_class"
ACTIVITY_RULES = "supervision/activity"
_MOST_CHANGES = 40
_MOST_CAUSES = 5


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator as a page shows it; points and detail only on a firm's own page."""

    label: str
    rule: str
    weight: int
    cap: int
    points: int = 0
    detail: str = ""


def method(request: HttpRequest) -> HttpResponse:
    """How the class is computed: the indicator tree, its sources and reviewers. Names no firm.

    What each indicator weighs is for those whom the class steers, not for those whom it rates.
    """
    if request.GET.get("format") == "csv":
        return credit_backtest.as_csv()
    parameter = parameters.load(CLASS_RULES)
    entry = parameter.entry_on(today())
    tree = tree_of(entry.value)
    context = {
        "tree": tree,
        "dimensions": _dimensions(tree),
        "no_source": [
            (_of(tree, one.dimension), _said(one.zh, one.en), one.waits_for) for one in tree.no_source
        ],
        "entry": entry,
        "review": parameter.review,
        "shows_weights": may(request.user, Permission.VIEW_CREDIT_CLASS),
        "backtest": credit_backtest.shown(),
    }
    return render(request, "portal/credit/method.html", context)


def _dimensions(tree: Tree, measured: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """The tree as pages show it: dimensions, groups, rows."""
    return [
        {
            "label": _said(dimension.zh, dimension.en),
            "groups": [
                {"label": _said(g.zh, g.en), "rows": [_row(one, measured or {}) for one in g.indicators]}
                for g in dimension.groups
            ],
        }
        for dimension in tree.dimensions
    ]


def _row(one: Indicator, measured: Mapping[str, int]) -> IndicatorRow:
    points, count = measured.get(points_column(one.id), 0), measured.get(count_column(one.id), 0)
    detail = _said(*detail_of(one, count)) if points or count else ""
    return IndicatorRow(_said(one.zh, one.en), _rule(one), one.weight, one.cap, points, detail)


def _rule(one: Indicator) -> str:
    """Say what an indicator measures, in one clause."""
    values = {"window": one.window_months, "beyond": one.beyond, "skip": one.skip_months}
    said = {
        "count": _("%(window)s个月内每次计分"),
        "decayed": _("%(window)s个月内每次计分，每12个月减半"),
        "present": _("%(window)s个月内有过即计分"),
        "amount": _("%(window)s个月内合计，每万元计分"),
        "open": _("现有未移出的每项计分"),
        "closed": _("%(window)s个月内移出过即计分"),
        "years": _("按成立的整年数"),
        "listed": _("登记内容在代码表内即计分"),
        "related": _("同一法定代表人的其他主体，每次计分"),
    }[one.formula] % values  # fmt: skip
    if one.skip_months:
        return _("%(skip)s至%(window)s个月前每次计分") % values
    return said + (_("，超过%(beyond)s次的部分") % values if one.beyond else "")


def _of(tree: Tree, dimension: str) -> str:
    found = next(one for one in tree.dimensions if one.id == dimension)
    return _said(found.zh, found.en)


def _said(zh: str, en: str) -> str:
    return en if words.in_english() else zh


# --- a firm's class and what would change it ---


def class_page(request: HttpRequest, uscc: str) -> HttpResponse:
    """Every indicator of one firm's class, and a forecast after the steps that were ticked; each look is recorded."""
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    if record is None:
        raise Http404
    if record.uscc != uscc:
        return redirect("entity_class", uscc=record.uscc)
    division = record.county_code or record.prefecture_code or "-"
    officer = require(request.user, Permission.VIEW_CREDIT_CLASS, division=division)
    credit = register.credit_class(record.uscc)
    if credit is None:
        raise Http404
    record_look(officer, record.uscc, "credit_class", at=now(), reason=_("查看分类依据和推算"))
    context = _class_context(register, record, credit, request.GET.getlist("change"))
    response = render(request, "portal/credit/class.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _class_context(
    register: EntityRegister, record: EntityRecord, credit: CreditClass, ticked: Iterable[str]
) -> dict[str, Any]:
    parameter = parameters.load(CLASS_RULES)
    weights = parameter.on(credit.month_end)
    facts = facts_of(register, record.uscc)
    possible = possible_changes(facts, as_of=credit.month_end)[:_MOST_CHANGES]
    chosen_keys = set(ticked)
    chosen = [change for change in possible if change.key in chosen_keys]
    forecast = what_if(
        _plain(record),
        facts,
        chosen,
        as_of=credit.month_end,
        cut_score=register.class_cut(),
        related=related_counts(credit.measured, weights),
    )
    is_whole = forecast.now.score == credit.score
    entry, later = parameter.entry_on(credit.month_end), parameter.entry_on(forecast.latest.month_end)
    change = last_change(Lake(current_home().lake), record.entity_id)
    return {
        "record": record,
        "credit": credit,
        "dimensions": _dimensions(tree_of(weights), credit.measured),
        "base": weights["base_points"],
        "entry": entry,
        "later_entry": later if later.starts_on != entry.starts_on else None,
        "change": change,
        "causes": [_reason(cause) for cause in change.causes[:_MOST_CAUSES]] if change else [],
        "review": parameter.review,
        "steps": [(change, step_words(change), change.key in chosen_keys) for change in possible],
        "forecast": _forecast(forecast) if chosen and is_whole else None,
        "is_whole": is_whole,
        "synthetic": "all" if record.is_synthetic else "",
    }


def _plain(record: EntityRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("uscc", "registered_on", "industry_code", "status_code")}


def facts_of(register: EntityRegister, uscc: str) -> list[dict[str, Any]]:
    """Return what rates a firm, typed: what was delivered, and our own inspections as they stand."""
    delivered = [vars(fact) for fact in register.delivered_facts(uscc)]
    return [typed(fact, 1) for fact in standing_facts(delivered, standing_own_facts(uscc))]


def step_words(change: Change) -> str:
    """Name a step as an officer would."""
    grounds = {
        "annual_report": _("未按期公示年度报告"),
        "instant_information": _("未公示即时信息"),
        "falsity": _("公示信息弄虚作假"),
        "unreachable": _("通过登记的住所无法联系"),
        "name_not_changed": _("未按期变更名称"),
    }
    said = {
        "penalty_repaired": _("处罚%(target)s已缴清并修复"),
        "listing_removed": _("移出经营异常名录（%(ground)s）"),
        "report_filed": _("补报%(target)s年度报告"),
        "no_new_complaint": _("到%(day)s没有新的投诉成立"),
    }[change.kind]
    day = words.day(change.latest_on)
    return said % {"target": change.target, "ground": grounds.get(change.target, change.target), "day": day}


def _forecast(forecast: Forecast) -> dict[str, Any]:
    low, high = forecast.score_range
    return {
        "now": forecast.now,
        "earliest": forecast.earliest,
        "latest": forecast.latest,
        "low": low,
        "high": high,
        "is_one_month": forecast.earliest.month_end == forecast.latest.month_end,
        "is_other_class": forecast.latest.class_code != forecast.now.class_code,
        "from_month": _month(forecast.earliest),
        "to_month": _month(forecast.latest),
        "reasons": [_reason(reason) for reason in forecast.latest.reasons],
        "raw": forecast.latest.reasons,
    }


def _reason(reason: Any) -> dict[str, Any]:
    return {
        "label": _said(reason.label_zh, reason.label_en),
        "detail": _said(reason.detail_zh, reason.detail_en),
        "points": reason.points,
    }


def _month(outcome: Outcome) -> str:
    return f"{outcome.month_end:%Y-%m}"


# --- activity, in sums only ---


def activity(request: HttpRequest) -> HttpResponse:
    """How many entities are active, weak, dormant, lost or dormant by filing, by city. No single firm is shown to anybody here."""
    rows = _summary()
    weights = parameters.load(ACTIVITY_RULES).on(today())
    by_city: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_city[row["prefecture_code"] or ""][row["state_code"]] += row["entity_count"]
    total: Counter[str] = sum(by_city.values(), Counter())
    if request.GET.get("format") == "csv":
        return _activity_csv(by_city, _month_of(rows), _mark(rows))
    shares = {code: [_share(by_city[code], s) for s in STATES] for code in sorted(filter(None, by_city))}
    context = {
        "chart": _activity_chart(shares),
        "month": _month_of(rows),
        "states": [(state, state_words(state), total[state], _share(total, state)) for state in STATES],
        "cities": [
            (
                _said(label.zh, label.en),
                sum(by_city[code].values()),
                shares[code],
            )
            for code, label in ((code, prefecture_label(code)) for code in shares)
        ],
        "headers": [state_words(state) for state in STATES],
        "total": sum(total.values()),
        "signals": [_said(s.zh, s.en) for s in signals_of(weights)],
        "rule_version": weights["rule_version"],
        "review": parameters.load(ACTIVITY_RULES).review,
        "synthetic": _mark(rows),
    }
    return render(request, "portal/credit/activity.html", context)


def _activity_chart(shares: Mapping[str, list[float | None]]) -> bar_chart.BarChart:
    """The states of every city as parts of its whole, the most active city first; the finding is the title."""
    named = [
        (prefecture_label(code), [100 * (part or 0) for part in parts]) for code, parts in shares.items()
    ]
    rows = sorted(((_said(label.zh, label.en), parts) for label, parts in named), key=lambda row: -row[1][0])
    title = _("各市")
    if len(rows) > 1:
        values = {
            "most": rows[0][0], "high": f"{rows[0][1][0]:.1f}", "least": rows[-1][0], "low": f"{rows[-1][1][0]:.1f}"
        }  # fmt: skip
        title = _("活跃的占比，%(most)s最高（%(high)s%%），%(least)s最低（%(low)s%%）") % values
    return bar_chart.parts(
        title, [state_words(s) for s in STATES], [(name, parts, "") for name, parts in rows]
    )


def state_words(state: str) -> str:
    """Name a state of activity."""
    return {
        "active": _("活跃"),
        "weak": _("低活跃"),
        "dormant": _("休眠"),
        "lost": _("失联"),
        "filed": _("歇业备案"),
    }[state]


def _summary() -> list[dict[str, Any]]:
    lake = Lake(current_home().lake)
    return lake.read("mart_activity_summary").to_pylist() if lake.exists("mart_activity_summary") else []


def _month_of(rows: list[dict[str, Any]]) -> str:
    return max((row["snapshot_month"] for row in rows), default="")


def _mark(rows: list[dict[str, Any]]) -> str:
    marks = {bool(row["is_synthetic"]) for row in rows}
    return "" if True not in marks else "part" if False in marks else "all"


def _share(counts: Counter[str], state: str) -> float | None:
    whole = sum(counts.values())
    return counts[state] / whole if whole else None


def _activity_csv(by_city: Mapping[str, Counter[str]], month: str, mark: str) -> HttpResponse:
    """The table as a file: first line says what it is, codes as text."""
    note = {"": "", "part": "含合成数据", "all": "合成数据，不对应真实企业"}[mark]
    rows: list[list[Any]] = [
        [f"企业活跃度 activity {month}", "单位：户 entities", note],
        ["地市 prefecture_code", *[f"{state_words(s)} {s}" for s in STATES]],
        *[[code or "未知 unknown", *[counts[s] for s in STATES]] for code, counts in sorted(by_city.items())],
    ]
    name = f"activity_{month}{'_SYNTHETIC' if mark else ''}.csv"
    return csv_file(name, rows, line_end="\r\n")


__all__ = ["activity", "class_page", "method"]
