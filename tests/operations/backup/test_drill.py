"""The drill: load, back up, destroy, restore. The seals verify, and nothing is lost."""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.db import connection

from zhijian.datazone.lake import Lake
from zhijian.engines.facts.models import Fact
from zhijian.infrastructure import backup_record
from zhijian.infrastructure.files import replace_file
from zhijian.infrastructure.home import Home
from zhijian.operations.backup import databases, making, rehearsing, restoring
from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Passphrase

WORDS, OWN = "correct horse battery staple", "keys have words of their own"
AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


def back_up(home, target, **changed):
    locks = {"lock": Passphrase(WORDS), "keys_lock": Passphrase(OWN)}
    said = {**locks, "at": AT, "version": "0.1.0"} | changed
    return making.make(home, connection.settings_dict, target, **said)


def run(home, database, *words, **more):
    """A verb of `zhijian` as its own process, for a home and its database."""
    environment = {**os.environ, "ZHIJIAN_HOME": str(home.root)}
    environment.pop("ZHIJIAN_DATABASE_URL", None)
    if connection.vendor == "postgresql":
        place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
        environment["ZHIJIAN_DATABASE_URL"] = f"postgresql://{database['USER']}@{place}"
    command = [sys.executable, "-c", "from zhijian.operations.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **more)


def verified(home, database):
    return run(home, database, "facts", "verify")


def passphrases(folder):
    """The files of both passphrases and of a wrong one, as the verbs take them."""
    folder.mkdir()
    files = {"words": WORDS, "own": OWN, "wrong": "of another machine altogether"}
    for name, text in files.items():
        (folder / name).write_text(text + "\n", "utf-8")
    return [str(folder / name) for name in files]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_after_the_home_is_destroyed_everything_comes_back_and_the_seals_verify(
    loaded, empty_database, tmp_path
):
    made = back_up(loaded, tmp_path / "a.zjb")
    assert b"photo" not in made.file.read_bytes() and Fact.objects.count() == 4
    shutil.rmtree(loaded.root)
    home = Home(tmp_path / "restored")
    restored = restoring.restore(
        home, empty_database, made.file, opener=Passphrase(WORDS), keys_opener=Passphrase(OWN)
    )
    assert (restored.tables, restored.made_at) == (1, AT.isoformat())
    assert (home.media / "ab" / "abcd").read_bytes() == b"photo"
    assert (home.root / "keys" / "signing").read_bytes() == b"k" and home.secret_key.exists()
    assert Lake(home.lake).read("standard_firms").to_pydict() == {"uscc": ["a", "b"]}
    result = verified(home, empty_database)
    assert result.returncode == 0 and "4 条事实" in result.stdout and "3 条已封存" in result.stdout, result


@pytest.mark.django_db(transaction=True)
def test_a_backup_opens_every_text_although_keys_were_changed_and_taken_away_while_it_was_made(
    loaded, empty_database, tmp_path, monkeypatch
):
    keys, original = loaded.root / "keys", loaded.root / "lake" / "deliveries" / "abc" / "original"
    (keys / "parties.2.key").write_text("old")
    original.parent.mkdir(parents=True)
    original.write_bytes(b"SEALED 1:short")
    real = databases.dump

    def dump(database, target):
        (keys / "parties.3.key").write_text("new")
        replace_file(original, b"SEALED 2:3:longer than it was")
        real(database, target)
        (keys / "parties.2.key").unlink()

    monkeypatch.setattr(databases, "dump", dump)
    made = back_up(loaded, tmp_path / "a.zjb")
    home = Home(tmp_path / "restored")
    restoring.restore(home, empty_database, made.file, opener=Passphrase(WORDS), keys_opener=Passphrase(OWN))
    assert {path.name for path in (home.root / "keys").iterdir()} == {
        "signing",
        "parties.2.key",
        "parties.3.key",
    }
    assert (home.lake / "deliveries" / "abc" / "original").read_bytes() == b"SEALED 2:3:longer than it was"


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_verb_restores_with_the_right_words_and_says_in_both_languages_that_others_are_wrong(
    loaded, empty_database, tmp_path
):
    made, (words, own, wrong) = back_up(loaded, tmp_path / "a.zjb"), passphrases(tmp_path / "words")
    shutil.rmtree(loaded.root)
    home = Home(tmp_path / "restored")
    for given in ((wrong, own), (words, wrong)):
        options = ("--passphrase-file", given[0], "--keys-passphrase-file", given[1])
        refused = run(home, empty_database, "restore", str(made.file), *options)
        assert refused.returncode == 1 and "Traceback" not in refused.stderr, refused
        assert "口令不对" in refused.stderr and "does not open a.zjb" in refused.stderr
        assert not home.root.exists() or not list(home.root.iterdir())
    options = ("--passphrase-file", words, "--keys-passphrase-file", own)
    restored = run(home, empty_database, "restore", str(made.file), *options)
    assert restored.returncode == 0 and "已恢复" in restored.stdout, restored
    assert verified(home, empty_database).returncode == 0


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_where_no_larger_file_can_be_written_the_verb_leaves_nothing_and_says_why(loaded, tmp_path):
    words, target = passphrases(tmp_path / "words")[0], tmp_path / "out" / "a.zjb"
    target.parent.mkdir()
    if connection.vendor == "sqlite":
        loaded.database.write_bytes(connection.connection.serialize())

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = run(
        loaded, connection.settings_dict, "backup", str(target), "--passphrase-file", words, preexec_fn=small
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "没有完成" in done.stderr
    assert not list(target.parent.iterdir()) and not list(loaded.root.glob(".backup-*"))
    noted = backup_record.failed_since(backup_record.newest(loaded))
    assert noted and noted["why"] in done.stderr.replace("zhijian: ", "")


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_tried_by_restoring_it_beside_the_home(loaded, tmp_path):
    made = back_up(loaded, tmp_path / "a.zjb")
    tried = rehearsing.rehearse(loaded, made.file, opener=Passphrase(WORDS), keys_opener=Passphrase(OWN))
    assert tried.files == made.files and not list(loaded.root.glob(".re*"))
    assert made.sha256 == hashlib.sha256(made.file.read_bytes()).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_what_must_not_be_restored_is_refused_with_its_reason_and_leaves_nothing(
    loaded, empty_database, tmp_path
):
    made = back_up(loaded, tmp_path / "a.zjb")
    whole, home = made.file.read_bytes(), Home(tmp_path / "restored")

    def refusal(passphrase=WORDS, content=whole, into=home):
        made.file.write_bytes(content)
        with pytest.raises(BackupRefused) as refused:
            restoring.restore(
                into, empty_database, made.file, opener=Passphrase(passphrase), keys_opener=Passphrase(OWN)
            )
        assert into is loaded or not list(home.root.iterdir())
        return str(refused.value)

    assert "The passphrase does not open a.zjb" in refusal(passphrase="another passphrase, of length")
    assert "is cut off" in refusal(content=whole[:-100])
    assert "is cut off" in refusal(content=whole[:-1])
    at = whole.index(b"\n") + 50
    edited = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    assert "was changed in its chunk" in refusal(content=edited) or "cut off" in refusal(content=edited)
    assert "is no backup of Zhijian" in refusal(content=b"something else\n")
    assert "is not empty" in refusal(into=loaded)
    made.keys.unlink()
    assert "a.zjb.keys is missing" in refusal()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_no_half_file_and_says_what_is_needed(loaded, tmp_path, monkeypatch):
    from zhijian.operations.backup.sealing import SealedWriter

    target = tmp_path / "out" / "a.zjb"
    target.parent.mkdir()
    real = SealedWriter._put

    def full(writer, chunk, *, is_last):
        if len(chunk) < 100_000:  # the keys still find room
            return real(writer, chunk, is_last=is_last)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SealedWriter, "_put", full)
    with pytest.raises(BackupRefused, match="no half file was left"):
        back_up(loaded, target)
    assert not list(target.parent.iterdir()) and not list(loaded.root.glob(".backup-*"))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10, 9, 1 << 20))
    with pytest.raises(BackupRefused, match=r"1 MiB are free, about 6\d MiB are needed"):
        back_up(loaded, target)
    assert not list(target.parent.iterdir())


@pytest.mark.django_db(transaction=True)
def test_a_short_passphrase_and_a_taken_name_are_refused(loaded, tmp_path):
    with pytest.raises(BackupRefused, match="at least 16"):
        Passphrase.chosen("short")
    (tmp_path / "a.zjb").write_text("here")
    with pytest.raises(BackupRefused, match="is not overwritten"):
        back_up(loaded, tmp_path / "a.zjb")
