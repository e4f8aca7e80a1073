"""A case number is given once, and its serial only goes up, however many ask at one moment."""

import threading
from datetime import UTC, date, datetime
from itertools import count

import pytest
from django.db import connection, transaction

from tests.engines.procedures import drawn
from zhijian.engines.procedures import numbering, services
from zhijian.engines.procedures.models import NumberSeries

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY = date(2026, 9, 23)
AT = datetime(2026, 9, 23, 2, tzinfo=UTC)
_codes = count()


@pytest.fixture
def begin(tmp_path, station):
    code = f"test/numbering_{next(_codes)}"
    drawn.declare(tmp_path, drawn.straight(drawn.node("user", "accept")), code=code)

    def opened(number):
        return services.start_case(
            code, number=number, title="一件测试案件", organisation=station, division_code="440106", data={},
            by=None, at=AT, is_synthetic=True,
        )  # fmt: skip

    return opened


def test_numbers_of_a_kind_and_a_day_follow_one_another_and_each_day_begins_anew():
    assert [numbering.take_of_day("LR", DAY) for _ in range(2)] == ["LR20260923-00001", "LR20260923-00002"]
    assert numbering.take_of_day("YC", DAY) == "YC20260923-00001"
    assert numbering.take_of_day("LR", date(2026, 9, 24)) == "LR20260924-00001"


def test_a_series_begins_above_the_numbers_that_were_given_before_there_was_one(begin):
    begin("LR20260923-00041")
    begin("LR20260923-00007")
    begin("LR20260923-一号")
    assert numbering.take_of_day("LR", DAY) == "LR20260923-00042"


def test_a_case_that_fails_gives_its_number_back():
    with pytest.raises(OSError), transaction.atomic():
        numbering.take_of_day("LR", DAY)
        raise OSError
    assert numbering.take_of_day("LR", DAY) == "LR20260923-00001"


@pytest.mark.django_db(transaction=True)
def test_a_number_is_taken_only_in_the_transaction_that_opens_the_case():
    with pytest.raises(RuntimeError, match="in the transaction"):
        numbering.take_of_day("LR", DAY)


@pytest.mark.django_db(transaction=True)
def test_two_transactions_at_once_get_two_numbers(begin):
    """Each of four threads takes a number and opens its case before it lets go: no number twice, none skipped."""
    given, problems = [], []
    together = threading.Barrier(4)

    def work():
        try:
            together.wait()
            for _ in range(3):
                with transaction.atomic():
                    given.append(begin(numbering.take_of_day("LR", DAY)).number)
        except Exception as problem:  # noqa: BLE001 - told below
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert problems == []
    assert sorted(given) == [f"LR20260923-{n:05d}" for n in range(1, 13)]
    assert NumberSeries.objects.get().last == 12
