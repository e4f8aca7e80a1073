"""What nobody but an officer may know: two homes that differ in nothing but entities' classes answer alike."""

import html
import re
import shutil
import zipfile
from hashlib import sha256
from io import BytesIO
from urllib.parse import parse_qs, urljoin, urlsplit

import pyarrow as pa
import pytest

from tests.datazone.refresh.province import AS_OF, AT, first_delivery
from tests.portal.pages import town
from zhijian.apps.supervision.inspection.models import Check
from zhijian.datazone.lake import Lake
from zhijian.datazone.refresh import refresh
from zhijian.engines.registers import build
from zhijian.infrastructure.home import Home

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CLASS, SCORE = "mart_credit_class", "mart_credit_score"
NEXT = dict(zip("ABCD", "CDAB", strict=True))
LINK = re.compile(r"""\s(?:href|src|action|hx-get)=["']([^"'#]+)""")
# What may differ: the token against forged forms, the nonce of the policy, and the address asked for.
PASSING = re.compile(
    rb"""csrfmiddlewaretoken["'] value=["']\w+|send_key["'] value=["'][\w-]+|nonce[-=]["']?[\w+/=-]+|name="next" value="[^"]*\""""
)
WRITTEN = re.compile(
    rb"<time .*?</time>|\d{4}-\d\d-\d\dT[\d:.+]+"
)  # when the catalogue says a table was written
PER_PATH = 1  # addresses of one page that differ in the values of their parameters alone
PARAMETERS = (
    "class=D", "class_code=D", "credit_class=D", "score=900", "sort=score", "order=-score", "order_by=class_code",
    "risk=high", "by=class_code", "fields=class_code", "columns=class_code", "format=all", "debug=1", "stratum=S002",
)  # fmt: skip
# Not linked by a public page, or only by its script.
UNLINKED = (
    "/sitemap.xml", "/robots.txt", "/no/such/page/", "/entities/0/", "/entities/suggest/?q=示例",
    "/api/v1/openapi.json", "/api/v1/entities/suggest?q=示例", "/api/v1/entities?size=100", "/api/v1/entities.csv",
    "/api/v1/entities.xlsx", "/api/v1/entities?sort=score", "/api/v1/entities?class_code=D",
    "/api/v1/entities/counts?by=class_code", "/api/v1/exchange/credit-class/rows?purpose=x",
    "/data/catalogue/mart_credit_class/", "/data/catalogue/mart_credit_score/", "/data/catalogue/?format=csv",
    "/work/", "/published/draws/ledger.json", "/published/seals/log.json", "/entities/?class=D", "/?nul=%00",
    *(f"/api/v1/entities/counts?by={by}" for by in ("status_code", "industry_section", "entity_kind_code")),
)  # fmt: skip


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    """A refreshed lake of invented entities, with every model's table."""
    folder = Home(tmp_path_factory.mktemp("secrecy"))
    lake = Lake(folder.lake)
    first_delivery(lake, seed=5, entities=40)
    refresh(lake, as_of=AS_OF, at=AT)
    return folder


def rewritten(lake, table, changes):
    """Write a table again with some columns' values replaced."""
    rows = lake.read(table)
    for name, change in changes.items():
        if name in rows.column_names:
            place = rows.column_names.index(name)
            values = [value if value is None else change(value) for value in rows[name].to_pylist()]
            rows = rows.set_column(place, rows.field(name), pa.array(values, rows.field(name).type))
    lake.write(table, rows)


@pytest.fixture
def homes(home, province, tmp_path):
    """Two homes: as rated, and with every class changed and every score turned around."""
    found = []
    for name, code, score in (
        ("as_rated", str, int),
        ("otherwise", NEXT.get, lambda value: 1000 - int(value)),
    ):
        folder = Home(tmp_path / name)
        shutil.copytree(province.root, folder.root)
        lake = Lake(folder.lake)
        rewritten(lake, CLASS, {"class_code": code, "score": score})
        rewritten(lake, SCORE, {"score": score})
        build(lake, folder.serving, at=AT)
        found.append(folder)
    return found


@pytest.fixture
def drawn(db, homes, settings, monkeypatch):
    """In both homes one published inspection, one finished draw and a seal; return the entity inspected."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    uscc = Lake(homes[0].lake).read(CLASS)["uscc"].to_pylist()[0]
    monkeypatch.setattr(town, "HEMAN", uscc)
    first, other = homes
    use(first, settings, monkeypatch)
    town.inspect()
    town.draw()
    town.seal()
    for name in ("published", "media", "private"):
        if (first.root / name).exists():
            shutil.copytree(first.root / name, other.root / name, dirs_exist_ok=True)
    return uscc


def use(folder, settings, monkeypatch):
    monkeypatch.setenv("ZHIJIAN_HOME", str(folder.root))
    settings.HOME = folder
    settings.MEDIA_ROOT = folder.media


def body_of(answer):
    """Return all that an answer says; of a zipped workbook its parts, for they carry the time of zipping."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "spreadsheet" in answer.headers.get("Content-Type", ""):
        with zipfile.ZipFile(BytesIO(body)) as book:
            parts = {name: book.read(name) for name in sorted(book.namelist()) if "docProps" not in name}
        return repr(parts).encode()
    return PASSING.sub(b"", body)


def told(client, address):
    """Return the status, headers and body of an anonymous answer, and the links in it."""
    client.cookies.clear()
    answer = client.get(address)
    body = body_of(answer)
    if address.startswith("/data/catalogue/"):
        body = WRITTEN.sub(b"", body)
    headers = tuple(
        (name, PASSING.sub(b"", value.encode()))
        for name, value in sorted(answer.items())
        if name
        not in {"Content-Length", "Expires", "X-Request-ID"}  # the last is drawn anew for each request
    )
    is_page = "html" in answer.headers.get("Content-Type", "") or "location" in answer.headers
    links = LINK.findall(body.decode("utf-8", "replace")) if is_page else []
    links += [answer.headers["Location"]] if answer.headers.get("Location") else []
    return (answer.status_code, headers, body), links


def crawled(client, first):
    """Return what every address that can be reached answers, by address."""
    waiting, seen, by_path, answers = list(first), set(first), {}, {}
    while waiting:
        address = waiting.pop(0)
        answers[address], links = told(client, address)
        for link in links:
            parts = urlsplit(urljoin(address, html.unescape(link)))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if (parts.netloc and parts.netloc != "testserver") or not target.startswith("/"):
                continue
            if target.startswith("/static/") or target in seen:
                continue
            kind = (
                re.sub(r"[0-9A-Z]{18}|[0-9a-f-]{36}|\d{6}", "*", parts.path),
                *sorted(parse_qs(parts.query)),
            )
            by_path[kind] = by_path.get(kind, 0) + 1
            seen.add(target)
            if by_path[kind] <= PER_PATH:
                waiting.append(target)
    return answers


def test_no_public_answer_tells_the_class_of_an_entity(homes, drawn, client, settings, monkeypatch):
    starts = ["/", *UNLINKED, f"/entities/{drawn}/", f"/entities/{drawn}/class/", f"/api/v1/entities/{drawn}"]
    starts += [f"/api/v1/entities/{drawn}/{part}" for part in ("facts", "versions", "class", "credit")]
    answers = []
    for number, folder in enumerate(homes):
        use(folder, settings, monkeypatch)
        Check.objects.update(stratum=f"S00{number + 1}")
        answers.append(crawled(client, starts))
    one, other = answers
    assert one.keys() == other.keys()
    assert len(one) > 100 and {"/draws/", "/results/", "/data/catalogue/", "/themes/"} <= one.keys()
    assert [address for address in one if one[address] != other[address]] == []


def test_no_parameter_that_names_class_score_or_stratum_changes_an_answer(
    homes, drawn, client, settings, monkeypatch
):
    use(homes[0], settings, monkeypatch)
    pages = (
        "/", "/entities/", f"/entities/{drawn}/", f"/entities/{drawn}/versions/", "/entities/suggest/", "/draws/",
        "/results/", "/data/", "/data/activity/", "/themes/", "/api/v1/entities", "/api/v1/entities.csv",
        f"/api/v1/entities/{drawn}", f"/api/v1/entities/{drawn}/facts",
    )  # fmt: skip
    changed = []
    for page in pages:
        plain = sha256(told(client, page)[0][2]).digest()
        changed += [
            f"{page}?{more}"
            for more in PARAMETERS
            if sha256(told(client, f"{page}?{more}")[0][2].replace(more.encode(), b"")).digest() != plain
        ]
    assert changed == []
