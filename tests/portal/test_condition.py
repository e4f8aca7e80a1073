"""Machines ask whether the site lives, is ready and how it does; officers read one page; nobody else learns anything."""

import ctypes
import json
import logging
import operator
import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.urls import resolve
from django.utils.timezone import now
from django_tasks_db.models import DBTaskResult

from zhijian.engines.facts import services as facts
from zhijian.infrastructure import backup_record, clock
from zhijian.infrastructure.home import current_home
from zhijian.infrastructure.json_log import JsonFormatter
from zhijian.operations import jobs
from zhijian.portal import measuring
from zhijian.portal.condition import condition
from zhijian.portal.views import errors, operations
from zhijian.security import key_ring
from zhijian.security.models import Officer, Organisation, Role
from zhijian.standards import calendar
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TOKEN = "t" * 40
ALERTS = Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yaml"
_SIMPLE = re.compile(r"(zhijian_\w+)(?: / (zhijian_\w+))? ([<>]) ([\d.]+)")


def officer(role):
    unit = Organisation.objects.create(
        code="G", name="省局", name_en="Province", level="province", division_code="440000"
    )
    return Officer.objects.create_user("who", roles=[role], organisation=unit)


def test_a_live_and_ready_site_says_so_to_anybody_and_names_no_secret(client, home):
    assert client.get("/healthz/live").json() == {"status": "ok"}
    answer = client.get("/healthz/ready")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "database": "ok",
        "disk": "ok",
        "lake": "ok",
        "keys": "ok",
        "clock": "ok",
        "serving_store": "failed",
    }
    assert str(home.root) not in answer.content.decode()


def test_a_site_without_database_lives_but_is_not_ready(client, home, monkeypatch):
    def gone():
        raise OperationalError("connection failed: password of zhijian")

    monkeypatch.setattr("zhijian.portal.condition._ask_database", gone)
    assert client.get("/healthz/live").status_code == 200
    answer = client.get("/healthz/ready")
    assert answer.status_code == 503 and answer.json()["checks"]["database"] == "failed"
    assert "password" not in answer.content.decode()


class _Source(BaseHTTPRequestHandler):
    """A time source that is an hour ahead, or says no day at all."""

    told = ""

    def do_HEAD(self):
        self.send_response_only(200)
        if self.told:
            self.send_header("Date", self.told)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def source(settings):
    cache.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Source)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.TIME_SOURCE = f"http://127.0.0.1:{server.server_port}/"
    yield _Source
    server.shutdown()
    server.server_close()
    cache.clear()


def _clock_line():
    found = condition(current_home(), at=now())
    return found, next(one for one in operations.page_lines(found) if one.what == "机器时钟")


def test_a_clock_an_hour_off_the_time_source_stands_on_the_page_and_in_the_numbers(
    home, source, client, settings
):
    source.told = format_datetime(now() + timedelta(hours=1), usegmt=True)
    found, line = _clock_line()
    assert abs(found.clock_off_seconds - 3600) < 5 and not line.is_well and line.how == "差60分钟"
    source.told = format_datetime(now(), usegmt=True)
    assert _clock_line()[0].clock_off_seconds > 3500  # asked every ten minutes, not with every page
    cache.clear()
    found, line = _clock_line()
    assert found.clock_off_seconds < 5 and line.is_well
    settings.METRICS_TOKEN = TOKEN
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert "zhijian_clock_off_seconds" in text


@pytest.mark.parametrize("told", ["", "yesterday"])
def test_a_time_source_that_tells_no_day_is_said_to_be_silent_and_never_to_agree(home, source, told):
    source.told = told
    line = _clock_line()[1]
    assert not line.is_well and line.how == "与数据库和已有记录一致；时间源没有回答"
    assert "ZHIJIAN_TIME_SOURCE" in line.todo


def test_where_no_time_source_is_named_the_page_says_so(home, settings):
    settings.TIME_SOURCE = ""
    line = _clock_line()[1]
    assert line.is_well and line.how == "与数据库和已有记录一致；没有设置时间源"


@pytest.mark.skipif(
    os.environ.get("ZHIJIAN_TEST_DATABASE") != "postgresql", reason="SQLite has no clock of its own"
)
@pytest.mark.parametrize(
    ("shift", "how"),
    [("- interval '1 hour'", "比数据库快60分钟"), ("+ interval '1 hour'", "比数据库慢60分钟")],
)
def test_a_database_whose_clock_is_an_hour_off_is_told_by_readiness_the_page_and_the_numbers(
    home, client, settings, shift, how
):
    settings.TIME_SOURCE, settings.METRICS_TOKEN = "", TOKEN
    assert client.get("/healthz/ready").json()["checks"]["clock"] == "ok"
    with connection.cursor() as cursor:  # undone with the test's transaction
        cursor.execute("CREATE SCHEMA shifted")
        cursor.execute(
            "CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
            f"AS $$ SELECT pg_catalog.clock_timestamp() {shift} $$"
        )
        cursor.execute("SET LOCAL search_path = shifted, public, pg_catalog")
    answer = client.get("/healthz/ready")
    assert answer.status_code == 200 and answer.json()["checks"]["clock"] == "failed"
    found, line = _clock_line()
    assert not line.is_well and line.how == how and abs(found.clock_off_seconds - 3600) < 5
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    ahead = float(re.search(r"^zhijian_clock_ahead_of_database_seconds (\S+)$", text, re.M)[1])
    assert abs(abs(ahead) - 3600) < 5 and (ahead > 0) == (shift[0] == "-")


@pytest.mark.parametrize(
    ("disciplined", "answers", "is_well", "how"),
    [
        (True, None, True, "正在校准这台机器的时钟"),
        (None, None, True, "内核没有告知"),
        (False, None, False, "没有校准这台机器的时钟"),
        (False, 0, False, "没有校准这台机器的时钟"),
        (False, 1, True, "没有校准这台机器的时钟"),
    ],
)
def test_a_clock_that_no_service_keeps_right_is_said_unless_an_outside_source_agrees(
    home, monkeypatch, disciplined, answers, is_well, how
):
    monkeypatch.setattr(clock, "is_disciplined", lambda: disciplined)
    found = replace(condition(current_home(), at=now()), time_source_answers=answers)
    line = next(one for one in operations.page_lines(found) if one.what == "对时服务")
    assert (line.is_well, line.how) == (is_well, how)


@pytest.mark.parametrize(
    ("state", "status", "is_right"),
    [(0, 0x2001, True), (5, 0x0040, False), (5, 0x2041, False), (-1, 0, None)],
)
def test_the_kernel_is_asked_and_its_answer_read_as_it_gives_it(monkeypatch, state, status, is_right):
    class Library:
        def adjtimex(self, reference):
            asked = reference._obj
            assert (
                asked.modes == 0 and ctypes.sizeof(asked) >= 208
            )  # sets nothing, and has room for all that is told
            asked.status = status
            return state

    monkeypatch.setattr(clock.sys, "platform", "linux")
    monkeypatch.setattr(clock.ctypes, "CDLL", lambda *_, **__: Library())
    assert clock.is_disciplined() is is_right


def test_a_clock_that_was_set_back_behind_its_own_records_is_told_by_readiness_and_the_page(
    home, client, monkeypatch
):
    at = now()
    facts.record(
        "plan_evaluation.published", subject="p/annual/2022", occurred_on=at.date(), source="plan_monitoring", source_key="p", at=at,
        payload={"plan": "p", "evaluation": "annual", "as_of": "2022-12-31", "figures": "a" * 64, "report": "b" * 64},
        by=officer("leader"),
    )  # fmt: skip
    assert client.get("/healthz/ready").json()["checks"]["clock"] == "ok"
    monkeypatch.setattr("zhijian.portal.condition.now", lambda: at - timedelta(hours=1))
    answer = client.get("/healthz/ready")
    assert answer.status_code == 200 and answer.json()["checks"]["clock"] == "failed"
    line = _clock_line()[1]
    assert not line.is_well and line.how in {
        "差60分钟",
        "比数据库慢60分钟",
    }  # PostgreSQL's own clock tells too


def test_metrics_are_for_the_token_and_count_by_route_not_by_address(client, home, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    client.get("/entities/91440101MA59示例0001/versions/")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert 'route="entities/<str:uscc>/versions/",le="+Inf"' in text and "示例" not in text
    assert "zhijian_jobs_waiting 0" in text and "zhijian_certificate_seconds_left" not in text


def test_the_counts_of_all_workers_are_summed(home, tmp_path):
    counts = measuring.Counts()
    counts.add("GET 2xx other", 0.15)
    counts.write(tmp_path, clock=100.0)
    (tmp_path / "1.json").write_bytes(next(tmp_path.glob("*.json")).read_bytes())
    row = measuring.summed(tmp_path)["GET 2xx other"]
    assert row[measuring.BUCKETS.index(0.2)] == 1 and row[measuring.BUCKETS.index(0.1)] == 0


def test_a_site_that_is_started_forgets_the_counts_of_workers_that_are_gone(home):
    folder = measuring.folder_of(home)
    counts = measuring.Counts()
    counts.add("GET 2xx of-before", 0.15)
    counts.write(folder, clock=100.0)
    next(folder.glob("*.json")).rename(folder / "1.json")
    assert "GET 2xx of-before" in measuring.summed(folder)
    measuring.forget(folder)
    assert "GET 2xx of-before" not in measuring.summed(folder)


def test_an_officer_reads_what_needs_attention_and_what_to_do(client, home):
    client.force_login(officer(Role.STEWARD))
    text = client.get("/work/operations/").content.decode()
    assert "最近一次备份" in text and "请运行 zhijian backup。" in text and "从未有过" in text
    at = now()
    for event in ("made", "rehearsed"):
        backup_record.note(home, event, at=at - timedelta(hours=3))
    assert "3小时前" in client.get("/work/operations/").content.decode()


def test_a_backup_that_failed_is_told_until_one_is_made(client, home):
    client.force_login(officer(Role.STEWARD))
    at = now()
    backup_record.note(home, "made", at=at - timedelta(hours=3))
    assert "没有做成" not in client.get("/work/operations/").content.decode()
    backup_record.note(home, "failed", at=at - timedelta(hours=2), why="disk full")
    text = client.get("/work/operations/").content.decode()
    assert "没有做成" in text and "3小时前" in text and condition(home, at=at).backup_failed == 1
    backup_record.note(home, "made", at=at - timedelta(hours=1))
    assert "没有做成" not in client.get("/work/operations/").content.decode()


def test_a_lost_key_is_told_by_readiness_the_numbers_and_the_page_and_the_site_stays_open(
    client, home, settings
):
    key_ring.root("parties")
    settings.METRICS_TOKEN = TOKEN
    (home.root / "keys" / "parties.key").unlink()
    answer = client.get("/healthz/ready")
    assert answer.status_code == 200 and answer.json()["checks"]["keys"] == "failed"
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert "zhijian_keys_lost 1" in text
    client.force_login(officer(Role.STEWARD))
    page = client.get("/work/operations/").content.decode()
    assert "缺失或与记录不符1个" in page and "zhijian keys status" in page


def test_who_has_no_part_in_operations_does_not_see_the_page(client, home):
    client.force_login(officer(Role.INSPECTOR))
    assert client.get("/work/operations/").status_code == 403


def test_while_the_database_is_switched_over_people_read_what_is_saved_and_what_to_do():
    def page(address):
        request = RequestFactory().post(address)
        request.resolver_match = resolve("/healthz/live")
        try:
            raise OperationalError("connection failed: server closed the connection unexpectedly")
        except OperationalError:
            return errors.our_fault(request)

    made = page("/work/")
    assert made.status_code == 503 and made.headers["Retry-After"] == "30"
    assert "已经看到“成功”或编号的，都已保存" in made.content.decode()
    assert json.loads(page("/api/v1/complaints").content)["error"]["code"] == "database_unavailable"


def test_a_system_that_hands_in_meanwhile_is_told_to_send_the_same_again(client, home, monkeypatch):
    def gone(token):
        raise OperationalError("connection failed: connection refused")

    monkeypatch.setattr("zhijian.apps.consumer.complaints.intake.keys.find", gone)
    answer = client.get("/api/v1/complaints/tickets/GZ-1", headers={"Authorization": "Bearer zjh_one"})
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "30"
    assert answer.json()["error"]["code"] == "database_unavailable"


def test_a_line_of_the_log_carries_the_request_and_not_what_somebody_typed():
    token = measuring.request_id.set("abc12345")
    try:
        raise ValueError("张三 13800000000")
    except ValueError as problem:
        told = (type(problem), problem, problem.__traceback__)
    record = logging.LogRecord("zhijian", logging.ERROR, "f.py", 1, "failed", None, told)
    line = json.loads(JsonFormatter().format(record))
    measuring.request_id.reset(token)
    assert (
        line["request_id"] == "abc12345" and line["error"] == "ValueError" and "张三" not in json.dumps(line)
    )


def test_an_answer_carries_the_number_of_its_request(client, home):
    assert client.get("/healthz/live", headers={"X-Request-ID": "proxy12345"})["X-Request-ID"] == "proxy12345"
    assert client.get("/healthz/live", headers={"X-Request-ID": "<script>"})["X-Request-ID"] != "<script>"


def _rules():
    return [rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]


def _fires(expression, values):
    """Evaluate an alert of the form `a > n` or `a / b < n` as Prometheus does: what is absent never fires."""
    name, divisor, sign, bound = _SIMPLE.fullmatch(expression).groups()
    if name not in values or (divisor and divisor not in values):
        return False
    value = values[name] / (values[divisor] if divisor else 1)
    return {"<": operator.lt, ">": operator.gt}[sign](value, float(bound))


def _told(home, **changed):
    found = replace(condition(home, at=now()), **changed)
    told = (line.split(" ") for line in operations._gauges(found) if not line.startswith("#"))
    return {name: float(value) for name, value in told}


def _firing(home, **changed):
    values = _told(home, **changed)
    simple = [rule for rule in _rules() if _SIMPLE.fullmatch(rule["expr"])]
    return {rule["alert"] for rule in simple if _fires(rule["expr"], values)}


def test_what_never_was_made_is_alerted_on_like_what_is_too_old(home):
    assert {"ZhijianNoBackup", "ZhijianNoDrill", "ZhijianNotSealed", "ZhijianStoreOld"} <= _firing(home)
    at = now()
    for event in ("made", "rehearsed"):
        backup_record.note(home, event, at=at - timedelta(hours=3))
    assert {"ZhijianNoBackup", "ZhijianNoDrill"} & _firing(home) == set()


def test_a_certificate_that_is_named_and_cannot_be_read_is_no_certificate_that_is_not_named(
    home, settings, tmp_path
):
    assert "ZhijianCertificateEnds" not in _firing(home)
    settings.CERTIFICATE = str(tmp_path / "moved.pem")
    assert "ZhijianCertificateEnds" in _firing(home)
    found = condition(home, at=now())
    assert "zhijian_certificate_seconds_left -Inf" in operations._gauges(found)
    (line,) = (one for one in operations.page_lines(found) if one.what == "网站证书")
    assert not line.is_well and "ZHIJIAN_CERTIFICATE" in line.how


@pytest.mark.parametrize(
    ("day", "days", "is_well"),
    [(date(2026, 12, 1), 31, True), (date(2026, 12, 2), 30, False), (date(2027, 1, 2), -1, False)],
)
def test_a_month_before_the_first_year_without_a_notice_of_holidays_the_page_asks_for_it(
    home, monkeypatch, day, days, is_well
):
    monkeypatch.setattr(calendar, "known_years", lambda: range(2004, 2027))
    found = condition(home, at=datetime.combine(day, time(0, 30), ZONE))
    assert found.holidays_known_days == days
    (line,) = (one for one in operations.page_lines(found) if one.what == "节假日安排")
    assert line.is_well == is_well and "zhijian calendar add" in line.todo


@pytest.mark.parametrize(("hour", "seen"), [(8, 1), (23, 1), (24, 0)])
def test_a_job_that_failed_shortly_after_midnight_is_seen_until_the_next_midnight_in_shanghai(
    home, hour, seen
):
    night = datetime(2026, 11, 2, tzinfo=ZONE)
    number = jobs.end_measures.enqueue().id
    DBTaskResult.objects.filter(pk=number).update(status="FAILED", finished_at=night + timedelta(minutes=6))
    assert condition(home, at=(night + timedelta(hours=hour)).astimezone(UTC)).jobs_failed == seen


def test_the_page_names_the_job_that_failed_and_the_kind_of_error_and_not_its_words(client, home):
    client.force_login(officer(Role.STEWARD))
    assert "今天失败的任务" not in client.get("/work/operations/").content.decode()
    number = jobs.end_measures.enqueue().id
    DBTaskResult.objects.filter(pk=number).update(
        status="FAILED",
        finished_at=now(),
        exception_class_path="builtins.ValueError",
        traceback="ValueError: words",
    )
    text = client.get("/work/operations/").content.decode()
    assert "今天失败的任务" in text and "<code>end_measures</code>" in text
    assert "ValueError" in text and "ValueError: words" not in text


WATCHED_ON_THE_PAGE = {
    "clock_ahead_of_database_seconds",  # clock_off_seconds is the larger of it and of what else is known
    "jobs_waiting",  # many at once are ordinary; the oldest one is alerted on
    "jobs_running",
    "notices_due",  # sent each minute; those that cannot be delivered are alerted on
    "facts_not_sealed",  # those of today; the seal's age is alerted on
}


def test_every_number_is_alerted_on_or_says_why_not(home):
    named = set(re.findall(r"zhijian_(\w+)", " ".join(rule["expr"] for rule in _rules())))
    assert named & vars(condition(home, at=now())).keys() == vars(condition(home, at=now())).keys() - (
        WATCHED_ON_THE_PAGE
    )


@pytest.mark.parametrize(
    "rule", [one for one in _rules() if _SIMPLE.fullmatch(one["expr"])], ids=lambda r: r["alert"]
)
def test_each_alert_fires_beyond_its_threshold_and_not_before(rule, home):
    name, divisor, sign, bound = _SIMPLE.fullmatch(rule["expr"]).groups()
    metric = name.removeprefix("zhijian_")
    scale = _told(home)[divisor] if divisor else 1
    beyond, before = (0.99, 1.01) if sign == "<" else (1.01, 0.99)
    edge = max(float(bound), 1 if bound == "0" else 0) * scale
    assert _fires(rule["expr"], _told(home, **{metric: edge * beyond}))
    assert not _fires(rule["expr"], _told(home, **{metric: 0 if bound == "0" else edge * before}))


def test_every_alert_says_why_and_what_to_do_and_reads_what_is_measured(home):
    known = {f"zhijian_{name}" for name in vars(condition(home, at=now()))}
    known |= {f"zhijian_request_seconds_{end}" for end in ("bucket", "count", "sum")}
    for rule in _rules():
        assert rule["annotations"]["reason"] and rule["annotations"]["todo"], rule
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(re.findall(r"zhijian_\w+", rule["expr"])) <= known, rule


def test_the_bounds_of_the_page_are_those_of_the_alerts(home):
    bounds = {one["expr"].split(" ")[0]: float(one["expr"].split(" ")[-1]) for one in _rules()}
    assert bounds["zhijian_oldest_job_seconds"] == operations.HOUR / 4
    assert bounds["zhijian_seal_age_seconds"] == bounds["zhijian_backup_age_seconds"] == 26 * operations.HOUR
    assert bounds["zhijian_drill_age_seconds"] == 92 * operations.DAY
    assert bounds["zhijian_certificate_seconds_left"] == 21 * operations.DAY
