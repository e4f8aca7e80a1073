"""Where phones send what they kept: keyed sends of one officer, by session and CSRF token.

Every answer that is no success carries ``{"error": {"code", "message_zh", "message_en", "problems"}}``.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import ValidationError
from ninja.security import django_auth

from zhijian.apps.supervision.inspection import entries, policies, services
from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.evidence import examining as evidence
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden
from zhijian.standards.whole_number import whole_number

field_api = NinjaAPI(
    title="智监：现场检查",
    version="1",
    urls_namespace="field-1",
    docs_url=None,
    openapi_url=None,
    auth=django_auth,
)
OFFICER_HEADER = "X-Zhijian-Officer"


class Send(Schema):
    """A send from the outbox: its key, when it happened on the phone, and what it says."""

    key: str
    happened_at: str = ""
    base_version: int = 0
    content: dict[str, Any] = {}
    latitude: str = ""
    longitude: str = ""
    accuracy_m: str = ""


class EvidenceQuery(Schema):
    key: str
    name: str = "photo"
    item: str = ""
    taken_at: str = ""
    latitude: str = ""
    longitude: str = ""
    accuracy_m: str = ""


class OtherOfficer(policies.Refused):
    """The session belongs to somebody else than the phone's outbox."""

    status = 401


def refusal(code: str, problem: Any, status: int, **more: object) -> JsonResponse:
    body = {"code": code, "message_zh": problem.message_zh, "message_en": problem.message_en, **more}
    return JsonResponse({"error": body}, status=status)


@field_api.exception_handler(policies.Refused)
def _refused(request: HttpRequest, problem: policies.Refused) -> HttpResponse:
    more: dict[str, object] = {}
    if isinstance(problem, policies.Incomplete):
        more["problems"] = [vars(one) for one in problem.problems]
    if isinstance(problem, policies.ChangedUnderYou):
        more |= {"version": problem.version, "content": problem.content}
    return refusal(type(problem).__name__, problem, problem.status, **more)


@field_api.exception_handler(Forbidden)
def _forbidden(request: HttpRequest, problem: Forbidden) -> HttpResponse:
    return refusal("Forbidden", problem, 403)


@field_api.exception_handler(evidence.RefusedFile)
def _refused_file(request: HttpRequest, problem: evidence.RefusedFile) -> HttpResponse:
    return refusal("RefusedFile", problem, problem.status)


@field_api.exception_handler(Check.DoesNotExist)
def _unknown(request: HttpRequest, problem: Check.DoesNotExist) -> HttpResponse:
    words = policies.Refused("没有这次检查。请回工作台核对。", "There is no such check. See the workbench.")
    return refusal("NotFound", words, 404)


@field_api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    words = policies.Refused(
        "提交的内容读不懂。请刷新页面后再试。", "The send cannot be read. Reload the page."
    )
    return refusal("Unreadable", words, 422)


def _officer(request: HttpRequest) -> Officer:
    """Return who is signed in, if it is the officer whose outbox this is."""
    officer = request.user
    assert isinstance(officer, Officer)
    claimed = request.headers.get(OFFICER_HEADER)
    if claimed is not None and claimed != str(officer.pk):
        raise OtherOfficer(
            "现在登录的是另一个账号。您填的内容仍在本机，用原账号登录后会继续上传。",
            "Another account is signed in. Your work stays on this phone until you sign in again.",
        )
    return officer


def _do(
    request: HttpRequest, check_id: int, act: Callable[[Check, dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    who = {"by": _officer(request), "at": timezone.now()}
    return act(Check.objects.select_related("task").get(pk=check_id), who)


@field_api.get("/session")
def session(request: HttpRequest) -> dict[str, Any]:
    """Say who is signed in, so that a phone knows whether its outbox may be sent."""
    return {"officer": _officer(request).pk}


@field_api.post("/checks/{check_id}/begin")
def begin(request: HttpRequest, check_id: int, send: Send) -> dict[str, Any]:
    place = entries.position_of({**send.content, **send.dict()})
    return _do(
        request,
        check_id,
        lambda check, who: services.begin(
            check,
            place,
            certificates_shown=send.content.get("certificates_shown") is True,
            happened_at=entries.moment_of(send.happened_at),
            key=entries.key_of(send.key),
            **who,
        ),
    )


@field_api.post("/checks/{check_id}/draft")
def draft(request: HttpRequest, check_id: int, send: Send) -> dict[str, Any]:
    return _do(
        request,
        check_id,
        lambda check, who: services.save_draft(
            check, send.content, base_version=send.base_version, key=entries.key_of(send.key), **who
        ),
    )


@field_api.post("/checks/{check_id}/result")
def result(request: HttpRequest, check_id: int, send: Send) -> dict[str, Any]:
    def act(check: Check, who: dict[str, Any]) -> dict[str, Any]:
        content = services.clean_draft(send.content, [item.code for item in check.task.ordered_items])
        return services.record_result(
            check,
            entries.entry_of(content, with_signing=True),
            happened_at=entries.moment_of(send.happened_at),
            key=entries.key_of(send.key),
            **who,
        )

    return _do(request, check_id, act)


@field_api.post("/checks/{check_id}/evidence")
def add_evidence(request: HttpRequest, check_id: int) -> dict[str, Any]:
    """Take a photo or PDF as the raw body; its name, item and place come in the address."""
    evidence.refuse_if_too_large(whole_number(request.headers.get("Content-Length") or "0") or 0)
    query = EvidenceQuery.model_validate({"key": "", **request.GET.dict()})
    data = request.read(evidence.LIMIT_BYTES + 1)
    return _do(
        request,
        check_id,
        lambda check, who: services.add_evidence(
            check,
            data,
            query.name,
            media=settings.HOME.media,
            item_code=query.item,
            taken_at=entries.moment_of(query.taken_at),
            position=entries.position_of(query.model_dump()),
            key=entries.key_of(query.key),
            **who,
        ),
    )
