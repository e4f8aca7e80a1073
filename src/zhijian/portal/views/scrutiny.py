"""How inspections do: what steering is worth, how strict inspectors are, what looks like counting for its own sake, and the burden."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhijian.apps.supervision.inspection import (
    audit,
    burden,
    counting,
    kept_audit,
    kept_figures,
    policies,
    quality,
    targeting,
)
from zhijian.apps.supervision.inspection.audit_pages import chance_words
from zhijian.apps.supervision.inspection.draw_titles import titles
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.draws import strictness
from zhijian.engines.forms.words import Words
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.registers.code_lists import industry_section_label
from zhijian.portal.components import bar_chart, funnel_chart, interval_chart
from zhijian.portal.components.tile_map import area_name
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require

_MOST_BARS = 25


def _year(request: HttpRequest) -> int:
    """Return the year that the address asks for, else this one."""
    text = request.GET.get("year", "")
    return (
        int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) <= today().year else today().year
    )


def _years(year: int) -> list[int]:
    return sorted({today().year, today().year - 1, year}, reverse=True)


@require_GET
@officers_only
def targeting_page(request: HttpRequest) -> HttpResponse:
    """Hits of a year's draws by class and by score against a pure lottery, and what became of the visited; also as CSV."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    year = _year(request)
    record_look(officer, "draws", "targeting", at=timezone.now())
    kept = kept_figures.targeting_of(kept_audit.scope_of(officer), year)
    told = kept.figures if kept else targeting.Year(year, (), (), (), (), None)
    if request.GET.get("format") == "csv":
        return csv_file(f"targeting-{year}.csv", _targeting_table(told))
    by_class = [(_class_word(one.name), one) for one in told.by_class]
    by_score = [(_fifth_word(one.name), one) for one in told.by_score]
    called = titles([*(one.draw for one in told.draws), *(draw for draw, _left in told.pending)])
    context = {
        "told": told,
        "kept": kept,
        "title": _lift_words(told),
        "draws": [(one, called[str(one.draw)]) for one in told.draws],
        "pending": [(called[str(draw)], left) for draw, left in told.pending],
        "by_class": by_class,
        "by_score": by_score,
        "class_chart": _shares(_("各类企业的问题率（95%区间）"), by_class),
        "score_chart": _shares(_("按抽签前风险分五等分的问题率（95%区间）"), by_score),
        "years": _years(year),
        "synthetic": _part(kept),
    }
    return render(request, "portal/scrutiny/targeting.html", context)


def _lift_words(told: targeting.Year) -> str:
    if told.lift is None:
        return _("还说不出按风险抽查多查出几倍")
    times, low, high = (f"{value:.1f}" for value in told.lift)
    if told.lift[1] <= 1 <= told.lift[2]:
        return _("按风险抽查与纯抽签相比看不出差别（%(times)s倍，%(low)s至%(high)s）") % locals_of(
            times, low, high
        )
    return _("每次检查查出的问题是纯抽签的%(times)s倍（%(low)s至%(high)s）") % locals_of(times, low, high)


def locals_of(times: str, low: str, high: str) -> dict[str, str]:
    return {"times": times, "low": low, "high": high}


def _class_word(letter: str) -> str:
    return _("%(letter)s类") % {"letter": letter}


def _fifth_word(number: str) -> str:
    return _("第%(n)s份（%(which)s）") % {
        "n": number,
        "which": {"1": _("风险最低"), "5": _("风险最高")}.get(number, _("居中")),
    }


def _shares(title: str, rows: Sequence[tuple[str, targeting.Group]]) -> interval_chart.IntervalChart | None:
    bars = [
        (name, one.estimate.rate, one.estimate.low, one.estimate.high, f"{one.estimate.rate:.1%}")
        for name, one in rows
        if one.estimate
    ]
    return interval_chart.draw(title, bars) if bars else None


def _targeting_table(told: targeting.Year) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["part", "name", "objects", "visits", "hits", "lottery_hits_or_share", "low", "high"]
    ]
    for one in told.draws:
        low, high = one.interval
        rows.append(
            ["draw", str(one.draw), one.objects, one.visits, one.hits, f"{one.expected:.4f}", f"{low:.4f}", f"{high:.4f}"]
        )  # fmt: skip
    for part, members in (("class", told.by_class), ("score_fifth", told.by_score)):
        for group in members:
            found = group.estimate
            numbers = (
                [f"{found.rate:.6f}", f"{found.low:.6f}", f"{found.high:.6f}"] if found else ["", "", ""]
            )
            rows.append([part, group.name, group.objects, group.visits, group.hits, *numbers])
    effect = told.effect
    if effect and effect.is_enough:
        numbers = [f"{effect.difference:.6f}", f"{effect.low:.6f}", f"{effect.high:.6f}"]
        rows.append(
            [
                "effect",
                "drawn_less_others",
                effect.drawn + effect.others,
                effect.drawn,
                effect.events_drawn,
                *numbers,
            ]
        )
    return rows


@require_GET
@officers_only
def strictness_page(request: HttpRequest) -> HttpResponse:
    """How strict inspectors are on visits that a lottery gave them: for internal use; also as CSV."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    year = _year(request)
    record_look(officer, "draws", "strictness", at=timezone.now())
    kept = kept_figures.strictness_of(kept_audit.scope_of(officer), year)
    told = kept.figures.told if kept else strictness.Office((), 0.0)
    people = {one.username: str(one) for one in Officer.objects.all()}
    if request.GET.get("format") == "csv":
        return csv_file(f"strictness-{year}.csv", _strictness_table(told))
    outer = partial(strictness.funnel, level=0.998)
    rows = [
        (people.get(one.inspector, one.inspector), one, _is_outside(one, outer)) for one in told.inspectors
    ]
    outside = sum(is_outside for _name, _one, is_outside in rows)
    context = {
        "told": told,
        "kept": kept,
        "rows": rows,
        "outside": outside,
        "visits": kept.figures.visits if kept else 0,
        "fewest": kept_figures.FEWEST_VISITS,
        "chart": funnel_chart.draw(
            _("查出的与应查出的之比"),
            _("应查出的次数"),
            [(one.expected, one.ratio) for one in told.inspectors],
            partial(strictness.funnel, level=0.95),
            outer,
        ) if any(one.expected for one in told.inspectors) else None,
        "years": _years(year),
        "year": year,
        "synthetic": _part(kept),
    }  # fmt: skip
    return render(request, "portal/scrutiny/strictness.html", context)


def _part(kept: kept_figures.Told[Any] | None) -> str:
    return "part" if kept is not None and kept.is_synthetic else ""


def _is_outside(one: strictness.Strictness, limits: Any) -> bool:
    low, high = limits(one.expected)
    return not low <= one.ratio <= high


def _strictness_table(told: strictness.Office) -> list[list[Any]]:
    head = ["inspector", "visits", "hits", "expected", "ratio", "shrunk", "low", "high", "chance"]
    return [head] + [
        [one.inspector, one.visits, one.hits, f"{one.expected:.4f}", f"{one.ratio:.4f}", f"{one.shrunk:.4f}",
         f"{one.low:.4f}", f"{one.high:.4f}", f"{one.chance:.6g}"]
        for one in told.inspectors
    ]  # fmt: skip


def _clues(officer: Officer, kept: kept_figures.Told[list[counting.Clue]] | None) -> list[counting.Clue]:
    """Return the kept clues that an officer may see."""
    units = {one.code: one for one in Organisation.objects.all()}
    return [
        clue for clue in (kept.figures if kept else ())
        if counting.may_see(officer, units[clue.unit].division_code, is_own=units[clue.unit].pk == officer.organisation_id)
    ]  # fmt: skip


@require_GET
@officers_only
def counting_page(request: HttpRequest) -> HttpResponse:
    """What looks like counting for its own sake, with its evidence and a way to answer; also as CSV."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    year = _year(request)
    record_look(officer, "draws", "counting", at=timezone.now())
    kept = kept_figures.clues_of(kept_audit.scope_of(officer), year)
    clues = _clues(officer, kept)
    if request.GET.get("format") == "csv":
        return csv_file(f"counting-{year}.csv", _counting_table(clues))
    rows = _counting_rows(clues)
    context = {
        "rows": rows,
        "kept": kept,
        "open": sum(row["answer"] is None or row["is_worse"] for row in rows),
        "rate": f"{counting.RATE:.0%}",
        "verdicts": {"explained": _("已说明"), "look_into": _("要查")},
        "year": year,
        "years": _years(year),
        "rules": {
            "days": counting.CROWDED_DAYS, "copies": counting.FEWEST_COPIES, "speed": counting.FASTEST_KM_H,
            "letters": counting.LONG_TEXT,
        },
        "synthetic": "part" if any(one.is_synthetic for row in rows for one in row["evidence"]) else "",
    }  # fmt: skip
    return render(request, "portal/scrutiny/counting.html", context)


def _counting_rows(clues: Sequence[counting.Clue]) -> list[dict[str, Any]]:
    said = audit.answers()
    units = {one.code: Words(one.name, one.name_en) for one in Organisation.objects.all()}
    people = {one.username: str(one) for one in Officer.objects.all()}
    known = Check.objects.in_bulk([number for clue in clues for number in clue.numbers], field_name="number")
    kinds = {
        "crowded": _("季末集中检查"),
        "copied": _("检查记录雷同"),
        "impossible": _("路程不可能"),
    }
    verdicts = {"explained": _("已说明"), "look_into": _("要查")}
    rows = []
    for clue in clues:
        answer = said.get(clue.key)
        rows.append(
            {
                "clue": clue,
                "kind": kinds[clue.kind],
                "unit": units[clue.unit],
                "who": _("、").join(people.get(name, name) for name in clue.who),
                "chance": "" if clue.chance is None else chance_words(clue.chance),
                "q": "" if clue.q is None else chance_words(clue.q),
                "evidence": [known[number] for number in clue.numbers if number in known],
                "answer": answer,
                "answer_words": verdicts.get(str(answer.payload["verdict"]), "") if answer else "",
                "is_worse": answer is not None
                and not audit.holds(answer, seen=clue.seen, expected=clue.expected, chance=clue.chance),
            }
        )
    return rows


def _counting_table(clues: Sequence[counting.Clue]) -> list[list[Any]]:
    head = ["kind", "unit", "inspectors", "day", "seen", "expected", "chance", "q", "checks"]
    return [head] + [
        [clue.kind, clue.unit, " ".join(clue.who), clue.day or "", f"{clue.seen:.6g}",
         *("" if value is None else f"{value:.6g}" for value in (clue.expected, clue.chance, clue.q)), " ".join(clue.numbers)]
        for clue in clues
    ]  # fmt: skip


@require_POST
@officers_only
def counting_answer(request: HttpRequest) -> HttpResponse:
    """Write down the answer to a clue that the officer sees now."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    text = request.POST.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else today().year
    seen = _clues(officer, kept_figures.clues_of(kept_audit.scope_of(officer), year))
    clue = next((one for one in seen if one.key == request.POST.get("clue", "")), None)
    if clue is None:
        raise Http404
    try:
        audit.answer(
            clue.key, clue.unit, request.POST.get("verdict", ""), request.POST.get("reason", ""), by=officer,
            at=timezone.now(), told=audit.figures(seen=clue.seen, expected=clue.expected, chance=clue.chance),
        )  # fmt: skip
        messages.success(request, _("已记录答复。"))
    except policies.Incomplete as refused:
        messages.error(request, " ".join(words_of(problem) for problem in refused.problems))
    return redirect(f"/work/audit/counting/?year={year}")


@require_http_methods(["GET", "POST"])
@officers_only
def quality_page(request: HttpRequest) -> HttpResponse:
    """The samples of inspections done again by others, and how far both agree; post announces or draws the next; also as CSV."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    if request.method == "POST":
        return _draw_sample(request, officer)
    record_look(officer, "draws", "quality", at=timezone.now())
    samples = quality.samples(officer.territory)
    if request.GET.get("format") == "csv":
        return csv_file("quality-samples.csv", _quality_table(samples))
    told = [one for one in samples if one.agreement.kappa is not None]
    announced = quality.announced(officer.territory)
    days = (
        {name: date.fromisoformat(announced.payload[name]) for name in ("first", "last", "draw_on")}
        if announced
        else {}
    )
    context = {
        "samples": [(_area_of(one), one) for one in samples],
        "chart": interval_chart.draw(
            _("两组检查的一致程度（卡帕值，95%区间）"),
            [
                (f"{_area_of(one)} {one.last}", max(0.0, one.agreement.kappa or 0.0),
                 max(0.0, one.agreement.low or 0.0), one.agreement.high or 0.0, f"{one.agreement.kappa:.2f}")
                for one in told
            ],
        ) if told else None,
        "percent": int(quality.PERCENT.on(today())),
        "announced": announced,
        "is_changed": announced is not None and quality.is_changed(announced),
        "is_known": announced is not None and quality.is_known(announced, today()),
        "days": days,
        "tomorrow": today() + timedelta(days=1),
        "synthetic": "part" if any(one.fact.is_synthetic for one in samples) else "",
    }  # fmt: skip
    return render(request, "portal/scrutiny/quality.html", context)


def _area_of(one: quality.Sample) -> str:
    return area_name(str(one.fact.payload["area"]).ljust(6, "0"))


def _draw_sample(request: HttpRequest, officer: Officer) -> HttpResponse:
    form, at = request.POST, timezone.now()
    try:
        if form.get("act") == "announce":
            quality.announce(
                source=form.get("source", ""), shape=form.get("shape", ""), draw_on=_day_of(form.get("draw_on", "")),
                by=officer, at=at, reason=form.get("reason", ""),
            )  # fmt: skip
            messages.success(request, _("已公告。到了那一天，用公布的数来抽。"))
            return redirect("work_quality")
        fact = quality.draw(form.get("value", "")[:40], by=officer, at=at, reason=form.get("reason", ""))
        messages.success(request, _("已抽出%(n)s次检查，交另一组复核。") % {"n": len(fact.payload["chosen"])})
    except ProcedureRefused as refused:
        messages.error(request, words_of(refused))
    return redirect("work_quality")


def _day_of(text: str) -> date:
    """Return the day that was typed; what is none counts as long past, and is refused with the words of the rule."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _quality_table(samples: Sequence[quality.Sample]) -> list[list[Any]]:
    head = ["area", "first", "last", "frame", "chosen", "compared", "unmet", "agreed", "kappa", "low", "high"]
    return [head] + [
        [one.fact.payload["area"], one.first, one.last, one.fact.payload["frame"], len(one.fact.payload["chosen"]),
         one.compared, one.unmet, one.agreement.agreed,
         *("" if value is None else f"{value:.4f}" for value in (one.agreement.kappa, one.agreement.low, one.agreement.high))]
        for one in samples
    ]  # fmt: skip


@require_GET
def burden_page(request: HttpRequest) -> HttpResponse:
    """How often firms were visited this year, by county and trade: sums for everybody, never a firm; also as CSV."""
    year = _year(request)
    kept = kept_figures.burden_of(year)
    told = kept.figures if kept else burden.account(year, [])
    counties = [(area_name(row.name), row) for row in told.by_county]
    trades = [(_trade(row.name), row) for row in told.by_trade]
    if request.GET.get("format") == "csv":
        return csv_file(f"visits-{year}.csv", _burden_table(told))
    context = {
        "told": told,
        "kept": kept,
        "counties": counties,
        "trades": trades,
        "county_chart": _visits_chart(_("各县区查过的企业"), counties),
        "trade_chart": _visits_chart(_("各行业查过的企业"), trades),
        "fewest": burden.FEWEST,
        "years": _years(year),
        "synthetic": _part(kept),
    }
    return render(request, "portal/scrutiny/burden.html", context)


def _trade(letter: str) -> str:
    return _("不详") if letter == "?" else str(Words(*industry_section_label(letter)))


def _visits_chart(title: str, rows: Sequence[tuple[str, burden.Row]]) -> bar_chart.BarChart | None:
    """Draw the firms of every row that is large enough to be told."""
    told = [(name, row) for name, row in rows if not row.is_hidden][:_MOST_BARS]
    if not told:
        return None
    return bar_chart.bars(
        title, [(name, float(row.firms), _("%(n)s户") % {"n": f"{row.firms:,}"}) for name, row in told]
    )


def _burden_table(told: burden.Year) -> list[list[Any]]:
    counts = ["" if count is None else count for count in told.whole.shown]
    rows: list[list[Any]] = [
        ["part", "code", "firms", "visits"],
        ["all", "", told.firms, told.visits],
        *(["visited_times", times, count, ""] for times, count in zip(("1", "2", "3+"), counts, strict=True)),
        ["fewest_possible", "", "", told.least],
        ["over_cap", "", told.over_cap if told.over_cap >= burden.FEWEST or not told.over_cap else "", ""],
    ]
    for part, members in (("county", told.by_county), ("trade", told.by_trade)):
        rows += [
            [part, row.name, *(("", "") if row.is_hidden else (row.firms, row.visits))] for row in members
        ]
    return rows


__all__ = [
    "burden_page",
    "counting_answer",
    "counting_page",
    "quality_page",
    "strictness_page",
    "targeting_page",
]
