"""A backup is relied upon only when the texts in it open with the keys in it."""

from datetime import date

import pytest
from django.db import connections

from tests.operations.backup.test_drill import AT, OWN, WORDS, back_up
from zhijian.apps.consumer.complaints.hotline import seal_original
from zhijian.datazone.lake import Lake
from zhijian.engines.data_protection.models import SubjectRequest
from zhijian.operations.backup import rehearsing
from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Passphrase
from zhijian.security import key_ring
from zhijian.security.sealed_text import seal

KEY = "data-requests"


def requests(start, count):
    """Requests of persons whose words lie sealed."""
    made = [
        SubjectRequest(
            number=f"SQ-{number}", kind="access", channel="web", subject="x", asked_at=AT, due_on=date(2026, 12, 20),
            words_sealed=seal(f"第{number}件", key=KEY, context=f"SQ-{number}/words"), is_synthetic=True,
        )
        for number in range(start, start + count)
    ]  # fmt: skip
    return SubjectRequest.objects.bulk_create(made)


def delivery(home, sha256):
    """A delivered file of a hotline, sealed."""
    lake = Lake(home.lake)
    place = lake.deliveries / sha256 / "original"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"caller,phone\n")
    seal_original(lake, sha256)


def tried(home, made):
    return rehearsing.rehearse(home, made.file, opener=Passphrase(WORDS), keys_opener=Passphrase(OWN))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_backup_whose_keys_are_all_there_opens_every_text_of_few_and_a_sample_of_many(loaded, tmp_path):
    requests(0, 250)
    delivery(loaded, "a" * 64)
    found = tried(loaded, back_up(loaded, tmp_path / "a.zjb"))
    assert (found.texts, found.opened) == (251, 201)
    assert list(connections) == ["default"] and not list(loaded.root.glob(".re*"))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_backup_without_one_key_is_refused_by_place_and_generation(loaded, tmp_path):
    requests(0, 2)
    key_ring.add_generation(KEY)
    requests(2, 3)
    delivery(loaded, "a" * 64)
    (loaded.root / "keys" / f"{KEY}.2.key").rename(tmp_path / "kept")
    with pytest.raises(BackupRefused) as refused:
        tried(loaded, back_up(loaded, tmp_path / "a.zjb"))
    said = str(refused.value)
    assert "data_protection.SubjectRequest.words_sealed (key 'data-requests'): generation 2, 3 texts" in said
    assert "第2代 3条" in said and "hotline" not in said
    (tmp_path / "kept").rename(loaded.root / "keys" / f"{KEY}.2.key")
    (loaded.root / "keys" / "tickets.key").unlink()
    with pytest.raises(BackupRefused, match=r"hotline deliveries .key 'tickets'.: generation 1, 1 texts"):
        tried(loaded, back_up(loaded, tmp_path / "b.zjb"))


@pytest.mark.django_db(transaction=True)
def test_a_backup_with_another_key_of_that_name_is_refused_by_the_texts_that_stay_shut(loaded, tmp_path):
    (first, second) = requests(0, 2)
    (loaded.root / "keys" / f"{KEY}.key").write_text("ab" * 32)
    with pytest.raises(BackupRefused) as refused:
        tried(loaded, back_up(loaded, tmp_path / "a.zjb"))
    assert f"shut: data_protection.SubjectRequest.words_sealed {first.pk}, " in str(refused.value)
    assert f"words_sealed {second.pk}" in str(refused.value)
    assert list(connections) == ["default"] and not list(loaded.root.glob(".re*"))
