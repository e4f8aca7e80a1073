"""The public's pages: guided intake of complaints and reports, their status without an account, ratings.

Every page works by plain form posts and keeps what was typed. Nothing that names a person stands in an address or in
a log: the code that opens a draft or a status lies in a signed cookie.
"""

import functools
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhijian.apps.consumer.complaints import rules
from zhijian.apps.consumer.complaints.codes import PAPER_WORDS, Paper
from zhijian.apps.consumer.complaints.intake import (
    drafts,
    files,
    finding,
    forms,
    handing_in,
    handling,
    questions,
    rating,
    receipts,
    rows,
    standing,
    summary,
    throttle,
    traditional,
)
from zhijian.apps.consumer.complaints.intake.models import Draft
from zhijian.apps.consumer.complaints.intake.receipt_door import open_receipt
from zhijian.apps.consumer.complaints.models import Submission
from zhijian.engines.documents import taking
from zhijian.infrastructure.language import in_english
from zhijian.standards import divisions
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number

View = Callable[..., HttpResponse]
MOST_OTHERS = 19  # of a joint complaint, besides who fills in
DRAFT_COOKIE, RECEIPT_COOKIE, STATUS_COOKIE = "zhijian_draft", "zhijian_receipt", "zhijian_status"
_REDIRECT = 302
_DAY_SECONDS = 24 * 3600
_ROOT = "/complain/"
_HEADINGS = {
    "want": _("您想要什么？"),
    "how": _("这件事发生在哪里？"),
    "shop": _("是哪家店？"),
    "what": _("发生了什么？"),
    "claim": _("您要店家做什么？"),
    "clue": _("哪里违法，您怎么知道的？"),
    "photos": _("有照片或凭证吗？"),
    "contact": _("怎么联系您？"),
    "principal": _("您替谁投诉？"),
    "others": _("还有谁一起投诉？"),
    "consent": _("还有几句要您确认"),
}


def script_of(request: HttpRequest) -> str:
    """Return how the page is written: en, zh-hant or zh-hans."""
    if in_english():
        return "en"
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "").lower()
    return "zh-hant" if chosen.startswith(("zh-hant", "zh-hk", "zh-tw", "zh-mo")) else "zh-hans"


def public_page(view: View) -> View:
    """Let nobody keep the page, write it in the script that was chosen, and explain what is refused."""

    @functools.wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except throttle.TooOften as problem:
            response = _show(request, "too_often.html", {"problem": problem}, status=problem.status)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not response.streaming and script_of(request) == "zh-hant":
            response.content = traditional.page(response.content.decode("utf-8")).encode("utf-8")
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return never_cache(shown)


def in_words(pair: tuple[str, str]) -> str:
    """Return the words of a pair in the language of the page."""
    return pair[1] if in_english() else pair[0]


def _show(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return show(request, f"complaints/public/{template}", context, status)


def show(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Render a page of the public's frame, in the script that was chosen."""
    shared = {"script": script_of(request), "kept_days": drafts.kept_days(_today())}
    return render(request, template, {**shared, **context}, status=status)


def _now() -> datetime:
    return timezone.now()


def _today() -> date:
    return statutory_day(_now())


# ------------------------------------------------------------------------------------------------ cookies and limits


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=name,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=_ROOT,
    )


def _get(request: HttpRequest, name: str, seconds: int) -> str:
    return str(request.get_signed_cookie(name, default="", salt=name, max_age=seconds) or "")


def _admit(request: HttpRequest, limit: throttle.Limit) -> None:
    throttle.admit(limit, address=throttle.address_of(request), device=throttle.device_of(request), at=_now())


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"address": throttle.address_of(request), "device": throttle.device_of(request), "at": _now()}


def _mark_device(request: HttpRequest, response: HttpResponse) -> None:
    if not throttle.device_of(request):
        response.set_cookie(
            throttle.DEVICE_COOKIE,
            secrets.token_urlsafe(16),
            max_age=_DAY_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            path=_ROOT,
        )


@dataclass(frozen=True)
class _Opened:
    """The draft of this visitor, the code that opens it, and its answers."""

    draft: Draft
    code: str
    answers: dict[str, Any]


def _opened(request: HttpRequest) -> _Opened | None:
    code = _get(request, DRAFT_COOKIE, drafts.kept_days(_today()) * _DAY_SECONDS)
    draft = drafts.find(code, at=_now()) if code else None
    return None if draft is None else _Opened(draft, code, drafts.answers(draft))


def with_draft(view: Callable[..., HttpResponse]) -> View:
    """Give a page the visitor's draft, or say that there is none and how to get it back."""

    @functools.wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        opened = _opened(request)
        if opened is None:
            return _show(request, "no_draft.html", {}, status=404)
        return view(request, opened, *args, **kwargs)

    return shown


# ------------------------------------------------------------------------------------------------ begin, resume, leave


@require_safe
@public_page
def start(request: HttpRequest) -> HttpResponse:
    """Say what a complaint and a report are, what is not handled here, and begin."""
    if handling.first_receiver() is None:
        return _show(request, "closed.html", {}, status=503)
    record = finding.by_code(request.GET.get("shop", ""))
    context = {
        "record": record,
        "has_draft": _opened(request) is not None,
        "synthetic": "part" if record is not None and record.is_synthetic else "",
    }
    return _show(request, "start.html", context)


@require_POST
@public_page
def begin(request: HttpRequest) -> HttpResponse:
    """Open a draft; a shop that was chosen on its own page is taken along."""
    _admit(request, throttle.START)
    draft, code = drafts.start(at=_now(), randomness=secrets.token_bytes)
    record = finding.by_code(request.POST.get("uscc", ""))
    if record is not None:
        drafts.save(draft, finding.answers_of(record), at=_now())
    response = redirect("complain_step", name="want")
    _set(response, DRAFT_COOKIE, code, drafts.kept_days(_today()) * _DAY_SECONDS)
    _mark_device(request, response)
    return response


@require_safe
@public_page
@with_draft
def go_on(request: HttpRequest, opened: _Opened) -> HttpResponse:
    """Go to the first page that lacks an answer."""
    return _onward(opened.answers)


def _onward(answers: Mapping[str, Any]) -> HttpResponse:
    step = questions.first_open(answers)
    return redirect("complain_check") if step is None else redirect("complain_step", name=step.name)


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def resume(request: HttpRequest) -> HttpResponse:
    """Open a draft again by its code."""
    if request.method != "POST":
        return _show(request, "resume.html", {})
    who = _who(request)
    throttle.refuse_exhausted(throttle.WRONG_CODE, **who)
    typed = request.POST.get("code", "")[:60]
    draft = drafts.find(typed, at=_now())
    if draft is None:
        throttle.admit(throttle.WRONG_CODE, **who)
        problems = [_problem("#id_code", _code_unknown())]
        return _show(request, "resume.html", {"problems": problems, "typed": typed}, status=422)
    response = redirect("complain_continue")
    _set(response, DRAFT_COOKIE, typed, drafts.kept_days(_today()) * _DAY_SECONDS)
    _mark_device(request, response)
    return response


def _code_unknown() -> str:
    days = drafts.kept_days(_today())
    return gettext("没有找到这个续填码。请核对；填了一半的内容保留%(days)s天。") % {"days": days}


@require_POST
@public_page
def leave(request: HttpRequest) -> HttpResponse:
    """Take away from this device what would open a draft or a status."""
    response = _show(request, "left.html", {})
    for name in (DRAFT_COOKIE, RECEIPT_COOKIE, STATUS_COOKIE):
        response.delete_cookie(name, path=_ROOT, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _problem(href: str, text: str) -> dict[str, str]:
    return {"href": href, "text": text}


# ------------------------------------------------------------------------------------------------ one question a page


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def step(request: HttpRequest, name: str) -> HttpResponse:
    """One page of the guide."""
    if questions.step_named(name) is None:
        raise Http404
    return _step(request, name)


@with_draft
def _step(request: HttpRequest, opened: _Opened, name: str) -> HttpResponse:
    if name not in [one.name for one in questions.steps_for(opened.answers)]:
        return _onward(opened.answers)
    if name == "shop":
        return _shop(request, opened)
    if name == "photos":
        return _photos(request, opened)
    if name == "others":
        return _others(request, opened)
    form_type = forms.FORMS[name]
    if request.method != "POST":
        form = form_type(initial=_initial(opened.answers, name), answers=opened.answers, today=_today())
        return _page(request, opened, name, form)
    form = form_type(request.POST, answers=opened.answers, today=_today())
    return _taken(request, opened, name, form)


def _initial(answers: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what a page shows: the answers, and over them what was typed there and did not pass."""
    unfinished = answers.get("unfinished", {}).get(name, {})
    return {**answers, **unfinished}


def _taken(request: HttpRequest, opened: _Opened, name: str, form: forms.StepForm) -> HttpResponse:
    """Keep what was typed, right or wrong; go on where it is right."""
    unfinished = {key: value for key, value in opened.answers.get("unfinished", {}).items() if key != name}
    if not form.is_valid():
        drafts.save(opened.draft, {"unfinished": {**unfinished, name: form.typed}}, at=_now())
        return _page(request, opened, name, form, status=422)
    answers = drafts.save(opened.draft, {**form.kept(), "unfinished": unfinished}, at=_now())
    return _next(request, name, answers)


def _next(request: HttpRequest, name: str, answers: Mapping[str, Any]) -> HttpResponse:
    if request.POST.get("to_check") == "1":
        return _onward(answers)
    following = questions.after(name, answers)
    return _onward(answers) if following is None else redirect("complain_step", name=following.name)


def _page(
    request: HttpRequest,
    opened: _Opened,
    name: str,
    form: forms.StepForm | None,
    *,
    template: str = "step.html",
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    listed = rows.rows_of(form) if form is not None else []
    problems = [_problem(f"#{row.first_id}", error) for row in listed for error in row.errors]
    context = _frame(opened, name) | {
        "rows": listed,
        "problems": problems,
        "is_change": request.GET.get("change") == "1" or request.POST.get("to_check") == "1",
        **(more or {}),
    }
    return _show(request, template, context, status=status)


def _frame(opened: _Opened, name: str) -> dict[str, Any]:
    """What every page of the guide shows around its question."""
    names = [one.name for one in questions.steps_for(opened.answers)]
    number, earlier = names.index(name) + 1, questions.before(name, opened.answers)
    foreseen = handling.foreseen(opened.answers, _today())
    return {
        "heading": _HEADINGS[name],
        "place": {"number": number, "count": len(names), "percent": round(100 * (number - 1) / len(names))},
        "previous": f"/complain/step/{earlier.name}/" if earlier else "",
        "code": opened.code.upper(),
        "is_saved": bool(opened.answers),
        "handling": foreseen,
        "synthetic": "part" if opened.answers.get("is_synthetic") else "",
    }


# ------------------------------------------------------------------------------------------------ the shop


def _shop(request: HttpRequest, opened: _Opened) -> HttpResponse:
    """Find the shop on the register, or write it down by hand."""
    action = request.POST.get("action", "") if request.method == "POST" else ""
    if action == "by_hand":
        return _shop_by_hand(request, opened)
    if action == "keep" and questions.is_answered(questions.STEPS[2], opened.answers):
        return _next(request, "shop", opened.answers)
    if action == "search":
        typed = forms.Search(request.POST)
        given = typed.cleaned_data if typed.is_valid() else {}
        kept = {"shop_q": given.get("q", "").replace("\x00", ""), "shop_city": given.get("city", "")}
        drafts.save(opened.draft, kept, at=_now())
        suffix = "?change=1" if request.POST.get("to_check") == "1" else ""
        return redirect(f"/complain/step/shop/{suffix}#found")
    if request.method == "POST":
        record = finding.by_code(request.POST.get("uscc", ""))
        if record is not None:
            answers = drafts.save(opened.draft, finding.answers_of(record), at=_now())
            return _next(request, "shop", answers)
    form = forms.ShopByHand(initial=_initial(opened.answers, "shop"), answers=opened.answers, today=_today())
    return _shop_page(request, opened, form)


def _shop_by_hand(request: HttpRequest, opened: _Opened) -> HttpResponse:
    form = forms.ShopByHand(request.POST, answers=opened.answers, today=_today())
    if form.is_valid():
        kept = {**form.kept(), "shop_uscc": "", "is_synthetic": False}
        return _next(request, "shop", drafts.save(opened.draft, kept, at=_now()))
    unfinished = {**opened.answers.get("unfinished", {}), "shop": form.typed}
    drafts.save(opened.draft, {"unfinished": unfinished}, at=_now())
    return _shop_page(request, opened, form, status=422)


def _shop_page(
    request: HttpRequest, opened: _Opened, form: forms.ShopByHand, status: int = 200
) -> HttpResponse:
    answers = opened.answers
    q, city = str(answers.get("shop_q", "")), str(answers.get("shop_city", ""))
    found = finding.search(q, city)
    chosen = None
    if answers.get("shop_name"):
        chosen = {
            "name": answers["shop_name"],
            "address": answers.get("shop_address", ""),
            "is_synthetic": bool(answers.get("is_synthetic")),
        }
    more = {
        "q": q,
        "city": city,
        "cities": [(one.code6, one.name) for one in divisions.PREFECTURES],
        "searched": bool(q.strip() or city),
        "results": found.records,
        "has_more": found.has_more,
        "code_words": found.words,
        "chosen": chosen,
        "is_by_hand": bool(form.errors)
        or bool("shop" in answers.get("unfinished", {}))
        or not found.is_ready,
        "synthetic": "part" if any(one.is_synthetic for one in found.records) else "",
    }
    return _page(request, opened, "shop", form, template="shop.html", status=status, more=more)


# ------------------------------------------------------------------------------------------------ photos


def _photos(request: HttpRequest, opened: _Opened) -> HttpResponse:
    """Take photos and papers one by one; what is refused says why, the others stay."""
    if request.method != "POST":
        return _photos_page(request, opened, [])
    if removed := request.POST.get("remove", ""):
        files.remove(opened.draft, removed)
        return redirect("complain_step", name="photos")
    problems: list[dict[str, str]] = []
    for upload in request.FILES.getlist("files"):
        problems += _keep(request, opened, upload)
    if problems:
        return _photos_page(request, opened, problems, status=422)
    if request.POST.get("action") == "add":
        return redirect("complain_step", name="photos")
    answers = drafts.save(opened.draft, {"photos_seen": "yes"}, at=_now())
    return _next(request, "photos", answers)


def _keep(request: HttpRequest, opened: _Opened, upload: "UploadedFile[bytes]") -> list[dict[str, str]]:
    _admit(request, throttle.UPLOAD)
    try:
        kept = {name: request.POST.get(name, "") for name in ("matter", "paper")}
        files.keep(opened.draft, upload, **kept, at=_now())
    except files.Refused as problem:
        said = problem.message_en if script_of(request) == "en" else problem.message_zh
        return [_problem("#id_files", f"{(upload.name or '')[:80]}：{said}")]
    return []


def _photos_page(
    request: HttpRequest, opened: _Opened, problems: list[dict[str, str]], status: int = 200
) -> HttpResponse:
    more = {
        "files": files.listed(opened.draft),
        "limit_bytes": files.LIMIT_BYTES,
        "problems": problems,
        "is_mixed": questions.is_complaint(opened.answers) and questions.is_report(opened.answers),
        "papers": _paper_choices(questions.papers_for(opened.answers)),
    }
    return _page(request, opened, "photos", None, template="photos.html", status=status, more=more)


def _paper_choices(papers: Iterable[Paper]) -> list[tuple[str, str]]:
    """Return what a file may show of who stands for whom, in the words of the page."""
    return [(str(one), in_words(PAPER_WORDS[one])) for one in papers]


# ------------------------------------------------------------------------------------------------ who else complains


def _others(request: HttpRequest, opened: _Opened) -> HttpResponse:
    """Take those who complain together one by one; on with them once both representatives are named."""
    listed: list[dict[str, Any]] = list(opened.answers.get("others") or ())
    if request.method != "POST":
        return _others_page(request, opened, listed)
    removed = whole_number(request.POST.get("remove", ""))
    if removed is not None and removed < len(listed):
        listed.pop(removed)
        drafts.save(opened.draft, {"others": listed, "others_seen": ""}, at=_now())
        return redirect("complain_step", name="others")
    if request.POST.get("action") == "add":
        return _add_other(request, opened, listed)
    if any(request.POST.get(key, "").strip() for key in forms.OneMore.base_fields):
        refused = _add_other(request, opened, listed)  # typed, and "go on" pressed instead of "add"
        if refused.status_code != _REDIRECT:
            return refused
        listed = list(drafts.answers(opened.draft)["others"])
    problems = _others_problems(listed, request.POST.get("all_agree") == "yes")
    if problems:
        return _others_page(request, opened, listed, problems=problems, status=422)
    return _next(request, "others", drafts.save(opened.draft, {"others_seen": "yes"}, at=_now()))


def _add_other(request: HttpRequest, opened: _Opened, listed: list[dict[str, Any]]) -> HttpResponse:
    """Take one more; where what was typed does not pass, stay with it."""
    form = forms.OneMore(request.POST, answers=opened.answers, today=_today())
    if len(listed) >= MOST_OTHERS:
        text = gettext("网上最多登记%(n)s人。人更多的，请带名单到市场监管所窗口。") % {"n": MOST_OTHERS + 1}
        return _others_page(request, opened, listed, form, [_problem("#id_name", text)], 422)
    if not form.is_valid():
        return _others_page(request, opened, listed, form, status=422)
    drafts.save(opened.draft, {"others": [*listed, form.kept()], "others_seen": ""}, at=_now())
    return redirect("complain_step", name="others")


def _others_problems(listed: list[dict[str, Any]], all_agree: bool) -> list[dict[str, str]]:
    elected = 1 + sum(bool(one.get("represents")) for one in listed)
    side = rules.Side(complainants=1 + len(listed), representatives=elected)
    problems = []
    if not listed:
        problems.append(
            _problem("#id_name", gettext("请至少加上一个人；只有您一个人的，请回到前面选“自己”。"))
        )
    else:
        found = rules.side_problems(side, on=_today(), originals_seen=True)
        hint = gettext("您是一名，请在另一个人那里勾选。")
        problems += [
            _problem("#people", f"{in_words((one.message_zh, one.message_en))} {hint}") for one in found
        ]
    if not all_agree:
        problems.append(_problem("#id_all_agree", gettext("请确认每个人都同意一起投诉。")))
    return problems


def _others_page(
    request: HttpRequest,
    opened: _Opened,
    listed: list[dict[str, Any]],
    form: forms.OneMore | None = None,
    problems: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or forms.OneMore(answers=opened.answers, today=_today())
    own = [_problem(f"#{row.first_id}", error) for row in rows.rows_of(form) for error in row.errors]
    more = {
        "people": listed,
        "problems": own + (problems or []),
        "all_agree": opened.answers.get("others_seen") == "yes" or request.POST.get("all_agree") == "yes",
    }
    return _page(request, opened, "others", form, template="others.html", status=status, more=more)


# ------------------------------------------------------------------------------------------------ check and send


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def check(request: HttpRequest) -> HttpResponse:
    """Show every answer once more, then send."""
    if request.method == "POST":
        again = handing_in.sent_before(request.POST.get("send_key", ""))
        if again is not None:
            return _sent_to(again)
    return _check(request)


@with_draft
def _check(request: HttpRequest, opened: _Opened) -> HttpResponse:
    open_step = questions.first_open(opened.answers)
    if open_step is not None:
        return redirect("complain_step", name=open_step.name)
    wrong = _first_wrong(opened.answers)
    if wrong:
        return redirect("complain_step", name=wrong)
    if request.method != "POST":
        return _check_page(request, opened)
    _admit(request, throttle.SEND)
    receipt = handing_in.hand_in(
        opened.draft, opened.answers, language=script_of(request), at=_now(), randomness=secrets.token_bytes
    )
    response = _sent_to(receipt)
    response.delete_cookie(DRAFT_COOKIE, path=_ROOT, samesite="Lax")
    return response


def _first_wrong(answers: Mapping[str, Any]) -> str:
    """Return the first page whose answers do not pass any more (they are judged again before they are sent)."""
    for one in questions.steps_for(answers):
        form_type = forms.FORMS.get(one.name)
        if form_type is None or (one.name == "shop" and answers.get("shop_uscc")):
            continue
        if not form_type(dict(answers), answers=answers, today=_today()).is_valid():
            return one.name
    return ""


def _check_page(request: HttpRequest, opened: _Opened) -> HttpResponse:
    listed = files.listed(opened.draft)
    handed_in = {one.paper for one in listed}
    lacking = [one for one in questions.papers_for(opened.answers) if one not in handed_in]
    words = {
        "complaint": gettext("送出投诉"),
        "report": gettext("送出举报"),
        "both": gettext("送出投诉和举报"),
    }
    context = {
        "lines": summary.lines_of(opened.answers, len(listed)),
        "lacking": [in_words(PAPER_WORDS[one]) for one in lacking],
        "send_words": words[str(opened.answers["want"])],
        "send_key": str(opened.draft.send_key),
        "previous": "/complain/step/consent/",
        "handling": handling.foreseen(opened.answers, _today()),
        "synthetic": "part" if opened.answers.get("is_synthetic") else "",
    }
    return _show(request, "check.html", context)


def _sent_to(receipt: handing_in.Receipt) -> HttpResponse:
    response = redirect("complain_sent")
    _set(response, RECEIPT_COOKIE, f"{receipt.number}|{receipt.code}", 3600)
    return response


@require_safe
@public_page
def sent(request: HttpRequest) -> HttpResponse:
    """The receipt: number and code, who handles it, by when, what comes next."""
    number, _bar, code = _get(request, RECEIPT_COOKIE, 3600).partition("|")
    submission = standing.find(number) if number else None
    if submission is None:
        return redirect("complain_status")
    context = {"submission": submission, "code": code, **standing.receipt_of(submission)}
    response = _show(request, "sent.html", context)
    _set(response, STATUS_COOKIE, number, 1800)
    return response


# ------------------------------------------------------------------------------------------------ status


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def status(request: HttpRequest) -> HttpResponse:
    """How a matter stands: by receipt number and code, without an account."""
    if request.method == "POST":
        return _ask_status(request)
    submission = _mine(request)
    if submission is None:
        return _show(request, "status_ask.html", {})
    return _status_page(request, submission)


def _mine(request: HttpRequest) -> Submission | None:
    number = _get(request, STATUS_COOKIE, 1800)
    return standing.find(number) if number else None


def _ask_status(request: HttpRequest) -> HttpResponse:
    typed, code = request.POST.get("number", "")[:40], request.POST.get("code", "")[:40]
    number = receipts.read_number(typed)
    if number is None:
        text = gettext("回执号有笔误：应为15位数字，最后一位是校验码。请对照回执核对。")
        return _status_refused(request, typed, _problem("#id_number", text))
    if open_receipt(number, code, **_who(request)) is None:
        text = gettext("回执号和查询码对不上。请对照回执核对；忘了查询码，可以打12315凭身份查询。")
        return _status_refused(request, typed, _problem("#id_code", text))
    response = redirect("complain_status")
    _set(response, STATUS_COOKIE, number, 1800)
    _mark_device(request, response)
    return response


def _status_refused(request: HttpRequest, typed: str, problem: dict[str, str]) -> HttpResponse:
    return _show(request, "status_ask.html", {"problems": [problem], "typed": typed}, status=422)


def _status_page(
    request: HttpRequest,
    submission: Submission,
    problems: list[dict[str, str]] | None = None,
    code: int = 200,
) -> HttpResponse:
    context = standing.status_of(submission, today=_today()) | {
        "submission": submission,
        "papers": _paper_choices(standing.papers_open(submission)),
        "problems": problems or [],
        "synthetic": "part" if submission.is_synthetic else "",
        "limit_bytes": files.LIMIT_BYTES,
    }
    return _show(request, "status.html", context, status=code)


def with_status(view: Callable[..., HttpResponse]) -> View:
    """Give a page the submission that the visitor has opened by its code."""

    @functools.wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        submission = _mine(request)
        if submission is None:
            return redirect("complain_status")
        return view(request, submission, *args, **kwargs)

    return shown


@require_safe
@public_page
@with_status
def paper(request: HttpRequest, submission: Submission, token: str) -> HttpResponse:
    """A paper of one's own matter as it was issued; of another matter there is none."""
    document = standing.paper_of(submission, token)
    return taking.pdf(document)


@require_POST
@public_page
@with_status
def add(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Add material in words or photos to a matter."""
    _admit(request, throttle.UPLOAD)
    text = request.POST.get("text", "").replace("\x00", "").strip()[: forms.LONGEST_TEXT]
    problems: list[dict[str, str]] = []
    kept = 0
    for upload in request.FILES.getlist("files"):
        try:
            marks = {name: request.POST.get(name, "") for name in ("matter", "paper")}
            files.attach(submission, upload, **marks, at=_now())
            kept += 1
        except files.Refused as problem:
            said = problem.message_en if script_of(request) == "en" else problem.message_zh
            problems.append(_problem("#id_files", f"{(upload.name or '')[:80]}：{said}"))
    if text:
        standing.add_words(submission, text, by=None, at=_now())
    if text or kept:
        standing.tell_identity(submission, by=None, at=_now())
    if not text and not kept and not problems:
        problems = [_problem("#id_text", gettext("请写几句话，或者选一个文件。"))]
    if problems:
        return _status_page(request, submission, problems, 422)
    return redirect("/complain/status/#messages")


@require_POST
@public_page
@with_status
def withdraw(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Withdraw a complaint: a page of its own says what follows, the second button does it."""
    if request.POST.get("sure") != "yes":
        barred = [
            in_words((one.message_zh, one.message_en)) for one in standing.barred(submission, on=_today())
        ]
        return _show(request, "withdraw.html", {"submission": submission, "barred": barred})
    try:
        standing.withdraw(submission, reason=request.POST.get("reason", "")[:500], by=None, at=_now())
    except standing.Refused as problem:
        said = problem.message_en if script_of(request) == "en" else problem.message_zh
        return _status_page(request, submission, [_problem("", said)], 409)
    return redirect("complain_status")


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
@with_status
def rate(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Judge how a finished matter was handled, once."""
    matter = rating.open_for(submission)
    if matter is None:
        return redirect("complain_status")
    form = rating.RatingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        rating.rate(matter, form.cleaned_data, by=None, at=_now())
        return redirect("complain_status")
    listed = rows.rows_of(form)
    problems = [_problem(f"#{row.first_id}", error) for row in listed for error in row.errors]
    context = {
        "rows": listed,
        "problems": problems,
        "matter": matter,
        "for_others": standing.acts_for_others(submission),
    }
    return _show(request, "rate.html", context, status=422 if problems else 200)


@require_safe
@public_page
def feedback(request: HttpRequest) -> HttpResponse:
    """How people judged the handling, by unit; small numbers are not shown."""
    context = rating.statistics(_today())
    return _show(request, "feedback.html", context)


@require_safe
def feedback_csv(request: HttpRequest) -> HttpResponse:
    return rating.as_csv(_today())


urlpatterns = [
    path("", start, name="complain"),
    path("begin/", begin, name="complain_begin"),
    path("continue/", go_on, name="complain_continue"),
    path("resume/", resume, name="complain_resume"),
    path("leave/", leave, name="complain_leave"),
    path("step/<slug:name>/", step, name="complain_step"),
    path("check/", check, name="complain_check"),
    path("sent/", sent, name="complain_sent"),
    path("status/", status, name="complain_status"),
    path("status/papers/<str:token>/", paper, name="complain_paper"),
    path("status/add/", add, name="complain_add"),
    path("status/withdraw/", withdraw, name="complain_withdraw"),
    path("status/rate/", rate, name="complain_rate"),
    path("feedback/", feedback, name="complain_feedback"),
    path("feedback.csv", feedback_csv, name="complain_feedback_csv"),
]
