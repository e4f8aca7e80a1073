"""What the API answers when something is wrong: one form for all, in both languages."""

import logging
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from zhijian.engines.registers import BadCursor, ServingError
from zhijian.portal.views.errors import is_database_gone, unavailable
from zhijian.standards.bilingual import BilingualError

_log = logging.getLogger("zhijian.portal.api")


class ErrorDetail(Schema):
    """`code` is for programs and stays; the messages are for people and may be worded better."""

    code: str
    message_zh: str
    message_en: str


class ErrorOut(Schema):
    error: ErrorDetail


class ApiError(BilingualError):
    """A refusal that a caller can act on."""

    def __init__(self, status: int, code: str, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en)
        self.status, self.code = status, code


def install(api: NinjaAPI) -> None:
    """Give every error of `api` the one form."""

    def answer(request: HttpRequest, status: int, code: str, zh: str, en: str) -> HttpResponse:
        body = ErrorOut(error=ErrorDetail(code=code, message_zh=zh, message_en=en))
        return api.create_response(request, body.model_dump(), status=status)

    @api.exception_handler(ApiError)
    def refused(request: HttpRequest, error: ApiError) -> HttpResponse:
        return answer(request, error.status, error.code, error.message_zh, error.message_en)

    @api.exception_handler(ValidationError)
    def wrong_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
        problems = "; ".join(map(_said, error.errors))
        return answer(
            request,
            422,
            "wrong_parameter",
            f"参数不符合要求：{problems}。",
            f"A parameter is wrong: {problems}.",
        )

    @api.exception_handler(BadCursor)
    def bad_cursor(request: HttpRequest, error: BadCursor) -> HttpResponse:
        return answer(request, 409, "bad_cursor", error.message_zh, error.message_en)

    @api.exception_handler(ServingError)
    def not_served(request: HttpRequest, error: ServingError) -> HttpResponse:
        return answer(request, 503, "not_served", error.message_zh, error.message_en)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, 404, "not_found", "没有这个地址。", "There is nothing at this address.")

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(request, error.status_code, "refused", "请求未被接受。", str(error))

    @api.exception_handler(Exception)
    def our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
        if is_database_gone(error):
            return unavailable(request)
        number = uuid4().hex[:8]
        _log.error("API error %s at %s", number, request.path, exc_info=error)
        zh = f"我们这边出了问题，已记录（编号{number}）。请5分钟后再试。"
        return answer(
            request, 500, "our_fault", zh, f"Something failed on our side ({number}). Try again soon."
        )


def _said(problem: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in problem.get("loc", ())[1:] if part != "filters")
    return f"{place or 'request'}: {problem.get('msg', 'invalid')}"
