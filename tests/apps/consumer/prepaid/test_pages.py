"""S45: the public sees whether the deposit is kept, officers the risk; the calculator answers by the rule."""

import pytest

from tests.engines.registers.declared import desk
from zhijian.apps.consumer.prepaid.registers import FILINGS, ISSUERS

pytestmark = pytest.mark.django_db


def test_the_risk_of_an_issuer_is_for_officers_alone(client):
    keeper = desk.province_keeper(ISSUERS)
    desk.fill(FILINGS, keeper, most=40)
    address = "/registers/prepaid_issuers/entries/YF-0007/"
    public = client.get(address).content.decode()
    assert "存管" in public and "卷款风险" not in public and "BA-0007" not in public
    assert "卷款风险" not in client.get("/registers/prepaid_issuers/statistics/").content.decode()
    keeper.save()
    client.force_login(keeper)
    seen = client.get(address).content.decode()
    assert "卷款风险高" in seen and "退款投诉" in seen and "BA-0007-202610" in seen
    assert "卷款风险分级" in client.get("/registers/prepaid_issuers/statistics/").content.decode()


@pytest.mark.parametrize(
    ("typed", "refund"),
    [
        ({"paid": "1000", "bonus": "200", "used": "300"}, "应退750.00元"),
        ({"paid": "1000", "used": "250", "used_list": "300", "reason": "own"}, "应退700.00元"),
        ({"paid": "1,000元", "used": "800", "used_list": "1100", "reason": "own"}, "应退0.00元"),
    ],
)
def test_the_calculator_gives_the_worked_examples(client, typed, refund):
    assert refund in client.get("/consumer/prepaid/refund/", typed).content.decode()


@pytest.mark.parametrize("wrong", [{"paid": "很多", "used": "1"}, {"paid": "0", "used": "0"}, {"paid": "1", "used": "NaN"},
                                   {"paid": "1", "used": "1", "paid_on": "2999-01-01"},
                                   {"paid": "1", "used": "1", "ended_on": "昨天"},
                                   {"paid": "1", "used": "1", "paid_on": "2026-01-02", "ended_on": "2026-01-01"}])  # fmt: skip
def test_what_cannot_be_computed_is_explained_and_kept(client, wrong):
    answer = client.get("/consumer/prepaid/refund/", wrong)
    assert answer.status_code == 422 and "应退" not in answer.content.decode().split("结果")[1]
    assert f'value="{wrong["paid"]}"' in answer.content.decode()


def test_the_calculator_adds_interest_where_the_days_are_known(client):
    known = {"paid": "1000", "used": "0", "paid_on": "2025-06-01", "ended_on": "2025-12-01"}
    assert "年利率3.00%" in client.get("/consumer/prepaid/refund/", known).content.decode()
    old = {**known, "paid_on": "2018-06-01"}
    assert "请问人工" in client.get("/consumer/prepaid/refund/", old).content.decode()
