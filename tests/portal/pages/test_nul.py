"""NUL, which PostgreSQL cannot store, is refused in words wherever something may be sent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/odr/enter/firm/", {"number": "TJ-1\0", "code": "1"}),
        ("/sign-in/", {"username": "a\0b", "password": "x"}),
        ("/consumer/contracts/", {"text": "合同\0正文"}),
        ("/complain/status/", {"number\0": "1"}),
    ],
)
@pytest.mark.parametrize("how", ["multipart", "urlencoded"])
def test_a_form_with_nul_in_it_is_refused_in_words(client, path, fields, how):
    if how == "multipart":
        answer = client.post(path, fields)
    else:
        body = "&".join(f"{name}={value}" for name, value in fields.items()).replace("\0", "%00")
        answer = client.post(path, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "空字符（NUL）" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_the_refusal_speaks_english_where_that_is_chosen(client):
    client.cookies["django_language"] = "en"
    answer = client.post("/sign-in/", {"username": "a\0b", "password": "x"})
    assert "the character NUL" in answer.content.decode()


def test_a_file_that_says_a_type_with_nul_is_refused(client):
    file = SimpleUploadedFile("合同.txt", "正文".encode(), "text/plain\0")
    assert client.post("/consumer/contracts/", {"file": file}).status_code == 400


@pytest.mark.parametrize("type_", ["application/json", "text/plain"])
def test_json_with_nul_is_refused_in_the_form_of_the_api(client, type_):
    body = '{"ticket_no": "1", "text": "投诉\\u0000内容"}'
    answer = client.post("/api/v1/complaints/tickets", body, content_type=type_)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message_zh", "message_en"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_with_nul_is_refused_in_whatever_encoding_json_may_come(client, encoding):
    body = '{"text": "a\\u0000"}'.encode(encoding)
    answer = client.post("/api/v1/complaints/tickets", body, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "nul"


def test_a_backslash_before_u0000_is_no_nul(client):
    answer = client.post(
        "/api/v1/complaints/tickets", '{"text": "\\\\u0000"}', content_type="application/json"
    )
    assert answer.status_code != 400


def test_bytes_of_a_file_may_hold_nul_for_its_own_examination_says_what_it_is(client):
    file = SimpleUploadedFile("合同.txt", b"MZ\0\0" * 30, "text/plain")
    assert client.post("/consumer/contracts/", {"file": file}).status_code == 422


def test_a_cookie_with_nul_is_as_if_none_had_come(client, django_assert_num_queries):
    client.cookies["sessionid"] = "\0" * 32
    with django_assert_num_queries(0):
        assert client.get("/no/such/page/").status_code == 404
