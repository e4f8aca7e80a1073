"""A proven report and the people who reward it: the office of the complaints, and finance."""

import pytest


@pytest.fixture
def rewarding(journey, django_user_model):
    """Take a report to its reward, step by step, each by another person."""
    from tests.apps.consumer.complaints.rewards.casework import Rewarding

    journey.office.finance = django_user_model.objects.create(
        username="finance", organisation=journey.office.unit, roles=["finance"], is_synthetic=True
    )
    return Rewarding(journey)
