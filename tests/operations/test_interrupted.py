"""What is asked for is done, though its worker or the database dies in the midst of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django_tasks_db.models import DBTaskResult

from zhijian.operations import jobs
from zhijian.operations.commands.serve import lasting, site_name
from zhijian.operations.interrupted import GIVEN_UP, MOST_TRIES, PutBack, put_back

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
SITE, ALIVE, DEAD, ELSEWHERE = "one:8000/", "one:8000/now", "one:8000/before", "two:8000/now"


def job(*workers, status="RUNNING", started=AT - timedelta(minutes=1), **more):
    """A job of the queue that these workers took, one after the other."""
    number = jobs.end_measures.enqueue().id
    changed = {"status": status, "worker_ids": list(workers), "started_at": started, **more}
    DBTaskResult.objects.filter(pk=number).update(**changed)
    return DBTaskResult.objects.get(pk=number)


def state(one):
    one.refresh_from_db()
    return one.status


def test_a_job_whose_worker_died_is_done_again_and_one_that_is_being_done_is_left_alone():
    dead, alive, elsewhere = job(DEAD), job(ALIVE), job(ELSEWHERE)
    assert put_back(SITE, alive=ALIVE, at=AT) == PutBack(again=1, given_up=0)
    assert (state(dead), state(alive), state(elsewhere)) == ("READY", "RUNNING", "RUNNING")
    assert put_back(SITE, alive=ALIVE, at=AT) == PutBack(again=0, given_up=0)


def test_a_job_of_a_machine_that_never_came_back_is_done_after_six_hours():
    before, exactly = (job(ELSEWHERE, started=AT - timedelta(hours=6, seconds=late)) for late in (1, 0))
    assert put_back(SITE, alive=ALIVE, at=AT).again == 1
    assert (state(before), state(exactly)) == ("READY", "RUNNING")


def test_a_job_that_kills_its_worker_each_time_is_given_up_and_says_so():
    deadly, last_try = job(*[DEAD] * MOST_TRIES), job(*[DEAD] * (MOST_TRIES - 1))
    assert put_back(SITE, alive=ALIVE, at=AT) == PutBack(again=1, given_up=1)
    assert (state(deadly), state(last_try)) == ("FAILED", "READY")
    assert deadly.exception_class_path == GIVEN_UP and "died each of 3 times" in deadly.traceback
    assert deadly.finished_at == AT


def test_a_job_that_failed_because_the_database_went_away_is_done_again_but_no_other_failure_is():
    lost = job(DEAD, status="FAILED", exception_class_path="django.db.utils.OperationalError", finished_at=AT)
    wrong = job(DEAD, status="FAILED", exception_class_path="builtins.ValueError", finished_at=AT)
    tired = job(
        *[DEAD] * MOST_TRIES,
        status="FAILED",
        exception_class_path="django.db.utils.OperationalError",
        finished_at=AT,
    )
    assert put_back(SITE, alive=ALIVE, at=AT).again == 1
    assert (state(lost), state(wrong), state(tired)) == ("READY", "FAILED", "FAILED")


def test_a_site_knows_its_workers_by_machine_and_port_and_no_other_site_s():
    assert site_name("machine", "127.0.0.1:8000") == "machine:8000/"
    assert not site_name("machine", "0.0.0.0:80").startswith(site_name("machine", "0.0.0.0:8000")[:-1])


@pytest.mark.parametrize("problem", [OperationalError("connection refused\nmore"), InterfaceError("closed")])
def test_the_site_outlasts_a_database_that_is_away_and_says_so(problem, capsys, monkeypatch):
    from django.db import connection

    closed = []
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))
    with lasting():
        raise problem
    told = capsys.readouterr().err
    assert closed and str(problem).split("\n")[0] in told and "more" not in told


def test_a_mistake_in_the_code_is_not_taken_for_a_database_that_is_away():
    with pytest.raises(ValueError, match="a mistake"), lasting():
        raise ValueError("a mistake")
