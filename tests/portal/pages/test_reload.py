"""An address where things are only posted leads a browser that reloads it to the page it belongs to."""

import pytest

pytestmark = pytest.mark.django_db
READER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/odr/enter/firm/", "/odr/"),
        ("/odr/leave/", "/odr/"),
        ("/complain/begin/", "/complain/"),
        ("/complain/leave/", "/complain/"),
    ],
)
def test_a_reloaded_tab_comes_to_the_page_above(client, address, page):
    answer = client.get(address, headers=READER)
    assert (answer.status_code, answer.headers["Location"]) == (302, page)


def test_a_program_still_hears_that_the_method_is_wrong(client):
    assert client.get("/complain/begin/", headers={"Accept": "application/json"}).status_code == 405
    assert client.put("/complain/begin/", headers=READER).status_code == 405
