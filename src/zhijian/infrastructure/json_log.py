"""Logs as one JSON object a line, for those who collect them. Route patterns and numbers, no names and no addresses."""

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from zhijian.infrastructure.telemetry import trace_number
from zhijian.standards.personal_data import masked


class JsonFormatter(logging.Formatter):
    """Write time (UTC), level, logger, words, the numbers of request, case and trace, and what a caller adds as `said`."""

    number: Callable[[], str] = staticmethod(lambda: "")  # set by whoever numbers requests
    case: Callable[[], str] = staticmethod(lambda: "")  # and by whoever knows which case is worked on

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            "request_id": type(self).number(),
            **{
                name: value
                for name, value in (("case_id", type(self).case()), ("trace_id", trace_number()))
                if value
            },
            **getattr(record, "said", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__  # its text may hold what somebody typed
            frames = traceback.extract_tb(record.exc_info[2])
            line["trace"] = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(line, ensure_ascii=False)
