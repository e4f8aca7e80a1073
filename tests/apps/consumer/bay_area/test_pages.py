"""S01: pages and the councils' door, as visitors, officers and other systems meet them."""

import html
import json
import re

import pytest

from tests.apps.consumer.bay_area.handing import HK, MO, PERSON, ROW
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.apps.consumer.complaints.intake import keys
from zhijian.security.models import AccessRecord

pytestmark = pytest.mark.django_db
FORM = {
    "council": "mo", "language": "zh-hant", "trader_name": "示例手信店", "goods_code": "M01", "currency": "MOP",
    "amount": "320.00", "facts": "买的手信第二天就发霉，店家不肯退款。", "claim": "退款", "name": "示例陈", "phone": "13800004321",
    "consent": "yes",
}  # fmt: skip


def texts(response):
    return response.content.decode()


def test_a_consumer_hands_in_sees_the_status_and_takes_the_consent_back(client, desk):
    sent = client.post("/bay-area/complain/", FORM)
    made = Transfer.objects.get()
    assert sent.status_code == 200
    assert made.number in texts(sent)
    assert "撤回同意" in texts(client.get("/bay-area/status/"))
    after = client.post("/bay-area/status/revoke/", follow=True)
    assert "资料没有转出，已经删除" in texts(after)
    assert Transfer.objects.get().status == "WITHDRAWN"


def test_the_same_form_sent_twice_is_one_transfer_with_one_receipt(client, desk):
    page = texts(client.get("/bay-area/complain/"))
    key = re.search(r'name="send_key" value="([0-9a-f-]{36})"', page)[1]
    refused = client.post("/bay-area/complain/", FORM | {"send_key": key, "consent": ""})
    assert key in texts(refused)
    first, second = (client.post("/bay-area/complain/", FORM | {"send_key": key}) for _ in range(2))
    made = Transfer.objects.get()
    assert made.number in texts(first)
    codes = [re.findall(r'class="big-code"[^>]*>([^<]+)', texts(one)) for one in (first, second)]
    assert codes[0] == codes[1]
    client.cookies.clear()
    asked = client.post("/bay-area/status/", {"number": made.number, "code": codes[0][1]})
    assert asked.status_code == 302
    client.post("/bay-area/complain/", FORM | {"send_key": "x"})
    assert Transfer.objects.count() == 2


def test_without_the_tick_nothing_is_kept_and_what_was_typed_is_there(client, desk):
    again = client.post("/bay-area/complain/", FORM | {"consent": "", "currency": "USD"})
    assert again.status_code == 422
    assert "没有您的单独同意" in texts(again)
    assert "不认识这种货币" in texts(again)
    assert "示例手信店" in texts(again)
    assert not Transfer.objects.exists()


def test_script_in_every_field_is_shown_as_text(client, desk):
    bad = "<script>alert(1)</script>"
    words = dict.fromkeys(
        ("trader_name", "facts", "claim", "evidence", "goods", "trader_address", "name"), bad
    )
    client.post("/bay-area/complain/", FORM | words)
    client.force_login(desk.handler)
    number = Transfer.objects.get().number
    for page in (f"/work/cases/{Transfer.objects.get().case_id}/", f"/work/bay-area/{number}/", "/work/bay-area/", "/bay-area/status/"):  # fmt: skip
        assert bad not in texts(client.get(page))


def test_a_wrong_code_opens_nothing(client, desk):
    client.post("/bay-area/complain/", FORM)
    client.cookies.clear()
    asked = client.post("/bay-area/status/", {"number": Transfer.objects.get().number, "code": "0000-0000"})
    assert asked.status_code == 404
    assert "示例手信店" not in texts(client.get("/bay-area/status/"))


def test_no_page_shows_what_leaves_as_words_of_its_own(client, desk):
    sent = desk.sent()
    client.force_login(desk.handler)
    for place in (f"/work/bay-area/{sent.number}/", f"/work/cases/{sent.case_id}/"):
        assert "Message object" not in texts(client.get(place))


def test_wrong_codes_are_counted_by_the_number_whatever_the_device(client, desk):
    number = desk.hand_in().number
    tried = []
    for _try in range(11):
        client.cookies.clear()
        tried.append(client.post("/bay-area/status/", {"number": number, "code": "0000-0000"}).status_code)
    assert tried == [404] * 10 + [429]


def test_the_page_explains_in_three_languages(client, desk):
    pages = {}
    for language in ("zh-hans", "zh-hant", "en"):
        client.post("/i18n/setlang/", {"language": language, "next": "/bay-area/"})
        pages[language] = texts(client.get("/bay-area/"))
    assert "依法不能告诉我们的" in pages["zh-hans"]
    assert "依法不能告訴我們的" in pages["zh-hant"]
    assert "Personal Data (Privacy) Ordinance" in pages["en"]


def test_officers_see_the_person_only_on_a_page_that_writes_the_look_down(client, desk):
    transfer = desk.hand_in()
    client.force_login(desk.handler)
    assert PERSON.phone not in texts(client.get(f"/work/cases/{transfer.case_id}/"))
    assert PERSON.phone not in texts(client.get("/work/bay-area/"))
    assert PERSON.phone in texts(client.get(f"/work/bay-area/{transfer.number}/"))
    assert AccessRecord.objects.filter(subject=transfer.number, officer=desk.handler).exists()
    client.force_login(desk.journey.office.handler)
    assert client.get("/work/bay-area/").status_code == 403
    assert client.get(f"/work/bay-area/{transfer.number}/").status_code == 403


def test_an_officer_opens_a_transfer_from_a_complaint(client, desk):
    complaint = desk.journey.accepted()
    client.force_login(desk.leader)
    form = FORM | {"complaint": complaint.number, "way": "9月21日电话询问，本人同意，已说明可以撤回"}
    assert client.post("/work/bay-area/new/", form | {"complaint": "TS-0"}).status_code == 422
    made = client.post("/work/bay-area/new/", form, follow=True)
    assert Transfer.objects.get().complaint == complaint
    assert complaint.number in texts(made)


def test_statistics_show_no_small_number_and_the_file_says_synthetic(client, desk):
    desk.hand_in()
    page = texts(client.get("/bay-area/statistics/"))
    assert "＜5" in page
    answer = client.get("/bay-area/statistics/?format=csv")
    assert "SYNTHETIC" in answer["Content-Disposition"]


def test_a_case_s_page_calls_the_other_side_s_messages_by_english_names(client, desk):
    transfer = desk.hear(desk.sent(), "ACKNOWLEDGED")
    client.force_login(desk.handler)
    client.cookies["django_language"] = "en"
    page = texts(client.get(f"/work/cases/{transfer.case_id}/"))
    assert "The other side's receipt" in html.unescape(page)
    assert "Message 对方回执" not in page and 'lang="zh-Hans">对方回执' not in page


@pytest.fixture
def ask(client, desk):
    def shown(council, system=None):
        at, unit = desk.at, desk.handler.organisation
        return keys.issue(
            f"示例{council.code}",
            system or council.system,
            unit,
            by=None,
            at=at,
            randomness=desk.random.randbytes,
        )

    tokens = {"hk": shown(HK), "mo": shown(MO), "hotline": shown(HK, "hotline_12345")}

    def asked(path, content=None, who="hk", base="/api/v1/bay-area"):
        head = {"authorization": f"Bearer {tokens[who]}"}
        if content is None:
            return client.get(base + path, headers=head)
        return client.post(base + path, json.dumps(content), content_type="application/json", headers=head)

    return asked


def test_a_council_delivers_once_and_reads_how_it_stands(ask):
    assert [ask("/deliveries", ROW).status_code for _ in range(2)] == [201, 200]
    changed = ask("/deliveries", ROW | {"facts": "換了內容的投訴經過。"})
    assert (changed.status_code, changed.json()["error"]["code"]) == (409, "content_changed")
    bad = ask("/deliveries", ROW | {"reference": "X2", "currency": "USD"})
    assert bad.status_code == 422
    assert "USD" in bad.json()["error"]["message_en"]
    seen = ask(f"/cases/{ROW['reference']}")
    assert seen.json()["status"] == "ACKNOWLEDGED"
    assert ROW["consumer_name"] not in texts(seen)
    assert ask(f"/cases/{ROW['reference']}", who="mo").status_code == 404


def test_a_council_answers_in_order_and_only_its_own(ask, desk):
    sent = desk.sent()
    replies = f"/cases/{sent.number}/replies"
    assert ask(replies, {"message_no": "1", "status": "IN_CONTACT"}).status_code == 409
    assert ask(replies, {"message_no": "1", "status": "ACKNOWLEDGED"}, who="mo").status_code == 404
    assert [ask(replies, {"message_no": "1", "status": "ACKNOWLEDGED"}).status_code for _ in range(2)] == [
        201,
        200,
    ]
    assert (
        ask("/cases/WB-20260101-000000-0/replies", {"message_no": "1", "status": "ACKNOWLEDGED"}).status_code
        == 404
    )


def test_a_council_does_not_read_what_the_consumer_was_told(ask, desk):
    sent = desk.hear(desk.hear(desk.sent(), "ACKNOWLEDGED"), "SETTLED", "已退款")
    desk.do(sent, "tell_consumer", desk.handler, words="示例陈小明，已电话告知您退款。", way="phone")
    steps = ask(f"/cases/{sent.number}").json()["steps"]
    assert [one["note"] for one in steps if one["note"]] == ["已退款"]


def test_keys_open_only_their_own_door(ask):
    assert ask("/deliveries", ROW, who="hotline").status_code == 401
    assert ask("/tickets/1", base="/api/v1/complaints").status_code == 401
