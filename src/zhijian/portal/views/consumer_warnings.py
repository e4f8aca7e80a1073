"""Consumer warnings: officers bring them from draft to publication, everybody reads and subscribes."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.analysis import services, subscribing
from zhijian.apps.consumer.analysis.models import ConsumerWarning, Signal
from zhijian.apps.consumer.analysis.policies import NotNow, possible_for
from zhijian.apps.consumer.analysis.steps import (
    PUBLIC_STATES,
    REVISION_STEPS,
    SEVERITY_WORDS,
    STATE_WORDS,
    STEPS,
    State,
)
from zhijian.engines.signals.daily import PAIR, TOPIC
from zhijian.portal.components.words import in_english
from zhijian.portal.views.analysis import analyst, key_words, words_of
from zhijian.portal.views.register import now
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards import consumer_matters, divisions
from zhijian.standards.whole_number import whole_number

_SHOWN = 100
_FEED = 30
_PATH = (
    State.DRAFTED,
    State.EXPERT_CHECKED,
    State.LEGALLY_CHECKED,
    State.GRADED,
    State.PUBLISHED,
    State.REVIEWED,
)


@never_cache
@login_required
def warnings_at_work(request: HttpRequest) -> HttpResponse:
    """Every warning of the unit's area, the newest first."""
    officer = analyst(request)
    rows = ConsumerWarning.objects.filter(organisation__division_code__startswith=officer.territory)
    rows = rows.prefetch_related("steps")
    context = {"rows": rows[:_SHOWN], "may_work": may(officer, Permission.WORK_WARNING)}
    return render(request, "portal/analysis/warnings.html", context)


@never_cache
@login_required
def new_warning(request: HttpRequest) -> HttpResponse:
    """Draft a warning, from a signal where one is named."""
    officer = analyst(request, Permission.WORK_WARNING)
    number = whole_number(request.GET.get("signal", ""))
    signal = get_object_or_404(Signal, pk=number) if number is not None else None
    if signal is not None:
        require(officer, Permission.VIEW_SIGNALS, division=signal.division_code or None)
    typed, problem = _typed(request), ""
    if request.method == "POST":
        try:
            made = services.draft_warning(**typed, **_scope(request), signal=signal, by=officer, at=now())
        except NotNow as refused:
            problem = words_of(refused)
        else:
            return redirect("work_warning", number=made.number)
    elif signal is not None:
        about = key_words(signal.kind, signal.key, signal.label)
        typed["title"] = _("关于“%(about)s”的消费提示") % {"about": about[:60]}
        typed["body"] = _("近期有关“%(about)s”的投诉举报明显增多。请消费者：") % {"about": about}
    context = {"typed": typed, "problem": problem, "signal": signal, **_scopes(request, signal, officer)}
    return render(request, "portal/analysis/warning_new.html", context, status=422 if problem else 200)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("title", "body", "title_en", "body_en")}


def _scope(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("topic_code", "division_code")}


def _places(officer: Officer) -> list[tuple[str, str]]:
    """Return where a warning of this officer may be for: the whole province, its cities, or the own county."""
    county = officer.territory if len(officer.territory) == 6 else ""
    own = [(county, divisions.full_name(county) or county)] if county else []
    every = [("", _("全省")), *subscribing.cities(), *own]
    return [
        (code, name)
        for code, name in every
        if may(officer, Permission.WORK_WARNING, division=code or services.WHOLE_PROVINCE)
    ]


def _scopes(request: HttpRequest, signal: Signal | None, officer: Officer) -> dict[str, Any]:
    """The topics and places to choose from; those of the signal are chosen at first."""
    topic = signal.key.split("｜")[-1][:3] if signal and signal.kind in (TOPIC, PAIR) else ""
    place = f"{signal.division_code[:4]}00" if signal and signal.division_code[:4] not in ("", "4400") else ""
    return {
        "topics": [
            (one.code, one.name_en if in_english() else one.name_zh) for one in consumer_matters.fields()
        ],
        "places": _places(officer),
        "topic_code": request.POST.get("topic_code", topic),
        "division_code": request.POST.get("division_code", place),
    }


@never_cache
@login_required
def warning_at_work(request: HttpRequest, number: str) -> HttpResponse:
    """One warning with its way, its words and the steps that this officer may take."""
    officer = analyst(request)
    warning = get_object_or_404(ConsumerWarning.objects.prefetch_related("steps__officer"), number=number)
    require(officer, Permission.VIEW_SIGNALS, division=warning.organisation.division_code)
    problem = ""
    if request.method == "POST":
        try:
            _act(request, warning, officer)
        except NotNow as refused:
            problem = words_of(refused)
        else:
            return redirect("work_warning", number=number)
    else:
        record_look(officer, f"warning/{number}", "warning", at=now())
    warning = ConsumerWarning.objects.prefetch_related("steps__officer").get(number=number)
    return render(
        request, "portal/analysis/warning_work.html", _work_context(warning, officer, problem), status=422 if problem else 200
    )  # fmt: skip


def _act(request: HttpRequest, warning: ConsumerWarning, officer: Officer) -> None:
    verb, note = request.POST.get("verb", ""), request.POST.get("note", "")
    if verb == "rewrite":
        services.rewrite(warning, **_typed(request), by=officer, at=now())
    elif verb == "review":
        services.review(warning, note=note, by=officer, at=now())
    else:
        severity = request.POST.get("severity", "")
        services.take_step(warning, verb, note=note, severity=severity, by=officer, at=now())


def _work_context(warning: ConsumerWarning, officer: Officer, problem: str) -> dict[str, Any]:
    reached = [step.state for step in warning.history]
    return {
        "warning": warning,
        "problem": problem,
        "steps": [
            {"verb": verb, "step": step, "needs_note": verb not in ("publish", "grade")}
            for verb, step in possible_for(warning, officer)
        ],
        "may_rewrite": warning.state == State.DRAFTED and may(officer, Permission.WORK_WARNING),
        "way": [
            {"words": STATE_WORDS[state], "is_done": state in reached, "is_now": state == warning.state}
            for state in _PATH
        ],
        "severities": SEVERITY_WORDS.items(),
        "history": [{"step": step, "words": _verb_words(step.verb)} for step in warning.history],
        "review_on": services.review_due_on(warning),
        "topic": consumer_matters.full_name(warning.topic_code, english=in_english()),
        "place": divisions.full_name(warning.division_code) or "",
    }


def _verb_words(verb: str) -> str:
    own = {"draft": _("起草"), "rewrite": _("修改")}
    if verb in own:
        return own[verb]
    every = {**REVISION_STEPS, **STEPS}
    step = next((step for (_before, name), step in every.items() if name == verb), None)
    return (step.words_en if in_english() else step.words_zh) if step else verb


# ------------------------------------------------------------------------------------------------------ everybody's


def _public() -> list[ConsumerWarning]:
    rows = ConsumerWarning.objects.filter(published_at__isnull=False).prefetch_related("steps")
    return [row for row in rows.select_related("organisation")[:_SHOWN] if row.state in PUBLIC_STATES]


def warning_list(request: HttpRequest) -> HttpResponse:
    """What was published, the newest first; those taken back say so."""
    rows = _public()
    synthetic = "part" if any(row.is_synthetic for row in rows) else ""
    return render(request, "portal/warnings/list.html", {"rows": rows, "synthetic": synthetic})


def warning_page(request: HttpRequest, number: str) -> HttpResponse:
    """One published warning."""
    warning = next((row for row in _public() if row.number == number), None)
    if warning is None:
        found = ConsumerWarning.objects.filter(number=number, published_at__isnull=False)
        warning = found.prefetch_related("steps").select_related("organisation").first()
    if warning is None or warning.state not in PUBLIC_STATES:
        raise Http404
    taken_back = next((step for step in reversed(warning.history) if step.verb == "take_back"), None)
    reviewed = next((step for step in reversed(warning.history) if step.verb == "review"), None)
    context = {
        "warning": warning,
        "title": (in_english() and warning.title_en) or warning.title,
        "body": (in_english() and warning.body_en) or warning.body,
        "warning_text": f"{warning.title} {warning.body}",
        "taken_back": taken_back,
        "reviewed": reviewed,
        "synthetic": "all" if warning.is_synthetic else "",
    }
    return render(request, "portal/warnings/warning.html", context)


def feed(request: HttpRequest) -> HttpResponse:
    """The warnings as an Atom feed, which any reader can subscribe to."""
    site = request.build_absolute_uri("/").rstrip("/")
    rows = _public()[:_FEED]
    updated = max((row.history[-1].at for row in rows), default=None)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-Hans">',
        f"<title>{escape(_('消费提示与警示'))}</title><id>{escape(site)}/warnings/</id>",
        f'<link rel="self" href={quoteattr(f"{site}/warnings/feed.xml")}/>',
        f"<updated>{updated.isoformat() if updated else '1970-01-01T00:00:00+00:00'}</updated>",
        *(_entry(row, site) for row in rows),
        "</feed>",
    ]
    return HttpResponse("\n".join(parts), content_type="application/atom+xml; charset=utf-8")


def _entry(warning: ConsumerWarning, site: str) -> str:
    address = f"{site}/warnings/{warning.number}/"
    assert warning.published_at is not None
    state = f"【{STATE_WORDS[State.TAKEN_BACK][0]}】" if warning.state == State.TAKEN_BACK else ""
    title = f"{state}【{warning.severity_words[0]}】{warning.title}"
    return (
        f"<entry><title>{escape(title)}</title><id>{escape(address)}</id><link href={quoteattr(address)}/>"
        f"<published>{warning.published_at.isoformat()}</published>"
        f"<updated>{warning.history[-1].at.isoformat()}</updated>"
        f"<author><name>{escape(warning.organisation.name)}</name></author>"
        f"<content>{escape(warning.body)}</content></entry>"
    )
