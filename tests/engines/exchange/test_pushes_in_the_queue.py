"""Pushes run in the background, come back later where they did not arrive, and stop when that does not help."""

import pytest
from django_tasks_db.models import DBTaskResult

from tests.engines.exchange.conftest import AT, approved
from zhijian.engines.exchange import services, webhooks
from zhijian.engines.exchange.models import Arrival, Delivery
from zhijian.operations.jobs import enqueue_pushes, push_grant

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def grant(lake, applicant, steward, receiver):
    grant = approved(lake, applicant, steward, webhook=f"http://127.0.0.1:{receiver.server_port}/in")
    services.issue_key(grant, by=applicant, at=AT)
    return grant


def test_a_failed_push_is_queued_again_for_later_and_one_that_arrived_is_not(grant, receiver):
    receiver.status = 503
    assert push_grant.call(grant.pk) == "answered 503"
    (again,) = DBTaskResult.objects.all()
    assert again.run_after is not None
    assert again.args_kwargs["args"] == [grant.pk, 1]
    receiver.status = 200
    assert push_grant.call(grant.pk, 1) == "sent"
    assert push_grant.call(grant.pk) == "nothing new"
    assert (DBTaskResult.objects.count(), Delivery.objects.count()) == (1, 2)


def test_every_grant_with_a_webhook_and_a_key_is_queued(grant, lake, applicant, steward, receiver):
    approved(lake, applicant, steward)
    approved(lake, applicant, steward, webhook=f"http://127.0.0.1:{receiver.server_port}/in")
    assert enqueue_pushes() == 1


def test_six_failures_in_a_row_stop_the_pushes_until_a_new_key_or_one_that_arrives(
    grant, applicant, steward, receiver, client
):
    receiver.status = 500
    for tries in range(webhooks.TRIES):
        push_grant.call(grant.pk, tries)
    assert DBTaskResult.objects.count() == webhooks.TRIES - 1
    assert webhooks.is_stopped(grant)
    assert enqueue_pushes() == 0
    client.force_login(applicant)
    assert "推送连续6次没有送达" in client.get(f"/data/exchange/applications/{grant.pk}/").content.decode()
    receiver.status = 200
    assert push_grant.call(grant.pk) == "sent"
    assert not webhooks.is_stopped(grant)
    assert Arrival.objects.count() == Delivery.objects.count() == webhooks.TRIES + 1
