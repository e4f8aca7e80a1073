"""The complaints' office with a room: a complaint in mediation, both sides let in."""

import pytest

from tests.apps.consumer.complaints.conftest import journey, office  # noqa: F401 - fixtures


@pytest.fixture
def table(journey, home):  # noqa: F811
    """A room at which both sides sit."""
    from tests.apps.consumer.odr.roomwork import Table

    return Table(journey)
