"""What goes to the court, and to third-party bodies."""

import hashlib
import io
import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from tests.apps.consumer.complaints.casework import CONSUMER as PERSON
from tests.apps.consumer.complaints.casework import DISPUTE
from tests.apps.consumer.complaints.intake.citizen import photo
from zhijian.apps.consumer.odr import packages, referrals, rules, services
from zhijian.apps.consumer.odr.errors import BadInput, NoRoom, NotJoint, OdrRefused, TermOver
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, DisputeBody
from zhijian.engines.evidence import services as evidence
from zhijian.engines.facts.models import Fact
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ALL_TICKED = {want.code: True for want in rules.WANTS}


def opened(package):
    data = packages.path_of(package).read_bytes()
    assert hashlib.sha256(data).hexdigest() == package.sha256
    return zipfile.ZipFile(io.BytesIO(data))


def check_manifest(archive):
    manifest = json.loads(archive.read("manifest.json"))
    for one in manifest["files"]:
        assert hashlib.sha256(archive.read(one["name"])).hexdigest() == one["sha256"]
    assert {one["name"] for one in manifest["files"]} | {"manifest.json"} == set(archive.namelist())
    return manifest


def hand_in(table, side, home, colour, *, discloses=False):
    return services.hand_in(
        table.room, [photo(colour)], f"{PERSON.name}.jpg", side=side, discloses=discloses, media=home.media, by=None, at=table.now
    )  # fmt: skip


def test_both_ask_together_and_the_court_gets_paper_record_and_evidence(table, home):
    hand_in(table, CONSUMER, home, "red", discloses=True)
    hand_in(table, FIRM, home, "blue")
    services.note_to(table.room, "底线悄悄话", to=FIRM, by=table.office.mediator, at=table.now)
    made = table.conclude()
    services.ask_for_court(table.room, side=CONSUMER, by=None, at=table.now)
    with pytest.raises(NotJoint, match="共同"):
        packages.issue_judicial(table.room, by=table.office.mediator, at=table.now)
    with pytest.raises(OdrRefused, match="提出过"):
        services.ask_for_court(table.room, side=CONSUMER, by=None, at=table.now)
    services.ask_for_court(table.room, side=FIRM, by=None, at=table.now)
    package = packages.issue_judicial(table.room, by=table.office.mediator, at=table.now)
    archive = opened(package)
    manifest = check_manifest(archive)
    assert (manifest["agreement_sha256"], manifest["ask_by"]) == (made.agreement.digest, "2026-10-21")
    assert archive.read("02-调解书.pdf").startswith(b"%PDF")
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "ignore")
    assert "底线悄悄话" not in whole and PERSON.phone not in whole and PERSON.name not in whole
    listed = archive.read("05-证据清单.csv").decode("utf-8-sig").splitlines()
    assert len(listed) == 2 and "消费者材料1" in listed[1]
    assert Fact.objects.get(kind="odr.handed_over").payload["package_sha256"] == package.sha256
    assert table.room.events.get(verb="package").data["sha256"] == package.sha256
    assert packages.open_to(package, FIRM)


def test_after_thirty_days_the_court_is_not_asked_any_more(table):
    table.conclude()
    table.later(31)
    with pytest.raises(TermOver, match="30日"):
        services.ask_for_court(table.room, side=CONSUMER, by=None, at=table.now)
    with pytest.raises(TermOver):
        packages.issue_judicial(table.room, by=table.office.mediator, at=table.now)


def test_a_failed_mediation_goes_to_the_court_as_a_small_claim(table, home):
    hand_in(table, CONSUMER, home, "red")
    hand_in(table, FIRM, home, "blue")
    claim = packages.Claim(Decimal("58.00"), ALL_TICKED)
    mediator = table.office.mediator
    with pytest.raises(OdrRefused, match="没有达成"):
        packages.issue_small_claim(table.room, claim, by=mediator, at=table.now)
    services.end_without(table.room, statement="商家拒绝。", by=mediator, at=table.now)
    with pytest.raises(BadInput, match="下落明确"):
        lacking = packages.Claim(Decimal("58.00"), {**ALL_TICKED, "reachable": False})
        packages.issue_small_claim(table.room, lacking, by=mediator, at=table.now)
    with pytest.raises(Forbidden):
        packages.issue_small_claim(table.room, claim, by=table.office.other_handler, at=table.now)
    package = packages.issue_small_claim(table.room, claim, by=mediator, at=table.now)
    archive = opened(package)
    assert check_manifest(archive)["way"] == "small"
    originals = zipfile.ZipFile(io.BytesIO(archive.read("07-证据原件.zip")))
    assert len(originals.namelist()) == 2 and "custody.json" in originals.namelist()
    assert packages.open_to(package, CONSUMER) and not packages.open_to(package, FIRM)


def located_photo(colour):
    """A photo that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "FIRMCAMERA"
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 7.0, 45.0)})
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_the_consumer_takes_the_own_originals_and_of_the_firm_s_only_what_the_room_showed(table, home):
    mediator = table.office.mediator
    own = hand_in(table, CONSUMER, home, "red")
    evidence.view(own.file, "x", "original", media=home.media, by=mediator, at=table.now)
    data = {"side": FIRM, "discloses": True, "media": home.media, "by": None, "at": table.now}
    services.hand_in(table.room, [located_photo("blue")], "店员李四.jpg", **data)
    services.end_without(table.room, statement="商家拒绝。", by=mediator, at=table.now)
    claim = packages.Claim(Decimal("58.00"), ALL_TICKED)
    archive = opened(packages.issue_small_claim(table.room, claim, by=mediator, at=table.now))
    check_manifest(archive)
    originals = zipfile.ZipFile(io.BytesIO(archive.read("07-证据原件.zip")))
    custody = json.loads(originals.read("custody.json"))
    assert [one["sha256"] for one in custody] == [own.file.sha256]
    assert [link["verb"] for link in custody[0]["links"]] == ["received", "viewed", "exported"]
    assert [link["who"] for link in custody[0]["links"]][1:] == ["工作人员，示例天河区局"] * 2
    shown = archive.read("08-对方公开的材料/商家材料2.jpg")
    assert b"FIRMCAMERA" not in shown and not Image.open(io.BytesIO(shown)).getexif()
    everything = [archive.read(name) for name in archive.namelist()]
    everything += [originals.read(name) for name in originals.namelist()]
    for secret in (b"FIRMCAMERA", "李四".encode(), mediator.display_name.encode()):
        assert not any(secret in one for one in everything)


@pytest.fixture
def body(db):
    from tests.apps.consumer.complaints.casework import at

    return DisputeBody.objects.create(
        key="JG-T1", name="示例行业调解中心", division_code="440106", kind_code="trade", scope="消费", address="示例路",
        phone="020-00000000", valid_from=date(2026, 1, 1), changed_at=at(date(2026, 1, 1)), is_synthetic=True,
    )  # fmt: skip


def test_a_complaint_is_referred_with_consent_and_answered_once_in_its_time(journey, body):
    from dataclasses import replace

    from tests.apps.consumer.complaints.casework import at

    now, by = at(journey.day), journey.office.handler
    unwilling = journey.accepted()
    with pytest.raises(OdrRefused, match="没有同意"):
        referrals.refer(unwilling, body_key=body.key, reason="行业争议", by=by, at=now)
    complaint = journey.accepted(complaint=replace(DISPUTE, consents_to_delegation=True))
    with pytest.raises(NoRoom, match="名录里没有"):
        referrals.refer(complaint, body_key="JG-NONE", reason="行业争议", by=by, at=now)
    with pytest.raises(Forbidden):
        referrals.refer(
            complaint, body_key=body.key, reason="行业争议", by=journey.office.other_handler, at=now
        )
    made = referrals.refer(complaint, body_key=body.key, reason="行业争议", by=by, at=now)
    assert made.due_on == date(2026, 10, 12)  # over both holidays, with the working Saturday
    assert referrals.light(made, today=journey.day) == "green"
    assert referrals.light(made, today=made.due_on + timedelta(days=1)) == "red"
    with pytest.raises(OdrRefused, match="没有结果"):
        referrals.refer(complaint, body_key=body.key, reason="再转一次", by=by, at=now)
    with pytest.raises(BadInput):
        referrals.answer(made, outcome="maybe", text="?", by=by, at=now)
    with pytest.raises(OdrRefused, match="接办"):
        referrals.conclude(made, outcome="settled", text="还没接", by=by, at=now)
    referrals.answer(made, outcome="taken", text="下周调解", by=by, at=now)
    assert referrals.light(made, today=made.due_on) == ""
    with pytest.raises(OdrRefused, match="已有答复"):
        referrals.answer(made, outcome="failed", text="又来", by=by, at=now)
    with pytest.raises(OdrRefused, match="没有结果"):
        referrals.refer(complaint, body_key=body.key, reason="再转一次", by=by, at=now)
    referrals.conclude(made, outcome="failed", text="没有谈成", by=by, at=now)
    told = Fact.objects.filter(kind="odr.referral_answered").order_by("source_key")
    assert [one.payload["outcome"] for one in told] == ["taken", "failed"]
    assert referrals.refer(complaint, body_key=body.key, reason="再转一次", by=by, at=now).pk != made.pk
