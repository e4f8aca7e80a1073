"""Whoever collects traces sees what a request did and for how long; never an address, a name or what was searched."""

import http.server
import io
import json
import logging
import subprocess
import sys
import threading

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from zhijian.infrastructure import telemetry
from zhijian.infrastructure.configuration import ConfigurationError, load
from zhijian.infrastructure.json_log import JsonFormatter
from zhijian.operations import jobs
from zhijian.portal import measuring

pytestmark = pytest.mark.django_db


@pytest.fixture
def spans():
    """What was kept, as (name, attributes) in the order of their ends."""
    kept = InMemorySpanExporter()
    with telemetry.collected_by(kept):
        yield lambda: kept.get_finished_spans()


@pytest.fixture
def lines():
    """What the log says, line by line."""
    written, handler = io.StringIO(), None
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    log = logging.getLogger("zhijian")
    log.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    log.removeHandler(handler)


def test_a_request_is_one_span_by_its_route_and_each_statement_one_below_it(client, home, spans):
    client.get("/entities/91440106MA9XH0TW2T/", headers={"X-Request-ID": "abc12345"})
    *statements, request = spans()
    assert request.name == "GET entities/<str:uscc>/"
    said = dict(request.attributes)
    assert said["zhijian.request_id"] == "abc12345" and said["http.response.status_code"] == 404
    assert all(one.parent.span_id == request.context.span_id for one in statements)
    assert request.parent is None


def test_a_span_tells_no_code_no_search_and_no_text_of_a_statement(client, home, spans):
    client.get("/entities/?q=示例陈某", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
    client.get("/healthz/ready")
    assert any(one.name.startswith("SELECT ") for one in spans())
    assert all(one.context.trace_id != int("a" * 32, 16) for one in spans())
    told = "".join(one.to_json() for one in spans())
    assert "示例" not in told and "FROM" not in told and "%E7" not in told


def test_an_error_marks_its_span_by_its_kind_and_not_by_its_words(spans):
    with pytest.raises(ValueError, match="张三"), telemetry.span("work"):
        raise ValueError("张三")
    (made,) = spans()
    assert made.status.status_code is StatusCode.ERROR and made.attributes["error.type"] == "ValueError"
    assert "张三" not in made.to_json()


def test_without_a_collector_nothing_is_kept_and_the_page_is_the_same(client, home):
    assert not telemetry.is_on() and telemetry.trace_number() == ""
    assert client.get("/healthz/live").status_code == 200


def test_each_line_of_a_request_carries_its_number_its_case_and_its_trace(
    client, home, settings, spans, lines
):
    settings.LOGS_REQUESTS = True
    client.get("/work/cases/7/", headers={"X-Request-ID": "abc12345"})
    (line,) = [one for one in lines() if one["logger"] == "zhijian.request"]
    request = spans()[-1]
    assert (line["request_id"], line["case_id"]) == ("abc12345", "7")
    assert (
        line["trace_id"] == f"{request.context.trace_id:032x}"
        and request.attributes["zhijian.case_id"] == "7"
    )
    client.get("/work/plans/7/")
    assert "case_id" not in lines()[-1]


def test_a_job_stands_in_the_log_by_its_own_number(settings, monkeypatch, lines):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

    def said(*, by, at):
        logging.getLogger("zhijian.jobs").warning("at work")
        return 0

    monkeypatch.setattr("zhijian.apps.supervision.measures.services.tell_ended", said)
    done = jobs.end_measures.enqueue()
    assert [one["request_id"] for one in lines() if one["message"] == "at work"] == [str(done.id)]
    assert measuring.request_id.get() == ""


def test_a_collector_gets_what_is_sent_by_its_own_protocol():
    got = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words):
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1/traces"
        program = (
            "from zhijian.infrastructure import telemetry as t\n"
            f"t.start({url!r})\nwith t.span('one'): pass\nt._provider.shutdown()"
        )
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
        server.shutdown()
    ((path, kind, body),) = got
    assert (path, kind) == ("/v1/traces", "application/x-protobuf") and b"one" in body and b"zhijian" in body


@pytest.mark.parametrize("url", ["collector:4318", "ftp://collector/", "http://"])
def test_an_address_that_no_collector_can_have_is_refused(url, home):
    with pytest.raises(
        ConfigurationError, match=r"ZHIJIAN_TRACES_URL is .* Write the collector's whole address"
    ):
        load({"ZHIJIAN_HOME": str(home.root), "ZHIJIAN_TRACES_URL": url})
