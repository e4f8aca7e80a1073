"""Pulls of the exchange over HTTP, in Arrow and JSON Lines, whole and what a night changed: prints JSON.

    .venv/bin/python benchmarks/exchange.py [--entities 200000]

In a home of its own: synthesizes the entities, grants their public columns, starts gunicorn with one worker, pulls three times
in each form and reads every row. The yardstick is DuckDB that writes the same rows to a file of JSON Lines without any
of the exchange.
"""

import argparse
import http.client
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import ibis
import pyarrow as pa
from pages import free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]
TABLE = "entity_market_entities"
ROUNDS = 3


def build(entities: int) -> Any:
    """Make the table that is pulled, with a key; return the lake."""
    from django.core.management import call_command
    from django.utils import timezone

    from zhijian.datazone.lake import Lake
    from zhijian.infrastructure.home import current_home

    zhijian = str(Path(sys.executable).with_name("zhijian"))
    subprocess.run(
        [zhijian, "synthesize", "--entities", str(entities)], check=True, stdout=subprocess.DEVNULL
    )
    call_command("migrate", verbosity=0, interactive=False)
    lake = Lake(current_home().lake)
    con = lake.ibis()
    raw = lake.table(con, "raw_registration__market_entities")
    rows = raw.mutate(entity_id=ibis.row_number())
    with lake.transaction() as writing:
        writing.write_query(TABLE, con, rows, at=timezone.now(), mode="overwrite", key=("entity_id",))
    return lake


def grant(lake: Any, entities: int) -> str:
    """Apply for every public column, approve, and return the key."""
    from django.utils import timezone

    from zhijian.datazone.catalogue import Level, visible_columns
    from zhijian.engines.exchange import services
    from zhijian.security.models import Officer, Organisation, Role

    at, officers = timezone.now(), []
    office = Organisation.objects.create(
        code="bench", name="示例局", division_code="440000", level="province"
    )
    for name, role in (("asks", Role.INSPECTOR), ("decides", Role.STEWARD)):
        officers.append(Officer.objects.create_user(name, organisation=office, roles=[role]))
    application = services.apply(
        lake,
        "market_entities",
        columns=visible_columns(TABLE, lake.schema(TABLE), Level.PUBLIC),
        region="",
        purpose="statistics",
        reason="测量取数速度",
        legal_basis="仅用于测量",
        until=date.today() + timedelta(days=1),
        by=officers[0],
        at=at,
    )
    services.decide(
        application,
        is_approved=True,
        level="public",
        rows_per_day=entities * 100,
        reason="仅用于测量",
        by=officers[1],
        at=at,
    )
    return services.issue_key(application, by=officers[0], at=at)


def change(lake: Any, share: int) -> None:
    """Write one in `share` entities again, as a night does."""
    from django.utils import timezone

    con = lake.ibis()
    rows = lake.table(con, TABLE)
    with lake.transaction() as writing:
        writing.write_query(
            TABLE, con, rows.filter(rows.entity_id % share == 0), at=timezone.now(), mode="patch"
        )


def pull(port: int, key: str, form: str, since: str = "") -> tuple[float, float, int, int, str]:
    """Pull and read every row; return seconds until the last byte, until the last row, rows, bytes and the version."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    address = f"/api/v1/exchange/market_entities/rows?purpose=statistics&format={form}"
    connection.request(
        "GET", address + (f"&since={since}" if since else ""), headers={"Authorization": f"Bearer {key}"}
    )
    answer = connection.getresponse()
    body = answer.read()
    received = time.perf_counter() - start
    if answer.status != 200:
        raise SystemExit(f"answer {answer.status}: {body[:300]!r}")
    if form == "arrow":
        rows = pa.ipc.open_stream(io.BytesIO(body)).read_all().num_rows
    else:
        rows = sum(1 for line in io.BytesIO(body) if json.loads(line))
    return received, time.perf_counter() - start, rows, len(body), str(answer.headers["X-Exchange-Version"])


def measure(port: int, key: str, form: str, since: str = "") -> dict[str, float]:
    runs = [pull(port, key, form, since) for _ in range(ROUNDS)]
    received, read = (median(run[place] for run in runs) for place in (0, 1))
    rows, size = runs[0][2:4]
    return {
        "rows": rows,
        "received_seconds": round(received, 2),
        "rows_per_second": round(rows / received),
        "read_seconds": round(read, 2),
        "megabytes": round(size / 1e6, 1),
    }


def yardstick(lake: Any, folder: Path) -> float:
    """Seconds in which DuckDB alone writes the same rows as JSON Lines."""
    from zhijian.datazone.catalogue import Level, visible_columns

    con = lake.ibis()
    rows = lake.table(con, TABLE).select(*visible_columns(TABLE, lake.schema(TABLE), Level.PUBLIC))
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        con.raw_sql(f"copy ({con.compile(rows)}) to '{folder / 'rows.json'}' (format json)")
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=200_000)
    entities = parser.parse_args().entities
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ZHIJIAN_HOME": folder, "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
        import django

        django.setup()
        lake = build(entities)
        key, port = grant(lake, entities), free_port()
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--timeout", "600"]
        command += ["--bind", f"127.0.0.1:{port}", "--chdir", str(ROOT / "benchmarks"), "bench_wsgi"]
        server = subprocess.Popen(command)
        try:
            wait_for(port)
            version = pull(port, key, "arrow")[4]
            result: dict[str, Any] = {"entities": entities}
            result |= {form: measure(port, key, form) for form in ("arrow", "jsonl")}
            seconds = yardstick(lake, Path(folder))
            result["duckdb_alone_to_json_lines"] = {
                "seconds": round(seconds, 2),
                "rows_per_second": round(entities / seconds),
            }
            change(lake, 100)
            result["one_in_a_hundred_changed"] = {
                form: measure(port, key, form, version) for form in ("arrow", "jsonl")
            }
        finally:
            server.terminate()
            server.wait(timeout=20)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
