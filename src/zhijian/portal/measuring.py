"""How often and how fast each route answers, and a number for each request that the log and the answer carry.

Each worker counts in memory and, where metrics are asked for at all, writes its counts to a file of its own every few
seconds; who asks any worker gets the sum of all files. A worker that is killed takes the last seconds of counts with it.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from zhijian.datazone.lake import replace_file
from zhijian.infrastructure.home import Home
from zhijian.infrastructure.json_log import JsonFormatter

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)  # seconds; 0.2 is the promise of public pages
WRITE_EVERY = 5.0  # seconds
_CASE_WORDS = ("case", "case_id", "number")

request_id: ContextVar[str] = ContextVar("request_id", default="")
logger = logging.getLogger("zhijian.request")
JsonFormatter.number = staticmethod(request_id.get)


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
        token, start = request_id.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - start
            response.headers["X-Request-ID"] = number
            self._count(request, response.status_code, seconds)
        finally:
            request_id.reset(token)
        return response

    def _count(self, request: HttpRequest, status: int, seconds: float) -> None:
        """Count by the route's pattern, never by the address: an address may hold a code or a word that was searched."""
        match = request.resolver_match
        route = match.route if match else "(none)"
        COUNTS.add(f"{request.method} {status // 100}xx {route}", seconds)
        if settings.METRICS_TOKEN:
            COUNTS.write(self._folder, clock=time.monotonic())
        if logger.isEnabledFor(logging.INFO) and settings.LOGS_REQUESTS:
            case = (
                next((str(match.kwargs[word]) for word in _CASE_WORDS if word in match.kwargs), "")
                if match
                else ""
            )
            said = {
                "route": route,
                "method": request.method,
                "status": status,
                "case": case if "case" in route else "",
            }
            logger.info("request", extra={"said": said | {"ms": round(1000 * seconds, 1)}})
