"""S44: officers see what the rule says about a dispute; anyone may ask the rule."""

import pytest

from tests.engines.registers.declared import desk
from zhijian.apps.consumer.warranty.registers import DISPUTES
from zhijian.engines.registers.declared import services

pytestmark = pytest.mark.django_db


def test_a_dispute_shows_what_the_rule_gives_and_whether_it_covers_the_wish(client):
    keeper = desk.province_keeper(DISPUTES)
    keeper.save()
    row = {**desk.demo_rows(DISPUTES, 1)[0], "key": "T-1", "sold_on": "2026-11-01", "fault_on": "2026-11-05",
           "cause_code": "fault", "wanted_code": "退货", "valid_from": "2026-11-10"}  # fmt: skip
    services.add(DISPUTES, row, reason="受理登记", by=keeper, at=desk.AT)
    assert client.get("/registers/warranty_disputes/entries/T-1/").status_code == 403
    client.force_login(keeper)
    page = client.get("/registers/warranty_disputes/entries/T-1/").content.decode()
    assert "售出7日内" in page and "消费者要求退货，符合三包规定" in page
    with pytest.raises(services.WrongRow):
        late = {**row, "key": "T-2", "fault_on": "2026-11-11"}
        services.add(DISPUTES, late, reason="受理登记", by=keeper, at=desk.AT)


def test_anyone_may_ask_the_rule(client):
    typed = {"product": "phone", "sold_on": "2026-01-10", "fault_on": "2026-04-20", "repairs": "2"}
    assert "修了两次仍不能正常使用" in client.get("/consumer/warranty/", typed).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"sold_on": "x"}, {"fault_on": "2025-01-01"}, {"repairs": "两次"}, {"sold_on": "2999-01-01"}]
)
def test_what_cannot_be_judged_is_explained_and_kept(client, wrong):
    typed = {"product": "tv", "sold_on": "2026-01-10", "fault_on": "2026-04-20", **wrong}
    answer = client.get("/consumer/warranty/", typed)
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert next(iter(wrong.values())) in answer.content.decode()


def test_a_return_shows_the_usage_fee_to_the_consumer_and_to_the_officer(client):
    typed = {"product": "phone", "sold_on": "2026-01-10", "fault_on": "2026-04-20", "repairs": "2",
             "repair_days": "8", "waiting_days": "4"}  # fmt: skip
    assert "填上价款" in client.get("/consumer/warranty/", typed).content.decode()
    page = client.get(
        "/consumer/warranty/", {**typed, "price": "3000", "returned_on": "2026-04-20"}
    ).content.decode()
    assert "折旧费最多1,320.00元" in page and "退款1,680.00元" in page
    first_week = {**typed, "fault_on": "2026-01-12", "price": "3000"}
    assert "折旧费最多" not in client.get("/consumer/warranty/", first_week).content.decode()
    keeper = desk.province_keeper(DISPUTES)
    keeper.save()
    row = {**desk.demo_rows(DISPUTES, 1)[0], "key": "T-9", "sold_on": "2026-01-10", "fault_on": "2026-04-18",
           "cause_code": "fault", "product_code": "移动电话", "price_yuan": "3000", "repairs": "2",
           "repair_days": "8", "waiting_days": "4", "has_same_model": "1",
           "valid_from": "2026-04-19", "valid_to": "2026-04-20"}  # fmt: skip
    services.add(DISPUTES, row, reason="受理登记", by=keeper, at=desk.AT)
    client.force_login(keeper)
    assert "折旧费最多1,320.00元" in client.get("/registers/warranty_disputes/entries/T-9/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"price": "三千"}, {"price": "-1"}, {"returned_on": "2026-04-19"}, {"returned_on": "x"}]
)
def test_a_price_or_day_of_return_that_cannot_be_is_explained_and_kept(client, wrong):
    typed = {"product": "tv", "sold_on": "2026-01-10", "fault_on": "2026-04-20", **wrong}
    answer = client.get("/consumer/warranty/", typed)
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert next(iter(wrong.values())) in answer.content.decode()
