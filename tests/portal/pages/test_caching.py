"""What an officer was shown stays in no cache; what everybody sees may."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADDRESSES = [
    "/", "/entities/{0}/", "/entities/{0}/versions/", "/data/quarantine/", "/draws/", "/results/", "/sign-in/", "/work/",
    "/work/sw.js", "/work/offline/", "/work/field/session", "/api/v1/entities/{0}/facts", "/api/v1/entities.csv",
    "/components/", "/no/such/page/", "/?nul=%00", "/published/seals/log.json",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_to_an_officer_is_private_and_never_stored(inspected, client, address):
    client.force_login(inspected.officer("one", "inspector"))
    answer = client.get(address.format(inspected.HEMAN))
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_refusal_is_private_too(inspected, client):
    client.force_login(inspected.officer("one", "drawer", division="440305"))
    answer = client.get(f"/work/checks/{inspected.result_id}/")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "private, no-store")


@pytest.mark.parametrize("address", ["/", "/entities/{0}/", "/api/v1/entities/{0}/facts"])
def test_what_everybody_sees_is_not_forbidden_to_caches(inspected, client, address):
    answer = client.get(address.format(inspected.HEMAN))
    assert "no-store" not in answer.headers.get("Cache-Control", "")


def test_signing_out_tells_the_browser_to_drop_its_cache(inspected, client):
    client.force_login(inspected.officer("one", "inspector"))
    answer = client.post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")
