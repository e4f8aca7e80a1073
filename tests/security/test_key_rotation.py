"""A key is changed while everybody works: old texts open until they are reached, new ones lie under the new key."""

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.db import connection

from tests.engines.registers.declared import desk
from tests.operations.backup.test_drill import run
from zhijian.apps.consumer.analysis.models import Subscription
from zhijian.apps.consumer.complaints.hotline import SealedOriginals, original_of, seal_original
from zhijian.apps.consumer.complaints.intake import drafts
from zhijian.datazone.lake import Lake
from zhijian.engines.data_protection.models import SubjectRequest
from zhijian.engines.facts.append_only import guarded_tables
from zhijian.engines.recusal import services as recusal
from zhijian.engines.recusal.models import Interest
from zhijian.security import key_ring, rotation, sealed_text
from zhijian.security.field_classes import FieldClass, classes
from zhijian.security.key_ring import MissingKey, Suite
from zhijian.security.models import AccessRecord, Organisation, Role
from zhijian.security.roles import RoleRefused
from zhijian.security.sealed_text import CannotOpen, fingerprint, generation_of, seal, seal_anew, unseal

AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
KEY = "data-requests"


@pytest.fixture
def administrator():
    unit = Organisation.objects.create(
        code="u-44", name="示例省局", name_en="Example province", level="province", division_code="440000",
        is_synthetic=True,
    )  # fmt: skip
    return desk.officer("steward", unit, Role.STEWARD)


def requests(count):
    """Requests of persons whose words lie sealed."""
    made = [
        SubjectRequest(
            number=f"SQ-{number}", kind="access", channel="web", subject="x", asked_at=AT, due_on=date(2026, 12, 20),
            words_sealed=seal(f"第{number}件", key=KEY, context=f"SQ-{number}/words"), is_synthetic=True,
        )
        for number in range(count)
    ]  # fmt: skip
    return SubjectRequest.objects.bulk_create(made)


def words(number):
    kept = SubjectRequest.objects.get(number=f"SQ-{number}").words_sealed
    return unseal(kept, key=KEY, context=f"SQ-{number}/words")


def rotate(by, key=KEY, *, batch=2, others=()):
    of, steps = rotation.holders(key, others), []
    rotation.begin(key, of, by=by, at=AT)
    return rotation.seal_anew(of, batch=batch, told=steps.append), steps


# ------------------------------------------------------------------------------------------------ one text


def test_a_text_opens_after_its_key_was_changed_and_a_new_one_lies_under_the_new_key(home):
    old = seal("示例", key="t", context="S1")
    key_ring.add_generation("t")
    new = seal("示例", key="t", context="S1")
    assert (generation_of(old), generation_of(new)) == (1, 2)
    assert unseal(old, key="t", context="S1") == unseal(new, key="t", context="S1") == "示例"
    assert generation_of(seal_anew(old, key="t", context="S1")) == 2


def test_marks_and_signatures_stay_as_they_were(home):
    before = fingerprint("13800000000", key="t"), sealed_text.derived("t", use=b"sign")
    key_ring.add_generation("t")
    assert before == (fingerprint("138 0000 0000", key="t"), sealed_text.derived("t", use=b"sign"))


def test_a_text_that_says_another_generation_or_another_place_does_not_open(home):
    seal("x", key="t", context="S1")
    key_ring.add_generation("t")
    key_ring.add_generation("t")
    third = seal("示例", key="t", context="S1")
    for changed in (third.replace("2:3:", "2:2:"), third.replace("2:3:", "1:")):
        with pytest.raises(CannotOpen):
            unseal(changed, key="t", context="S1")
    with pytest.raises(CannotOpen):
        seal_anew(third, key="t", context="S2")


def test_a_key_whose_file_is_gone_is_named_and_never_made_anew(home):
    seal("x", key="t", context="S1")
    key_ring.add_generation("t")
    second = seal("示例", key="t", context="S1")
    key_ring.remove_generation("t", 2)
    with pytest.raises(MissingKey, match=r"t\.2\.key is missing.*backup of the keys"):
        unseal(second, key="t", context="S1")
    assert key_ring.generations("t") == [1]


def test_a_lost_first_key_is_never_made_anew_beside_texts_or_later_keys(home):
    first = seal("示例", key="t", context="S1")
    (home.root / "keys" / "t.key").rename(home.root / "kept")
    with pytest.raises(MissingKey, match=r"t\.key is missing"):
        unseal(first, key="t", context="S1")
    (home.root / "kept").rename(home.root / "keys" / "t.key")
    key_ring.add_generation("t")
    (home.root / "keys" / "t.key").unlink()
    with pytest.raises(MissingKey, match=r"t\.key is missing"):
        fingerprint("138", key="t")
    assert key_ring.generations("t") == [2]


def test_a_first_key_of_which_all_files_are_gone_is_noted_and_nothing_new_is_sealed_in_its_place(home):
    seal("示例", key="t", context="S1")
    lies = home.root / "keys" / "t.key"
    kept = lies.read_text("ascii")
    lies.unlink()
    for ask in (lambda: seal("新", key="t", context="S2"), lambda: fingerprint("138", key="t")):
        with pytest.raises(MissingKey, match=r"t\.key is missing.*backup of the keys"):
            ask()
    assert key_ring.generations("t") == [] and key_ring.lost() == ["t.key"]
    assert kept not in (home.root / "operations" / "keys.jsonl").read_text()
    for other in ("ab" * 32, "not a key"):
        lies.write_text(other, "ascii")
        key_ring.root("u")
        assert key_ring.lost() == ["t.key"]
    lies.write_text(kept, "ascii")
    assert key_ring.lost() == []


def test_a_home_older_than_the_notes_goes_on_and_its_keys_are_noted_with_the_next_one(home):
    old = seal("示例", key="t", context="S1")
    (home.root / "operations" / "keys.jsonl").unlink()
    assert key_ring.lost() == [] and unseal(old, key="t", context="S1") == "示例"
    seal("x", key="u", context="S1")
    assert set(key_ring.noted()) == {("t", 1), ("u", 1)}


def test_a_later_key_that_was_taken_away_on_purpose_is_not_missed(home):
    seal("x", key="t", context="S1")
    key_ring.add_generation("t")
    key_ring.remove_generation("t", 2)
    assert key_ring.lost() == [] and set(key_ring.noted()) == {("t", 1)}


def test_every_later_key_is_for_its_owner_only_and_the_first_one_cannot_be_taken_away(home):
    key_ring.add_generation("t")
    assert (home.root / "keys" / "t.2.key").stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="first generation"):
        key_ring.remove_generation("t", 1)


# ------------------------------------------------------------------------------------------------ SM4 and SM3


def test_sm4_in_gcm_is_that_of_rfc_8998():
    cipher = key_ring.Sm4Gcm(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    nonce = bytes.fromhex("00001234567800000000ABCD")
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = b"".join(bytes([byte]) * 8 for byte in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    hidden = cipher.encrypt(nonce, plain, bound)
    assert hidden.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert cipher.decrypt(nonce, hidden, bound) == plain
    for changed in (hidden[:-1] + b"\0", b"short"):
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, changed, bound)


def test_a_new_home_under_the_national_suite_seals_by_sm4_and_marks_by_sm3(home, settings):
    settings.CIPHERS = "national"
    sealed = seal("示例", key="t", context="S1")
    assert key_ring.root("t").suite is Suite.NATIONAL
    assert (home.root / "keys" / "t.key").read_text("ascii").startswith("national:")
    assert unseal(sealed, key="t", context="S1") == "示例"
    mark = fingerprint("13800000000", key="t")
    settings.CIPHERS = "international"  # the key keeps its suite, whatever is set later
    assert unseal(sealed, key="t", context="S1") == "示例" and fingerprint("13800000000", key="t") == mark


def test_a_home_goes_over_to_sm4_by_a_change_of_keys_and_finds_by_the_same_marks(home, settings):
    old, mark = seal("示例", key="t", context="S1"), fingerprint("示例", key="t")
    settings.CIPHERS = "national"
    assert key_ring.add_generation("t").suite is Suite.NATIONAL
    anew = seal_anew(old, key="t", context="S1")
    assert generation_of(anew) == 2 and unseal(anew, key="t", context="S1") == "示例"
    assert fingerprint("示例", key="t") == mark


# ------------------------------------------------------------------------------------------------ the database


def test_every_sealed_field_has_its_place_and_no_other_claims_one():
    sealed = {key for key, kind in classes().items() if kind is FieldClass.SEALED}
    assert {(one.model, one.field) for one in rotation.columns()} == sealed
    assert len(rotation.columns()) == len(sealed)


@pytest.mark.database
@pytest.mark.django_db
def test_no_sealed_text_lies_in_a_table_that_the_database_keeps_from_change():
    tables = {apps.get_model(one.model)._meta.db_table for one in rotation.columns()}
    assert tables.isdisjoint(guarded_tables(connection))


@pytest.mark.database
@pytest.mark.django_db
def test_all_texts_of_a_key_are_sealed_anew_and_say_the_same(home, administrator):
    requests(5)
    shut, steps = rotate(administrator)
    assert shut == [] and [step.done for step in steps] == [2, 2, 1]
    assert rotation.counts(rotation.holders(KEY)) == {2: 5}
    assert [words(number) for number in range(5)] == [f"第{number}件" for number in range(5)]
    look = AccessRecord.objects.get(part="key_rotation_begun")
    assert (look.officer, look.subject) == (administrator, f"key/{KEY}")


@pytest.mark.database
@pytest.mark.django_db
def test_places_bound_in_other_ways_are_sealed_anew_too(home, administrator):
    draft, _ = drafts.start(at=AT, randomness=secrets.token_bytes)
    drafts.save(draft, {"name": "示例"}, at=AT)
    mark = fingerprint("a@example.org", key="subscribers")
    address = seal("a@example.org", key="subscribers", context=mark)
    kept = Subscription.objects.create(
        mark=mark, address_sealed=address, language="zh", code_digest="c", asked_at=AT
    )
    inspector = desk.officer("inspector", administrator.organisation, Role.INSPECTOR)
    recusal.declare("shares", "91441900MAYYHQFT6P", "持股", starts_on=date(2026, 1, 1), by=inspector, at=AT)
    before = recusal.recused_on(date(2026, 11, 20))
    for key in ("drafts", "subscribers", "interests"):
        assert rotate(administrator, key)[0] == []
    for row in (draft, kept):
        row.refresh_from_db()
    assert generation_of(draft.answers_sealed) == generation_of(Interest.objects.get().sealed) == 2
    assert drafts.answers(draft) == {"name": "示例"}
    assert unseal(kept.address_sealed, key="subscribers", context=kept.mark) == "a@example.org"
    assert recusal.recused_on(date(2026, 11, 20)) == before
    assert Subscription.objects.filter(mark=fingerprint("A@example.org", key="subscribers")).exists()


@pytest.mark.database
@pytest.mark.django_db
def test_what_an_officer_saves_meanwhile_is_not_overwritten(home, administrator, monkeypatch):
    requests(1)
    of = rotation.holders(KEY)
    rotation.begin(KEY, of, by=administrator, at=AT)
    plain = sealed_text.seal_anew

    def while_somebody_saves(sealed, *, key, context):
        anew = seal("改过的", key=KEY, context="SQ-0/words")
        SubjectRequest.objects.filter(number="SQ-0").update(words_sealed=anew)
        return plain(sealed, key=key, context=context)

    monkeypatch.setattr(sealed_text, "seal_anew", while_somebody_saves)
    rotation.seal_anew(of, batch=1, told=lambda step: None)
    assert words(0) == "改过的"


@pytest.mark.database
@pytest.mark.django_db
def test_a_text_that_does_not_open_is_named_and_left_and_the_rest_goes_on(home, administrator):
    made = requests(3)
    foreign = seal("x", key=KEY, context="elsewhere")
    SubjectRequest.objects.filter(pk=made[1].pk).update(words_sealed=foreign)
    shut, _ = rotate(administrator)
    assert shut == [f"data_protection.SubjectRequest.words_sealed {made[1].pk}"]
    assert rotation.counts(rotation.holders(KEY)) == {1: 1, 2: 2}
    assert SubjectRequest.objects.get(pk=made[1].pk).words_sealed == foreign


@pytest.mark.django_db
def test_a_text_that_never_opens_does_not_keep_its_key_from_being_changed_again(home, administrator):
    requests(2)
    foreign = seal("x", key=KEY, context="elsewhere")
    SubjectRequest.objects.filter(number="SQ-1").update(words_sealed=foreign)
    rotate(administrator)
    of = rotation.holders(KEY)
    assert not rotation.begin(KEY, of, by=administrator, at=AT)
    assert rotation.begin(KEY, of, by=administrator, at=AT, is_further=True)
    assert len(rotation.seal_anew(of, batch=2, told=lambda step: None)) == 1
    assert rotation.counts(of) == {1: 1, 3: 1} and words(0) == "第0件"


@pytest.mark.django_db
def test_texts_whose_key_is_gone_are_counted_as_such_and_no_new_key_covers_it_up(home, administrator):
    requests(2)
    (home.root / "keys" / f"{KEY}.key").unlink()
    of = rotation.holders(KEY)
    assert rotation.counts(of) == {0: 2}
    with pytest.raises(RoleRefused, match="key of 2 texts is missing"):
        rotation.begin(KEY, of, by=administrator, at=AT)
    assert key_ring.generations(KEY) == []


@pytest.mark.database
@pytest.mark.django_db
def test_an_old_key_goes_only_when_nothing_lies_under_it_and_no_request_can_still_hold_it(
    home, administrator
):
    requests(1)
    rotate(administrator)
    rotate(administrator)
    of, now = rotation.holders(KEY), datetime.now(UTC)
    with pytest.raises(RoleRefused, match="younger than an hour"):
        rotation.retire(KEY, of, by=administrator, at=now + timedelta(minutes=59))
    late = SubjectRequest.objects.get()
    kept = late.words_sealed
    SubjectRequest.objects.update(words_sealed=kept.replace("2:3:", "2:2:"))
    with pytest.raises(RoleRefused, match="still lie under an older key"):
        rotation.retire(KEY, of, by=administrator, at=now + timedelta(hours=2))
    SubjectRequest.objects.update(words_sealed=kept)
    assert rotation.retire(KEY, of, by=administrator, at=now + timedelta(hours=2)) == [2]
    assert key_ring.generations(KEY) == [1, 3] and words(0) == "第0件"
    assert rotation.retire(KEY, of, by=administrator, at=now + timedelta(hours=2)) == []


@pytest.mark.django_db
def test_only_the_province_s_administrator_changes_a_key_and_only_one_that_seals(home, administrator):
    county = desk.officer("county", desk.unit("440106", "示例区局"), Role.STEWARD)
    inspector = desk.officer("inspector", administrator.organisation, Role.INSPECTOR)
    for by in (county, inspector):
        with pytest.raises(RoleRefused, match="province's own unit"):
            rotation.begin(KEY, rotation.holders(KEY), by=by, at=AT)
    with pytest.raises(RoleRefused, match="No text is sealed under"):
        rotation.begin("publicity", rotation.holders("publicity"), by=administrator, at=AT)
    assert key_ring.names() == []


@pytest.mark.django_db
def test_delivered_files_of_tickets_are_sealed_anew(home, administrator):
    lake = Lake(home.lake)
    for sha256 in ("a" * 64, "b" * 64):
        place = lake.deliveries / sha256 / "original"
        place.parent.mkdir(parents=True)
        place.write_bytes(b"caller,phone\n")
    seal_original(lake, "a" * 64)  # the other one is of a contract that names nobody
    others = ((SealedOriginals.key, SealedOriginals(lake)),)
    assert rotate(administrator, "tickets", others=others)[0] == []
    assert rotation.counts(rotation.holders("tickets", others)) == {2: 1}
    assert original_of(lake, "a" * 64) == original_of(lake, "b" * 64) == b"caller,phone\n"
    key_ring.remove_generation("tickets", 2)
    assert rotation.counts(rotation.holders("tickets", others)) == {0: 1}


# ------------------------------------------------------------------------------------------------ the verb


def killed_midway(home, *command):
    """Run the verb in a process of its own and kill it when it has told its second batch."""
    environment = {**os.environ, "ZHIJIAN_HOME": str(home.root), "PYTHONUNBUFFERED": "1"}
    environment.pop("ZHIJIAN_DATABASE_URL", None)
    if connection.vendor == "postgresql":
        database = connection.settings_dict
        place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
        environment["ZHIJIAN_DATABASE_URL"] = f"postgresql://{database['USER']}@{place}"
    words = [sys.executable, "-c", "from zhijian.operations.cli import main; main()", *command]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        told = 0
        while told < 2:
            told += "+" in process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    return process.returncode


def held(home):
    """How many texts lie under each generation, as the database of the verb has it."""
    asked = "SELECT substr(words_sealed, 1, 4) FROM data_protection_subjectrequest"
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(home.database)) as opened:
            found = opened.execute(asked).fetchall()
    else:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            found = cursor.fetchall()
    return Counter(2 if begins == "2:2:" else 1 for (begins,) in found)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_change_that_was_killed_midway_goes_on_and_ends_with_every_text_under_one_new_key(
    home, administrator
):
    requests(400)
    if connection.vendor == "sqlite":
        home.database.write_bytes(connection.connection.serialize())
    command = ("keys", "rotate", KEY, "--by", "steward")
    assert killed_midway(home, *command, "--batch", "2") == -signal.SIGKILL
    midway = held(home)
    assert midway.total() == 400 and midway[1] > 0 and midway[2] >= 4, midway
    again = run(home, connection.settings_dict, *command, "--batch", "500")
    assert again.returncode == 0 and "going on" in again.stdout, again
    assert held(home) == {2: 400}
