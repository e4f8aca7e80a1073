"""The jobs of the night."""

import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Seal
from zhijian.infrastructure import verification_record
from zhijian.operations.jobs import enqueue_nightly, publish_day_root, seal_facts_of, verify_records
from zhijian.portal.condition import condition

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def a_fact(home):
    return facts.record(
        "annual_report.published",
        subject="91440101MA59ABCD1D",
        occurred_on=date(2026, 3, 2),
        payload={"report_year": 2025},
        source="测试",
        source_key="1",
        by="测试",
        at=datetime(2026, 11, 1, 12, tzinfo=SHANGHAI),
        is_synthetic=True,
    )


def test_the_job_seals_a_day_and_says_its_root(a_fact, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    result = seal_facts_of.enqueue("2026-11-01")
    assert result.return_value == Seal.objects.get(day=date(2026, 11, 1)).root


def test_the_job_publishes_what_is_public_on_a_day_and_says_its_root(a_fact, settings, home):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    root = publish_day_root.enqueue("2026-11-02").return_value
    assert f'"root":"{root}"' in (home.published / "publicity" / "2026-11-02.json").read_text()


def test_shortly_after_midnight_yesterday_is_put_in_the_queue(db):
    from django_tasks_db.models import DBTaskResult

    enqueue_nightly(datetime(2026, 11, 2, 0, 6, tzinfo=SHANGHAI))
    queued = {one.task_path.rpartition(".")[2]: one.args_kwargs["args"] for one in DBTaskResult.objects.all()}
    assert queued == {
        "seal_facts_of": ["2026-11-01"],
        "publish_day_root": ["2026-11-02"],
        "tell_of_colours": [],
        "clear_unsent": [],
        "watch_prepaid": [],
        "end_measures": [],
        "refresh_objects": [],
        "watch_access": ["2026-11-01"],
        "delete_what_is_due": [],
        "audit_draws": [],
        "keep_boards": ["2026-11-01"],
        "compute_plan": ["2026-11-01"],
        "remind_of_annual_reports": [],
        "remind_of_plan": [],
        "sweep_lists": [],
        "verify_records": [],
    }


def test_the_night_checks_the_records_and_a_published_file_that_was_changed_is_told(a_fact, settings, home):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    seal_facts_of.enqueue("2026-11-01")
    assert verify_records.enqueue().return_value == "0 findings"
    assert verification_record.last(home)["found"] == 0
    published = home.published / "seals" / "2026-11-01.json"
    published.write_text(published.read_text().replace('"tree_size":1', '"tree_size":2'))
    verify_records.enqueue()
    outcome = verification_record.last(home)
    assert outcome["found"] >= 1 and "2026-11-01" in outcome["first"][0][1]
    found = condition(home, at=datetime.now(SHANGHAI))
    assert found.records_changed == outcome["found"] and found.verification_age_seconds < 60


def test_the_night_says_how_many_files_that_nobody_sent_it_took_away(home, settings):
    from zhijian.operations.jobs import clear_unsent

    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    EvidenceFile.objects.create(
        sha256="cd" * 32, size_bytes=1, received_at=datetime(2026, 11, 1, tzinfo=SHANGHAI)
    )  # without any file in the database nothing is judged
    place = home.media / "evidence" / "original" / "ab" / ("ab" * 32)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x")
    os.utime(place, (0, 0))
    assert "1 files" in clear_unsent.enqueue().return_value
    assert not place.exists()
