"""A lake with three shops, who applies, who decides, and a receiver of pushes."""

import http.server
import threading
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from zhijian.datazone.lake import Lake

TABLE = "entity_market_entities"
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)


def rows_of(*numbers):
    return pa.table(
        {
            "entity_id": pa.array(numbers, pa.int64()),
            "name": [f"示例{n}店" for n in numbers],
            "prefecture_code": ["440100" if n < 3 else "440300" for n in numbers],
            "county_code": ["440106" if n < 3 else "440304" for n in numbers],
            "representative_id": [f"P{n}" for n in numbers],
            "nobody_classified_this": ["x" for _ in numbers],
            "is_synthetic": [True for _ in numbers],
        }
    )


@pytest.fixture
def lake(home):
    lake = Lake(home.lake)
    lake.write(TABLE, rows_of(1, 2, 3), mode="append")
    return lake


@pytest.fixture
def applicant(db, settings):
    from tests.portal.pages import town

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return town.officer("analyst", "inspector", division="440106")


@pytest.fixture
def steward(applicant):
    from tests.portal.pages import town

    return town.officer("keeper", "steward", division="440000")


def patch(lake, mode, rows):
    """Write rows by their key, as the nightly refresh does."""
    con = lake.ibis()
    with lake.transaction() as writing:
        con.con.register("written", rows)
        writing.write_query(TABLE, con, con.table("written"), at=AT, mode=mode, key=("entity_id",))


def applied(lake, applicant, service="market_entities", **more):
    from zhijian.engines.exchange import services

    wanted = {
        "columns": ["entity_id", "name"],
        "region": "",
        "purpose": "statistics",
        "reason": "季度统计分析",
        "legal_basis": "统计法第二十条",
        "until": date(2099, 12, 31),
        **more,
    }
    return services.apply(lake, service, **wanted, by=applicant, at=AT)


def approved(lake, applicant, steward, *, level="public", rows=1000, **more):
    from zhijian.engines.exchange import services

    application = applied(lake, applicant, **more)
    services.decide(
        application, is_approved=True, level=level, rows_per_day=rows, reason="符合规定", by=steward, at=AT
    )
    return application


@pytest.fixture
def receiver(monkeypatch):
    """A department's receiver on this machine, allowed by name; answers as `receiver.status` says."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append((dict(self.headers), body))
            self.send_response(server.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ZHIJIAN_EXCHANGE_HOSTS", "127.0.0.1")
    yield server
    server.shutdown()
    server.server_close()
