"""A backup for the holder of a key: the machine that makes it cannot read it, and nobody else's key opens it."""

import json
import resource
import shutil

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.operations.backup.test_drill import OWN, WORDS, back_up, run, verified
from zhijian.infrastructure.home import Home
from zhijian.operations.backup import recipients, rehearsing, restoring
from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Holder, Passphrase, Recipients, fingerprint
from zhijian.operations.cli import zhijian

OTHER = "words of the other office"


@pytest.fixture
def office(tmp_path):
    """A pair of keys, as somebody makes it on another machine."""
    return recipients.make_pair(tmp_path / "office", OWN)


@pytest.fixture
def other(tmp_path):
    return recipients.make_pair(tmp_path / "other", OTHER)


def to(*pairs):
    return Recipients(tuple(recipients.public_key(pair.public) for pair in pairs))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_drill_succeeds_with_the_private_key_and_with_nothing_else(
    loaded, empty_database, tmp_path, office, other
):
    words = {pair: tmp_path / f"{pair.fingerprint}.pass" for pair in (office, other)}
    words[office].write_text(OWN)
    words[other].write_text(OTHER)
    made = back_up(loaded, tmp_path / "a.zjb", lock=to(office), keys_lock=to(office))
    assert b"photo" not in made.file.read_bytes()
    shutil.rmtree(loaded.root)
    home = Home(tmp_path / "restored")

    def restored(pair, with_words, *more):
        given = ("--passphrase-file", str(words[with_words]), *more)
        return run(home, empty_database, "restore", str(made.file), *given, "--with-key", str(pair.private))

    refused = restored(other, other)
    assert refused.returncode == 1 and "密钥不对" in refused.stderr, refused
    assert office.fingerprint in refused.stderr and other.fingerprint in refused.stderr
    refused = restored(office, other)
    assert refused.returncode == 1 and "口令不对" in refused.stderr, refused
    assert "private key office.private" in refused.stderr
    assert not home.root.exists() or not list(home.root.iterdir())
    done = restored(office, office)
    assert done.returncode == 0 and "已恢复" in done.stdout, done
    assert (home.media / "ab" / "abcd").read_bytes() == b"photo"
    result = verified(home, empty_database)
    assert result.returncode == 0 and "4 条事实" in result.stdout, result


@pytest.mark.django_db(transaction=True)
def test_each_of_several_holders_opens_it_alone_and_the_keys_may_be_for_another(
    loaded, empty_database, tmp_path, office, other
):
    made = back_up(loaded, tmp_path / "a.zjb", lock=to(office, other), keys_lock=to(other))
    mine, theirs = recipients.holder(office.private, OWN), recipients.holder(other.private, OTHER)
    with pytest.raises(BackupRefused, match=f"a.zjb.keys is closed for {other.fingerprint}, and the key"):
        rehearsing.rehearse(loaded, made.file, opener=mine, keys_opener=mine)
    for opener in (mine, theirs):
        tried = rehearsing.rehearse(loaded, made.file, opener=opener, keys_opener=theirs)
        assert tried.files == made.files


@pytest.mark.django_db(transaction=True)
def test_the_process_that_made_it_tries_it_and_what_lies_on_the_machine_opens_nothing(
    loaded, tmp_path, office
):
    made = back_up(loaded, tmp_path / "a.zjb", lock=to(office), keys_lock=to(office))
    tried = rehearsing.rehearse(loaded, made.file, opener=made.opener, keys_opener=made.keys_opener)
    assert tried.files == made.files
    for words in (WORDS, OWN):
        with pytest.raises(BackupRefused, match=f"closed for the keys of recipients .{office.fingerprint}"):
            rehearsing.rehearse(loaded, made.file, opener=Passphrase(words), keys_opener=Passphrase(words))
    under_words = back_up(loaded, tmp_path / "b.zjb")
    mine = recipients.holder(office.private, OWN)
    with pytest.raises(BackupRefused, match="closed under a passphrase, and for no key"):
        rehearsing.rehearse(loaded, under_words.file, opener=mine, keys_opener=mine)


@pytest.mark.django_db(transaction=True)
def test_a_changed_header_is_told_from_a_wrong_key_and_a_newer_form_from_a_damaged_one(
    loaded, empty_database, tmp_path, office
):
    made = back_up(loaded, tmp_path / "a.zjb", lock=to(office), keys_lock=to(office))
    line, _, rest = made.file.read_bytes().partition(b"\n")
    mine = recipients.holder(office.private, OWN)

    def refusal(change):
        header = json.loads(line)
        change(header)
        made.file.write_bytes(json.dumps(header).encode() + b"\n" + rest)
        with pytest.raises(BackupRefused) as refused:
            restoring.restore(
                Home(tmp_path / "restored"), empty_database, made.file, opener=mine, keys_opener=mine
            )
        assert not list((tmp_path / "restored").iterdir())
        return str(refused.value)

    low_order, foreign = bytes(32).hex(), X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    damaged = "its beginning was damaged"
    assert damaged in refusal(lambda header: header["recipients"][0].update(once=low_order))
    assert damaged in refusal(lambda header: header["recipients"][0].update(once=foreign))
    assert damaged in refusal(lambda header: header["recipients"][0].update(wrapped="00" * 80))
    assert damaged in refusal(lambda header: header.update(recipients="none"))
    assert damaged in refusal(lambda header: header.update(added=1))
    assert "newer version" in refusal(lambda header: header.update(format="zhijian-backup-9"))


def test_two_files_for_one_holder_have_nothing_in_common():
    holder = Holder(X25519PrivateKey.generate())
    lock = Recipients((holder.public,))
    (first, secret), (second, another) = lock.fresh(), lock.fresh()
    assert holder.secret(first, name="a") == secret != another == holder.secret(second, name="b")
    assert first["recipients"][0]["once"] != second["recipients"][0]["once"]
    assert first["recipients"][0]["recipient"] == fingerprint(holder.public)


def test_a_public_key_that_was_changed_and_the_private_one_are_refused_before_anything_is_made(office):
    said = json.loads(office.public.read_text())
    assert said["public"] not in office.private.read_text() and said["recipient"] == office.fingerprint
    assert office.private.stat().st_mode & 0o077 == 0
    changed = "0" if said["public"][5] != "0" else "1"
    office.public.write_text(json.dumps(said | {"public": said["public"][:5] + changed + said["public"][6:]}))
    with pytest.raises(BackupRefused, match="would open for nobody"):
        recipients.public_key(office.public)
    with pytest.raises(BackupRefused, match="take the private key off this machine"):
        recipients.public_key(office.private)
    with pytest.raises(BackupRefused, match="is a public key, which opens nothing"):
        recipients.holder(office.public, OWN)
    office.public.write_text("x")
    with pytest.raises(BackupRefused, match="is no public key that"):
        recipients.public_key(office.public)


def test_a_private_key_opens_only_whole_and_under_its_words(office):
    with pytest.raises(BackupRefused, match=r"does not open the private key office\.private"):
        recipients.holder(office.private, OTHER)
    said = json.loads(office.private.read_text())
    office.private.write_text(json.dumps(said | {"sealed": "00" * 48}))
    with pytest.raises(
        BackupRefused, match="is no private key that `zhijian recipient` made, or it was damaged"
    ):
        recipients.holder(office.private, OWN)


def test_the_verb_makes_a_pair_away_from_the_home_never_twice_and_never_under_short_words(home, tmp_path):
    words, short = tmp_path / "words", tmp_path / "short"
    words.write_text(WORDS + "\n")
    short.write_text("short\n")

    def said(*arguments):
        done = CliRunner().invoke(zhijian, ["recipient", *map(str, arguments)])
        return done.exit_code, done.output

    place = tmp_path / "stick" / "office"
    place.parent.mkdir()
    assert said("new", home.root / "office", "--passphrase-file", words)[0] == 2
    code, output = said("new", place, "--passphrase-file", short)
    assert code == 1 and "at least 16" in output and not list(place.parent.iterdir())
    code, output = said("new", place, "--passphrase-file", words)
    assert code == 0 and {path.name for path in place.parent.iterdir()} == {"office.public", "office.private"}
    kept = (place.parent / "office.private").read_bytes()
    code, output = said("new", place, "--passphrase-file", words)
    assert code == 1 and "is not overwritten" in output
    assert (place.parent / "office.private").read_bytes() == kept and not list(home.root.iterdir())
    public = said("check", f"{place}.public")[1].split()[0]
    assert public == said("check", f"{place}.private", "--passphrase-file", words)[1].split()[0]


@pytest.mark.django_db(transaction=True)
def test_the_verb_of_backup_takes_words_or_keys_and_says_so(home, tmp_path, office):
    words, target = tmp_path / "words", tmp_path / "a.zjb"
    words.write_text(WORDS)
    for given in ((), ("--passphrase-file", str(words), "--to-key", str(office.public))):
        done = CliRunner().invoke(zhijian, ["backup", str(target), *given])
        assert done.exit_code == 2 and "--passphrase-file 或者 --to-key" in done.output
    done = CliRunner().invoke(zhijian, ["backup", str(target), "--to-key", str(office.private)])
    assert done.exit_code == 1 and "take the private key off this machine" in done.output
    assert not target.exists()


@pytest.mark.django_db(transaction=True)
def test_a_restore_for_which_there_is_no_room_leaves_an_empty_home_and_says_what_is_needed(
    loaded, empty_database, tmp_path, office
):
    (loaded.root / "media" / "ab" / "film").write_bytes(bytes(3_000_000))
    made = back_up(loaded, tmp_path / "a.zjb", lock=to(office), keys_lock=to(office))
    home, words = Home(tmp_path / "restored"), tmp_path / "words"
    words.write_text(OWN)

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    given = ("--passphrase-file", str(words), "--with-key", str(office.private))
    done = run(home, empty_database, "restore", str(made.file), *given, preexec_fn=small)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done
    assert "Nothing was restored; make room" in done.stderr and "are needed to unpack it" in done.stderr
    assert not list(home.root.iterdir())
