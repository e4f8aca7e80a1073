"""Small deliveries for the tests of ingest, written so that each can be checked by eye."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zhijian.datazone.ingest import IngestReport, ingest
from zhijian.datazone.lake import Lake
from zhijian.standards import organisation_code
from zhijian.standards.uscc import check_character

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ENTERPRISES = "registration__enterprises"
TABLE = "standard_registration__enterprises"
HEADER = "file_year,uscc,name,registered_on,type,capital,scope,province,city,address"


def code(number: int) -> str:
    """Return a valid credit code whose organisation code is `number` with a right check character."""
    body = f"{number:08d}"
    first17 = "91440101" + body + organisation_code.check_character(body)
    return first17 + check_character(first17)


def line(number: int, **changed: str) -> str:
    """Return one CSV line of a right row, with the named columns changed."""
    values = dict(
        zip(
            HEADER.split(","),
            ["2019", code(number), f"示例{number}有限公司", "2019-04-30", "N/A", "50(万元人民币)", "零售：百货", "广东", "广州", "东风路1号"],
            strict=True,
        )
    )  # fmt: skip
    return ",".join({**values, **changed}.values())


def csv_text(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def take_in(lake: Lake, path: Path, contract: str = ENTERPRISES, **options: Any) -> IngestReport:
    """Ingest as everyone in these tests does."""
    return ingest(lake, contract, path, **{"by": "测试员", "at": AT, "source": "测试", **options})


def quarantined(lake: Lake) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.read("standard_quarantine").sort_by("source_line").to_pylist()
    return rows


def fact(number: int, **changed: Any) -> str:
    """Return one JSON line of a right fact."""
    row = {
        "uscc": code(number),
        "kind": "penalty.decided",
        "occurred_on": "2025-03-01",
        "source": "处罚系统",
        "source_key": f"K{number}",
        "payload": {"fine_yuan": "5000.00"},
    }
    return json.dumps({**row, **changed}, ensure_ascii=False)
