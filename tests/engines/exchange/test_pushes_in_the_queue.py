"""Pushes run in the background and come back later where they did not arrive."""

import pytest
from django_tasks_db.models import DBTaskResult

from tests.engines.exchange.conftest import approved
from zhijian.engines.exchange.models import Delivery
from zhijian.operations.jobs import enqueue_pushes, push_grant

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_failed_push_is_queued_again_for_later_and_one_that_arrived_is_not(
    lake, applicant, steward, receiver
):
    grant = approved(lake, applicant, steward, webhook=f"http://127.0.0.1:{receiver.server_port}/in")
    receiver.status = 503
    assert push_grant.call(grant.pk) == "answered 503"
    (again,) = DBTaskResult.objects.all()
    assert again.run_after is not None
    assert again.args_kwargs["args"] == [grant.pk, 1]
    receiver.status = 200
    assert push_grant.call(grant.pk, 1) == "sent"
    assert push_grant.call(grant.pk) == "nothing new"
    assert (DBTaskResult.objects.count(), Delivery.objects.count()) == (1, 2)


def test_every_grant_with_a_webhook_is_queued(lake, applicant, steward, receiver):
    approved(lake, applicant, steward)
    approved(lake, applicant, steward, webhook=f"http://127.0.0.1:{receiver.server_port}/in")
    assert enqueue_pushes() == 1
