"""A firm publishes what arose, corrects it, and everybody reads both versions on its public page."""

from django.test import Client

from tests.portal.pages.test_annual_reports import filer
from tests.portal.pages.town import HEMAN

__all__ = ["filer"]
FORM = "/my/information/transfer/"
TYPED = {"arose_on": "2026-02-20", "holder": "<script>王", "before": "60", "after": "35.5"}


def test_from_a_mistake_that_is_explained_to_a_correction_that_everybody_sees(filer, monkeypatch):
    from tests.portal.pages.test_annual_reports import SPRING

    monkeypatch.setattr("zhijian.portal.views.instant_information.now", lambda: SPRING)
    assert Client().get(f"/entities/{HEMAN}/information/").status_code == 404
    assert "股权变更" in filer.get("/my/information/").content.decode()
    wrong = filer.post(FORM, TYPED | {"after": "355"})
    assert (
        wrong.status_code == 422
        and "0到100" in wrong.content.decode()
        and 'value="355"' in wrong.content.decode()
    )
    assert filer.post(FORM, TYPED)["Location"] == "/my/information/"
    mine = filer.get("/my/information/").content.decode()
    assert "&lt;script&gt;王" in mine and "<script>王" not in mine
    assert filer.get(FORM + "?number=7").status_code == 404
    filer.post(FORM + "?number=1", TYPED | {"after": "30", "reason": "比例填错"})
    public = Client().get(f"/entities/{HEMAN}/information/").content.decode()
    assert "比例填错" in public and "更正前的内容" in public and "35.5" in public
    assert ",after,30" in Client().get(f"/entities/{HEMAN}/information/?format=csv").content.decode()
    entity = Client().get(f"/entities/{HEMAN}/").content.decode()
    assert "股权变更" in entity and f"/entities/{HEMAN}/information/" in entity


def test_without_an_account_nothing_is_published(db, register):
    assert Client().post(FORM, TYPED)["Location"].startswith("/my/sign-in/")
