"""Feedback on the handling (S46): once for a matter, by whoever holds the receipt; no unit's few ratings are shown."""

from datetime import datetime
from unittest.mock import patch

import pytest

from tests.apps.consumer.complaints.intake import citizen
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 22, 10, 42, tzinfo=ZONE)
GOOD = {"is_solved": "yes", "speed": "5", "clarity": "4", "fairness": "5", "words": "谢谢"}


def test_a_finished_complaint_is_rated_once_and_only_with_its_receipt(client, shops, units):
    from zhijian.apps.consumer.complaints.intake.models import Rating

    with patch("zhijian.apps.consumer.complaints.public_pages._now", return_value=NOW):
        citizen.send(client)
        assert client.get("/complain/status/rate/").status_code == 302  # not finished yet
        client.post("/complain/status/withdraw/", {"sure": "yes"})
        assert "请您评价" in client.get("/complain/status/").content.decode()
        lacking = client.post("/complain/status/rate/", {"is_solved": "yes"})
        assert lacking.status_code == 422
        client.post("/complain/status/rate/", GOOD)
        client.post("/complain/status/rate/", GOOD | {"speed": "1"})
        assert "您已经评价过" in client.get("/complain/status/").content.decode()
        client.cookies.clear()
        client.post("/complain/status/rate/", GOOD)
    rating = Rating.objects.get()
    assert (rating.speed, rating.organisation) == (5, units["440106"])


def test_fewer_than_ten_ratings_of_a_unit_are_counted_but_not_shown(client, journey):
    from zhijian.apps.consumer.complaints.intake import rating

    given = {"is_solved": "partly", "speed": 2, "clarity": 3, "fairness": 4, "words": ""}
    for number in range(1, 11):
        complaint = journey.message(journey.complaint(), "withdrawn")
        matter = rating.open_for(complaint.submission)
        rating.rate(matter, given, by=None, at=NOW)
        page = client.get("/complain/feedback/").content.decode()
        table = client.get("/complain/feedback.csv").content.decode("utf-8-sig")
        assert ("份数太少，不显示" in page, "<10" in table) == (number < 10, number < 10)
    assert '<td class="num">2.0</td>' in page and ",10,2.00,3.00,4.00,0.00" in table
    assert rating.unit_line(journey.office.unit).count == 10
