"""The audit of draws: for auditors and leaders of the area. Every look is recorded, every finding can be answered."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhijian.apps.supervision.inspection import audit, kept_audit, kept_figures, policies, scoping
from zhijian.apps.supervision.inspection.draw_titles import titles
from zhijian.apps.supervision.inspection.frame import csv_file, officer_of, officers_only, words_of
from zhijian.datazone.lake import Lake
from zhijian.engines.draws.models import Draw
from zhijian.engines.forms.words import Words
from zhijian.engines.registers.code_lists import industry_section_label
from zhijian.infrastructure.home import current_home
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.standards import divisions

MOST_CODES, MOST_MARKS = 500, 100


@require_http_methods(["GET", "POST"])
@officers_only
def draws_audit(request: HttpRequest) -> HttpResponse:
    """The kept result of the area: recomputed draws, how they went, what honest lotteries do not show; firms can be asked about (post)."""
    officer, lake = officer_of(request), Lake(current_home().lake)
    every = audit.draws_for(officer)
    record_look(officer, "draws", "draws_audit", at=timezone.now())
    kept = kept_audit.newest(kept_audit.scope_of(officer), lake, at=timezone.now())
    watched = _codes(request.POST.get("codes", ""))
    if watched:
        record_look(officer, "draws", "draws_audit_firms", at=timezone.now(), reason=f"{len(watched)}")
    tests = kept.tests if kept else ()
    names, tags, english = titles(every), scoping.tag_names(), in_english()
    context = {
        "draws": [
            {"title": names[str(draw)], **_course(draw, kept, request.GET.get("recompute", ""))}
            for draw in every
        ],
        "kept": kept,
        "unreadable": kept.fact.payload["unreadable"] if kept else [],
        "tests": _rows(tests, kept),
        "ringing": sum(test.rings for test in tests),
        "rate": f"{audit.RATE:.0%}",
        "throws": audit.THROWS,
        "marks": [
            (one, tags[one.row["tag_key"]][english] if one.row["tag_key"] in tags else one.row["tag_key"])
            for one in audit.hand_marks(kept_audit.scope_of(officer), most=MOST_MARKS)
        ],
        "verdicts": _verdicts(),
        "watched": watched,
        "spared": _spared(kept_audit.held_of(every)[0], watched) if watched else None,
        "synthetic": "part" if any(draw.is_synthetic for draw in every) else "",
    }
    return render(request, "inspection/audit_draws.html", context)


@require_POST
@officers_only
def compute(request: HttpRequest) -> HttpResponse:
    """Reckon the audit of the officer's area now, and how inspections do, and keep both; an unchanged audit stays."""
    officer = require(officer_of(request), Permission.AUDIT_DRAWS)
    scope, lake, now = kept_audit.scope_of(officer), Lake(current_home().lake), timezone.now()
    _kept, is_new = kept_audit.compute(scope, lake, by=officer, at=now, clock=time.perf_counter)
    kept_figures.keep(scope, lake, at=now)
    messages.success(request, _("已重新计算并封存。") if is_new else _("没有变化，保存的结果仍然有效。"))
    return redirect("work_audit_draws")


def _course(draw: Draw, kept: kept_audit.Kept | None, asked: str) -> dict[str, Any]:
    """Return how a draw went, with what the kept result says of its file; the one asked for is recomputed now."""
    course = audit.course_of(draw)
    is_asked = str(draw) == asked
    checked = audit.recomputed(course.state, clock=time.perf_counter) if is_asked else None
    checked = checked or (kept.checked.get(str(draw)) if kept else None)
    return {
        "course": course,
        "draw": draw,
        "checked": checked,
        "is_now": is_asked,
        "problems": [str(Words(*pair)) for pair in checked.problems] if checked else [],
        "is_left": bool(course.state.published) and checked is None,
        "can_be_recomputed": bool(course.state.published) and not is_asked,
        "voided": course.state.voided,
        "excluded": [(_(reason), count, is_by_hand) for reason, count, is_by_hand in course.excluded],
    }


def kind_words() -> dict[str, tuple[str, str]]:
    """Return each test's name, and what it asks."""
    return {
        "district": (_("地区"), _("抽中的按地区分布，与各地户数和抽中机会是否相称")),
        "industry": (_("行业"), _("抽中的按行业分布，与名单是否相称")),
        "age": (_("成立时间"), _("抽中的按成立时间分布，与名单是否相称")),
        "order": (_("先后次序"), _("抽中的先后是否跟着代码的次序走")),
        "again": (_("一年内再次抽中"), _("再次抽中的户数，与相互独立的抽签相比")),
        "excluded": (_("人工排除"), _("人工排除是否集中在一个地区")),
        "pairs": (_("检查人员搭配"), _("有没有两个人总是分在一起")),
        "voids": (_("作废的抽签"), _("有没有一户，抽中了就作废重抽")),
        "spared": (_("指定的企业"), _("这些企业是否抽中得太少")),
    }


def _rows(tests: Sequence[audit.Finding], kept: kept_audit.Kept | None) -> list[dict[str, Any]]:
    names, given = kind_words(), audit.answers()
    called = titles(Draw.objects.all())
    people = {one.username: str(one) for one in Officer.objects.all()}
    rows = []
    for test in tests:
        name, asks = names[test.kind]
        key = kept.key_of(test) if kept else test.key
        answer = given.get(key)
        rows.append(
            {
                "test": test,
                "key": key,
                "name": name,
                "asks": asks,
                "is_distance": test.kind in {"district", "industry", "age"},
                "draw": called.get(test.draw, ""),
                "seen": _figure(test.seen),
                "expected": _figure(test.expected),
                "chance": chance_words(test.chance),
                "q": chance_words(test.q),
                "parts": [
                    (part_name(test.kind, name_, people), _figure(seen), _figure(expected))
                    for name_, seen, expected in test.parts
                ],
                "answer": answer,
                "answer_words": _verdicts().get(str(answer.payload["verdict"]), "") if answer else "",
                "is_worse": answer is not None
                and not audit.holds(answer, seen=test.seen, expected=test.expected, chance=test.chance),
            }
        )
    return rows


def _verdicts() -> dict[str, str]:
    return {"explained": _("已说明"), "look_into": _("要查")}


def part_name(kind: str, name: str, people: Mapping[str, str]) -> str:
    """Return what a part of a finding is called on the page."""
    if name == "?":
        return _("不详")
    if kind in {"district", "excluded"}:
        return _area(name)
    if kind == "industry":
        return str(Words(*industry_section_label(name)))
    if kind == "pairs":
        return " + ".join(people.get(one, one) for one in name.split(" + "))
    ages = {
        "under_1": _("不满1年"), "1_to_3": _("1年至3年"), "3_to_10": _("3年至10年"), "over_10": _("10年以上")
    }  # fmt: skip
    return ages.get(name, name)


def _area(code: str) -> str:
    found = divisions.find(code)
    return str(found.name) if found else code


def _figure(value: float) -> str:
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.2g}" if value < 1 else f"{value:,.1f}"


def chance_words(chance: float) -> str:
    """Return a chance as a person reads it."""
    if chance < 1e-4:
        return _("不到万分之一")
    return f"{chance:.4f}" if chance < 0.01 else f"{chance:.2f}"


def _codes(text: str) -> set[str]:
    return set(text.upper().split()[:MOST_CODES])


def _spared(held: Sequence[audit.Held], watched: set[str]) -> dict[str, Any] | None:
    found = audit.spared(held, watched) if watched else None
    return _rows([found], None)[0] if found else None


@require_POST
@officers_only
def answer(request: HttpRequest) -> HttpResponse:
    """Write down the answer to a finding of the kept result."""
    officer = officer_of(request)
    require(officer, Permission.AUDIT_DRAWS)
    kept = kept_audit.newest(kept_audit.scope_of(officer), Lake(current_home().lake), at=timezone.now())
    known = {kept.key_of(test): test for test in kept.tests} if kept else {}
    key = request.POST.get("finding", "")
    test = known.get(key)
    if test is None:
        raise Http404
    subject = test.draw.rsplit("/", 1)[0] if test.draw else "draws"
    asked = [one for one in audit.draws_for(officer) if test.draw in ("", str(one))]
    verdict = request.POST.get("verdict", "")
    try:
        audit.check_explains(verdict, asked, by=officer)
        audit.answer(
            key, subject, verdict, request.POST.get("reason", ""),
            by=officer, at=timezone.now(),
            told=audit.figures(seen=test.seen, expected=test.expected, chance=test.chance),
        )  # fmt: skip
        messages.success(request, _("已记录答复。"))
    except policies.Incomplete as refused:
        messages.error(request, " ".join(words_of(problem) for problem in refused.problems))
    except Forbidden as refused:
        messages.error(request, words_of(refused))
    return redirect("work_audit_draws")


@require_GET
@officers_only
def tests_csv(request: HttpRequest) -> HttpResponse:
    """The tests as a table."""
    officer = officer_of(request)
    require(officer, Permission.AUDIT_DRAWS)
    kept = kept_audit.newest(kept_audit.scope_of(officer), Lake(current_home().lake), at=timezone.now())
    record_look(officer, "draws", "draws_audit", at=timezone.now(), reason="csv")
    head = ["test", "draw", "seen", "expected_by_chance", "chance", "q"]
    rows = [
        [one.kind, one.draw, one.seen, f"{one.expected:.6g}", f"{one.chance:.6g}", f"{one.q:.6g}"]
        for one in (kept.tests if kept else ())
    ]
    return csv_file("draws-audit.csv", [head, *rows])


urlpatterns = [
    path("draws/", draws_audit, name="work_audit_draws"),
    path("draws/compute/", compute, name="work_audit_compute"),
    path("draws/answer/", answer, name="work_audit_answer"),
    path("draws/tests.csv", tests_csv, name="work_audit_csv"),
]
