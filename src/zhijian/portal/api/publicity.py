"""Proof that nothing is missing: what is public about a code, that nothing is, the chain of roots, and a mirror's files."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import P, PathEx, QueryEx, Router, Schema

from zhijian.apps.consumer.complaints.intake import throttle
from zhijian.engines.publicity import answers, mirror, roots
from zhijian.engines.publicity.building import is_code, map_file, open_map
from zhijian.engines.publicity.statements import ROOTS_FORM
from zhijian.engines.publicity.store import Day, PublicityMap
from zhijian.infrastructure.home import current_home
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import WITHOUT_NUL
from zhijian.standards import uscc as credit_codes

router = Router(tags=["publicity"])
_ERRORS: dict[int, Any] = {404: ErrorOut, 422: ErrorOut, 429: ErrorOut, 409: ErrorOut, 500: ErrorOut}
Code = PathEx[str, P(max_length=40, pattern=WITHOUT_NUL, description="unified social credit code")]
MaybeDay = QueryEx[str, P(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="YYYY-MM-DD or empty")]
ASK = throttle.Limit("publicity", per_address=3600, per_device=0)
COPY = throttle.Limit("publicity-copy", per_address=24, per_device=0)
MOST_ROOTS = 400
"""Roots in one answer: more than a year of days."""
_LINES = "application/jsonl; charset=utf-8"


class AnswerOut(Schema):
    """Everything that a stranger needs to check the list of a code; see docs/explanation/nothing-is-missing.md."""

    form: str
    uscc: str
    day: date
    signed: dict[str, Any]
    proof: dict[str, Any]
    leaf: dict[str, Any] | None
    is_withheld: bool


class RootsOut(Schema):
    """Signed roots, oldest first."""

    form: str
    roots: list[dict[str, Any]]


class LoggedOut(Schema):
    """The fact that holds a root, and its place in the sealed log; null until the next seal."""

    fact: dict[str, Any]
    inclusion: dict[str, Any] | None


@router.get("/roots", response={200: RootsOut, **_ERRORS})
def root_list(request: HttpRequest, since: MaybeDay = "") -> dict[str, Any]:
    """Return the signed roots from a day on, oldest first, at most 400."""
    _admit(request, ASK)
    return {"form": ROOTS_FORM, "roots": roots.all_roots(since, most=MOST_ROOTS)}


@router.get("/roots/{day}", response={200: LoggedOut, **_ERRORS})
def root_in_log(request: HttpRequest, day: date) -> dict[str, Any]:
    """Return the fact of one day's root with the proof that the sealed log has it."""
    _admit(request, ASK)
    found = answers.logged(day.isoformat())
    if found is None:
        raise _no_root()
    return found


def _stream(description: str) -> dict[str, Any]:
    content = {"application/jsonl": {"schema": {"type": "string"}}}
    return {"responses": {200: {"description": description, "content": content}}}


@router.get("/snapshot.jsonl", response=_ERRORS, openapi_extra=_stream("a copy of everything public today"))
def snapshot(request: HttpRequest) -> StreamingHttpResponse:
    """Give everything that is public today, a line for each code, under the signed root: the base of a mirror."""
    _admit(request, COPY)
    store, day = _fresh()
    return StreamingHttpResponse(
        _closing(store, mirror.snapshot_lines(day.signed_root(), store.texts())), content_type=_LINES
    )


@router.get("/changes.jsonl", response=_ERRORS, openapi_extra=_stream("changes since a day"))
def changes(
    request: HttpRequest, since: QueryEx[date, P(description="day of the copy")]
) -> StreamingHttpResponse:
    """Give each code that changed after a day, as it stands today: what brings a mirror of that day up to date."""
    _admit(request, COPY)
    store, day = _fresh()
    if store.day(since) is None:
        store.close()
        raise _no_root()
    lines = mirror.change_lines(since.isoformat(), day.signed_root(), store.changed_since(since))
    return StreamingHttpResponse(_closing(store, lines), content_type=_LINES)


@router.get("/{uscc}", response={200: AnswerOut, **_ERRORS})
def about(request: HttpRequest, uscc: Code, day: MaybeDay = "") -> dict[str, Any]:
    """Prove what was public about a code on a day that has a root, or that nothing was; by default on the newest."""
    _admit(request, ASK)
    code = credit_codes.normalise(uscc)
    if not is_code(code):
        raise ApiError(
            404, "wrong_code", "这不是统一社会信用代码。", "This is no unified social credit code."
        )
    with open_map(current_home()) as store:
        chosen = None if store is None else store.day(_read(day)) if day else store.newest()
        if store is None or chosen is None:
            raise _no_root()
        day_now = timezone.localdate()
        shown = answers.shown_now(code, home=current_home(), on=day_now)
        return answers.answer(store, code, chosen, today=day_now, shown=shown)


def _read(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise _no_root() from None


def _fresh() -> tuple[PublicityMap, Day]:
    """Return the map as it stands, read as of one moment, if its newest day is today.

    What left the publicity since an older root must not be handed out in bulk.
    """
    path = map_file(current_home())
    store = PublicityMap(path) if path.exists() else None
    day = store.hold() if store else None
    if store is None or day is None or day.day != timezone.localdate():
        if store:
            store.close()
        raise ApiError(
            409,
            "no_root_today",
            "今天的公示日根还没有生成，请过一会儿再取。",
            "The root of today is not made yet. Try again in a while.",
        )
    return store, day


def _closing(store: PublicityMap, lines: Iterator[str]) -> Iterator[str]:
    try:
        yield from lines
    finally:
        store.close()


def _admit(request: HttpRequest, limit: throttle.Limit) -> None:
    at: datetime = timezone.now()
    try:
        throttle.admit(limit, address=throttle.address_of(request), device="", at=at)
    except throttle.TooOften as problem:
        zh = f"这个地址这一小时里已取{limit.per_address}次，请过一会儿再取；要全部数据请取快照和变更流。"
        en = f"This address asked {limit.per_address} times within the hour. Wait, or take the snapshot and the changes."
        raise ApiError(429, "too_often", zh, en) from problem


def _no_root() -> ApiError:
    return ApiError(404, "no_day_root", "这一天没有公示日根。", "There is no root of that day.")
