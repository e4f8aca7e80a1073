"""Who had a file in hand is a chain that nobody changes unseen; whoever looks is written down."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.apps.supervision.inspection.casework import picture
from tests.portal.pages import town
from zhijian.engines.evidence import access, examining, services
from zhijian.engines.evidence.models import CustodyEvent, EvidenceFile
from zhijian.engines.evidence.purposes import PAPER
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.engines.evidence.services import Owner
from zhijian.engines.facts.append_only import lifted
from zhijian.engines.facts.errors import AppendOnly
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
OWNER = Owner("sample", "7")


@pytest.fixture
def officer(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return town.officer("keeper", "inspector", division="440106")


@pytest.fixture
def photo(home):
    return received(home)


def received(home, data=None, name="小票.jpg", **more):
    given = {"media": home.media, "by": "投诉人", "at": AT} | more
    return services.receive([data or picture()], name, OWNER, **given)


def verbs(file):
    return [(one.sequence, one.verb) for one in services.chain_of(file)]


def test_a_file_is_kept_by_its_hash_and_begins_its_chain(home, photo):
    assert photo.sha256 == hashlib.sha256(picture()).hexdigest()
    assert examining.original_path(home.media, photo.sha256).read_bytes() == picture()
    assert verbs(photo) == [(1, "received")]
    assert services.chain_of(photo)[0].who == "投诉人"
    assert services.broken_links(photo) == []


def test_the_same_file_sent_twice_is_kept_once_and_its_name_says_what_it_is(home, photo):
    assert received(home) == photo
    assert received(home, b"%PDF-1.7\n", "photo.jpg", purpose=PAPER).name == "photo.pdf"
    assert EvidenceFile.objects.count() == 2


def test_a_refused_file_leaves_nothing(home, officer):
    with pytest.raises(RefusedFile):
        received(home, b"MZ\x90\x00")
    assert not EvidenceFile.objects.exists()
    assert not home.media.exists()


def test_every_look_handing_over_and_export_is_a_link(home, photo, officer):
    who = {"by": officer, "at": AT + timedelta(hours=1)}
    place = services.view(photo, "S-7", "display", media=home.media, **who)
    assert place.read_bytes() != picture()
    services.view(photo, "S-7", "thumbnail", media=home.media, **who)
    services.hand_over(photo, to="天河区法院", reason="司法确认", **who)
    data = services.export([photo], reason="移送公安", media=home.media, **who)
    assert verbs(photo) == [(1, "received"), (2, "viewed"), (3, "handed_over"), (4, "exported")]
    assert services.broken_links(photo) == []
    assert AccessRecord.objects.filter(subject="S-7", officer=officer).count() == 2
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.read(f"{photo.sha256[:8]}-小票.jpg") == picture()
    (chain,) = json.loads(archive.read("custody.json"))
    assert [link["verb"] for link in chain["links"]][-1] == "exported"


def test_an_original_that_was_changed_on_disk_is_not_exported(home, photo, officer):
    examining.original_path(home.media, photo.sha256).write_bytes(b"other")
    with pytest.raises(RefusedFile, match="与收到时不同"):
        services.export([photo], reason="移送公安", media=home.media, by=officer, at=AT)
    assert verbs(photo) == [(1, "received")]


def test_neither_program_nor_administrator_changes_the_chain_unseen(home, photo, officer):
    services.hand_over(photo, to="甲", reason="移交", by=officer, at=AT)
    services.hand_over(photo, to="乙", reason="移交", by=officer, at=AT)
    with pytest.raises(AppendOnly):
        services.chain_of(photo)[1].save()
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("UPDATE evidence_custodyevent SET whom = 'x'")
    with lifted(connection):
        connection.cursor().execute("UPDATE evidence_custodyevent SET whom = 'x' WHERE sequence = 2")
    assert services.broken_links(photo) == [(2, "altered")]
    with lifted(connection):
        connection.cursor().execute("DELETE FROM evidence_custodyevent WHERE sequence = 2")
    assert (2, "missing") in services.broken_links(photo)


def test_no_more_than_twenty_files_of_a_case(home):
    for n in range(services.MOST_FILES):
        received(home, b"%%PDF-1.7\n%d" % n)
    with pytest.raises(RefusedFile, match="最多交20个"):
        received(home, b"%PDF-1.7\nmore")


def test_the_page_shows_the_chain_to_whom_the_application_lets_see(client, home, photo, officer, monkeypatch):
    address = f"/work/files/{photo.pk}/"
    client.force_login(officer)
    assert client.get(address).status_code == 403

    def only_keepers(owner_id, asking):
        if asking.username != "keeper":
            raise Forbidden("不", "no")
        return f"sample-{owner_id}"

    monkeypatch.setitem(access._CHECKS, "sample", only_keepers)
    page = client.get(address).content.decode()
    assert photo.sha256 in page
    assert "没有改动" in page
    shown = client.get(f"{address}display/")
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    original = client.get(f"{address}original/")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(original.streaming_content) == picture()
    assert client.post(address, {"to": "", "reason": ""}).status_code == 422
    assert client.post(address, {"to": "法院", "reason": "司法确认"}).status_code == 302
    assert CustodyEvent.objects.filter(verb="handed_over", whom="法院").exists()
    assert AccessRecord.objects.filter(subject="sample-7", part="file_original").count() == 1
    client.force_login(town.officer("other", "handler", division="440106"))
    assert client.get(address).status_code == 403
