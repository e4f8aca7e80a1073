"""What an attacker would try first: forms sent from elsewhere, ways out of the site, bombs, guesses from a shared address."""

import io
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from zhijian.apps.consumer.contracts import reading
from zhijian.engines.evidence import examining
from zhijian.engines.evidence.purposes import DOCX, JPEG, PAPER, PDF, PHOTO, PNG, XLSX
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.portal import uploads
from zhijian.security.models import Officer, Organisation, Role

PASSWORD = "correct horse battery"
FIELD = "work/field/"
ROOT = Path(__file__).resolve().parents[2]


def addresses(within=None, before=""):
    """Every address of the site with its view."""
    for one in (within or get_resolver()).url_patterns:
        where = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one, where)
        elif isinstance(one, URLPattern):
            yield where, one.callback


# ------------------------------------------------------------------------------------------------ forms from elsewhere


def test_only_these_addresses_take_a_form_without_a_token_and_none_of_them_changes_a_record_of_somebody():
    open_ = {where for where, view in addresses() if getattr(view, "csrf_exempt", False)}
    assert {where for where in open_ if not where.startswith(("api/", FIELD))} == {
        "consumer/contracts/",  # an anonymous count
        "i18n/setlang/",  # a preference of how to read
        "preferences/elder/",  # likewise
        "sign-out/outside/notice/",  # the identity provider posts here; its signature is the proof
        "warnings/unsubscribe/<str:code>/",  # a mail program posts here; the code of the link is the proof
    }


@pytest.mark.django_db
def test_the_phone_s_own_interface_asks_for_the_token_itself(home):
    officer = Officer.objects.create_user("clerk", password=PASSWORD, roles=[Role.INSPECTOR])
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer)
    tried = [
        where
        for where, view in addresses()
        if where.startswith(FIELD) and getattr(view, "csrf_exempt", False)
    ]
    taken = {
        where: browser.post(f"/{re.sub('<.*?>', '1', where)}", {}, "application/json").status_code
        for where in tried
    }
    assert len(tried) >= 4 and set(taken.values()) <= {403, 405}, taken


@pytest.mark.django_db
def test_a_form_without_a_token_is_refused_at_every_address_even_with_an_officer_s_cookie(home):
    officer = Officer.objects.create_user("clerk", password=PASSWORD, roles=[Role.INTAKE])
    browser = Client(enforce_csrf_checks=True, HTTP_HOST="testserver")
    browser.force_login(officer)
    tried = [
        where for where, view in addresses()
        if re.fullmatch(r"[a-z0-9/_-]+/", where) and not where.startswith("api/")
        and not getattr(view, "csrf_exempt", False)
    ]  # fmt: skip
    assert len(tried) > 100
    taken = {where: browser.post(f"/{where}", {"act": "x"}).status_code for where in tried}
    assert {where: status for where, status in taken.items() if status != 403} == {}


# ------------------------------------------------------------------------------------------------ ways out


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "javascript:alert(1)",
     "https:evil.example", "/\t/evil.example/", "http://testserver.evil.example/", "//testserver@evil.example/"],
)  # fmt: skip
def test_no_address_that_somebody_hands_over_leads_out_of_the_site(home, target):
    Officer.objects.create_user("clerk", password=PASSWORD, roles=[Role.INTAKE])
    browser = Client()
    signed_in = browser.post("/sign-in/", {"username": "clerk", "password": PASSWORD, "next": target})
    answers = [
        signed_in,
        browser.post("/i18n/setlang/", {"language": "en", "next": target}),
        browser.post("/preferences/elder/", {"elder": "1", "next": target}),
    ]
    for answer in answers:
        assert answer.status_code == 302 and "evil" not in answer["Location"]
        assert answer["Location"].startswith("/") and not answer["Location"].startswith(("//", "/\\"))


# ------------------------------------------------------------------------------------------------ bombs


def lying(data, real, told):
    """The same archive, whose directory and headers say that its largest member is small."""
    return data.replace(struct.pack("<L", real), struct.pack("<L", told))


def word(body):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", body)
    return out.getvalue()


def test_a_bomb_that_says_it_is_small_is_never_unpacked_whole():
    size = 60_000_000
    bomb = lying(word(b"<a>" + b" " * (size - 3)), size, 2_000)
    assert len(bomb) < 100_000
    (entry,) = [
        one for one in zipfile.ZipFile(io.BytesIO(bomb)).infolist() if one.filename.startswith("word/")
    ]
    assert entry.file_size == 2_000, "the lie is in place"
    with pytest.raises(RefusedFile):
        reading.read_file([bomb], "contract.docx")


def test_a_bomb_that_says_what_it_is_is_refused_by_its_directory_alone():
    bomb = word(b"<a>" + b" " * 60_000_000)
    for look in (
        lambda: examining.examine(bomb, "letter.docx", PAPER),
        lambda: reading.read_file([bomb], "a.docx"),
    ):
        with pytest.raises(RefusedFile) as refused:
            look()
        assert "大得不正常" in str(refused.value.args)


def test_a_picture_of_a_thousand_million_pixels_is_refused_before_it_is_drawn():
    png = b"\x89PNG\r\n\x1a\n" + (lambda head: struct.pack(">L", 13) + b"IHDR" + head + b"\0\0\0\0")(
        struct.pack(">LLBBBBB", 32_000, 32_000, 8, 2, 0, 0, 0)
    )
    with pytest.raises(RefusedFile):
        examining.examine(png, "a.png", PHOTO)


def test_kinds_and_sizes_of_files_that_are_taken_stand_in_the_how_to():
    told = (ROOT / "docs" / "how-to" / "forms-files-papers-notices.md").read_text("utf-8")
    for purpose in (PHOTO, PAPER):
        assert f"one file {purpose.limit_bytes >> 20} MB" in told
        for mime in purpose.mimes:
            assert {JPEG: "JPG", PNG: "PNG", PDF: "PDF", DOCX: "docx", XLSX: "xlsx"}[mime] in told
    assert f"One request takes at most {uploads.LIMIT_REQUEST_BYTES >> 20} MB" in told


# ------------------------------------------------------------------------------------------------ guesses


@pytest.mark.django_db
def test_five_wrong_guesses_lock_one_name_and_not_the_colleague_at_the_same_address(home):
    unit = Organisation.objects.create(
        code="u-440106", name="示例局", name_en="Sample", level="county", division_code="440106"
    )
    for name in ("first", "second"):
        Officer.objects.create_user(name, password=PASSWORD, organisation=unit, roles=[Role.INTAKE])
    office = {"REMOTE_ADDR": "10.9.8.7"}

    def tries(name, password, **more):
        typed = {"username": name, "password": password}
        return Client(**{**office, **more}).post("/sign-in/", typed).status_code

    assert [tries("first", "wrong") for _ in range(5)][-1] == 429
    assert tries("first", PASSWORD) == 429
    assert tries("second", PASSWORD) == 302
    assert (
        tries("first", PASSWORD, REMOTE_ADDR="10.9.8.8") == 302
    )  # nobody locks the officer out from elsewhere


# ------------------------------------------------------------------------------------------------ cookies and TLS


def test_behind_tls_no_other_host_can_set_a_cookie_of_ours(home):
    asked = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        "s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SESSION_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH,"
        "s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    )
    more = {"ZHIJIAN_HTTPS": "1", "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    run = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, env={**os.environ, **more}
    )
    assert run.stdout.split() == [
        "__Host-sessionid", "__Host-csrftoken", "__Host-django_language", "True", "True", "True", "None", "/",
        "31536000", "True",
    ], run.stderr  # fmt: skip


@pytest.mark.django_db
def test_without_tls_a_person_is_led_on_and_a_program_is_refused_in_words(home, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    browser = Client()
    led = browser.get("/entities/", {"q": "1"})
    assert (led.status_code, led["Location"]) == (301, "https://testserver/entities/?q=1")
    for path in ("/api/v1/registers", "/api/v1/complaints/tickets", "/metrics"):
        for refused in (browser.get(path), browser.post(path, {})):
            assert refused.status_code == 403 and "Location" not in refused, path
            assert refused.json()["error"]["code"] == "https_only"
    assert browser.get("/healthz/live").status_code == 200
    assert browser.get("/api/v1/registers", HTTP_X_FORWARDED_PROTO="https").status_code == 200


def test_the_field_page_finds_its_token_under_either_name():
    script = ROOT / "src/zhijian/portal/static/zhijian/field/field.js"
    (rule,) = re.findall(r"document\.cookie\.match\(/(.+?)/\)", script.read_text("utf-8"))
    for name in ("csrftoken", "__Host-csrftoken"):
        assert re.search(rule, f"a=1; {name}=abc; b=2")[1] == "abc"
    assert re.search(rule, "xcsrftoken=abc") is None
