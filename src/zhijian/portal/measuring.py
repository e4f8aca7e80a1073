"""How often and how fast each route answers, and a number for each request that the log and the answer carry.

Each worker counts in memory and, where metrics are asked for at all, writes its counts to a file of its own every few
seconds; who asks any worker gets the sum of all files. A worker that is killed takes the last seconds of counts with it, and a
site that is started begins at nothing, which Prometheus takes as what it is.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django_tasks import TaskResult
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode

from zhijian.infrastructure import telemetry
from zhijian.infrastructure.files import replace_file
from zhijian.infrastructure.home import Home
from zhijian.infrastructure.json_log import JsonFormatter

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)  # seconds; 0.2 is the promise of public pages
WRITE_EVERY = 5.0  # seconds
_CASE_WORDS = ("case", "case_id", "number")

request_id: ContextVar[str] = ContextVar("request_id", default="")
case_id: ContextVar[str] = ContextVar("case_id", default="")
logger = logging.getLogger("zhijian.request")
JsonFormatter.number = staticmethod(request_id.get)
JsonFormatter.case = staticmethod(case_id.get)


class Counts:
    """Latencies by route, method and kind of status: one row of cumulative buckets, count and sum (seconds)."""

    def __init__(self) -> None:
        self.rows: dict[str, list[float]] = {}
        self._written = 0.0

    def add(self, key: str, seconds: float) -> None:
        row = self.rows.setdefault(key, [0.0] * (len(BUCKETS) + 2))
        for place, bound in enumerate(BUCKETS):
            if seconds <= bound:
                row[place] += 1
        row[-2] += 1
        row[-1] += seconds

    def write(self, folder: Path, *, clock: float) -> None:
        """Write the counts to this process's file if it is time."""
        if clock - self._written < WRITE_EVERY:
            return
        self._written = clock
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / f"{os.getpid()}.json", json.dumps(self.rows).encode())


COUNTS = Counts()


def folder_of(home: Home) -> Path:
    """Return where the workers of a home keep their counts."""
    return home.root / "run" / "metrics"


def summed(folder: Path) -> dict[str, list[float]]:
    """Return the counts of all workers together; this process's own as they are now."""
    total: dict[str, list[float]] = {key: list(row) for key, row in COUNTS.rows.items()}
    for path in folder.glob("[0-9]*.json") if folder.is_dir() else ():
        if path.stem == str(os.getpid()):
            continue
        for key, row in json.loads(path.read_bytes()).items():
            total[key] = [a + b for a, b in zip(total.get(key, [0.0] * len(row)), row, strict=True)]
    return total


def forget(folder: Path) -> None:
    """Begin to count anew, as a site does that is started: files of workers that are gone would only become more."""
    for path in folder.glob("[0-9]*.json"):
        path.unlink(missing_ok=True)


class MeasuringMiddleware:
    """The first of all: counts and times every request and gives it a number, which a proxy may have given already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._folder = folder_of(settings.HOME)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        number = (
            given if given.isalnum() and given.isascii() and 8 <= len(given) <= 64 else secrets.token_hex(8)
        )
        token, of_case, start = request_id.set(number), case_id.set(""), time.perf_counter()
        try:
            with _traced(request, number) as span:
                response = self.get_response(request)
                _told(span, request, response)
                seconds = time.perf_counter() - start
                response.headers["X-Request-ID"] = number
                self._count(request, response.status_code, seconds)
        finally:
            request_id.reset(token)
            case_id.reset(of_case)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]
    ) -> None:
        """Before the page's own work: which case it is about, for every line of the log from here on."""
        route = request.resolver_match.route if request.resolver_match else ""
        if "case" in route:
            case_id.set(next((str(kwargs[word]) for word in _CASE_WORDS if word in kwargs), ""))

    def _count(self, request: HttpRequest, status: int, seconds: float) -> None:
        """Count by the route's pattern, never by the address: an address may hold a code or a word that was searched."""
        route = _route(request)
        COUNTS.add(f"{request.method} {status // 100}xx {route}", seconds)
        if settings.METRICS_TOKEN:
            COUNTS.write(self._folder, clock=time.monotonic())
        if logger.isEnabledFor(logging.INFO) and settings.LOGS_REQUESTS:
            said = {"route": route, "method": request.method, "status": status}
            logger.info("request", extra={"said": said | {"ms": round(1000 * seconds, 1)}})


def _route(request: HttpRequest) -> str:
    return request.resolver_match.route if request.resolver_match else "(none)"


@contextmanager
def _traced(request: HttpRequest, number: str) -> Iterator[Span]:
    """The span of a request and of its statements. It never goes on with a trace that a visitor's header names."""
    if not telemetry.is_on():
        yield INVALID_SPAN
        return
    method = request.method or ""
    with (
        telemetry.span(
            method, SpanKind.SERVER, http__request__method=method, zhijian__request_id=number
        ) as span,
        connection.execute_wrapper(telemetry.around_statement),
    ):
        yield span


def _told(span: Span, request: HttpRequest, response: HttpResponse) -> None:
    """What is known only after the page was found: its route, its case, how it ended."""
    if not span.is_recording():
        return
    span.update_name(f"{request.method} {_route(request)}")
    span.set_attributes({"http.route": _route(request), "http.response.status_code": response.status_code})
    if case_id.get():
        span.set_attribute("zhijian.case_id", case_id.get())
    if response.status_code >= 500:
        span.set_status(StatusCode.ERROR)


def number_job(sender: object, task_result: "TaskResult[Any]", **more: object) -> None:
    """A job's own number stands in the log where a request's does, while a worker does it."""
    request_id.set(str(task_result.id))


def forget_job(sender: object, task_result: "TaskResult[Any]", **more: object) -> None:
    request_id.set("")
