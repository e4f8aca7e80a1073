"""The daily seal: one growing log, proofs for a fact and between days, files that anyone may keep."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.engines.facts.conftest import MORNING
from zhijian.engines.facts import merkle, seals
from zhijian.engines.facts.canonical import canonical_bytes
from zhijian.engines.facts.errors import AlreadySealed, NotYetSealed, SealRefused
from zhijian.engines.facts.models import Seal, SealedLeaf

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY, NEXT = date(2026, 11, 2), date(2026, 11, 3)
NIGHT, NEXT_NIGHT = datetime(2026, 11, 2, 16, 10, tzinfo=UTC), datetime(2026, 11, 3, 16, 10, tzinfo=UTC)


@pytest.fixture
def sealed(record, home):
    """Five facts of one day, three of the next, both days sealed."""
    facts = [record(str(n), at=MORNING + timedelta(minutes=n)) for n in range(5)]
    first = seals.seal_day(DAY, at=NIGHT)
    facts += [record(str(n), at=MORNING + timedelta(days=1, minutes=n)) for n in range(5, 8)]
    return facts, first, seals.seal_day(NEXT, at=NEXT_NIGHT)


def test_a_seal_covers_the_facts_of_its_day_and_continues_the_one_before(sealed):
    _, first, second = sealed
    assert (first.tree_size, first.count, first.previous_root) == (5, 5, merkle.EMPTY_ROOT.hex())
    assert (second.tree_size, second.count, second.previous_root) == (8, 3, first.root)


def test_every_fact_proves_its_place_from_what_is_published_of_it(sealed):
    facts, first, _ = sealed
    for fact in facts:
        leaf = merkle.leaf_hash(canonical_bytes(seals.published_form(fact)))
        shown = seals.inclusion(fact)
        proof = [bytes.fromhex(step) for step in shown["proof"]]
        root = bytes.fromhex(shown["root"])
        assert leaf.hex() == shown["leaf_hash"]
        assert merkle.verify_inclusion(leaf, shown["index"], shown["tree_size"], proof, root)
    assert seals.inclusion(facts[0], seal=first)["tree_size"] == 5


def test_the_recorders_name_is_not_in_what_is_published(sealed):
    assert "demo" not in canonical_bytes(seals.published_form(sealed[0][0])).decode()


def test_two_seals_prove_that_the_older_log_begins_the_newer(sealed):
    _, first, second = sealed
    shown = seals.consistency(first, second)
    proof = [bytes.fromhex(step) for step in shown["proof"]]
    assert merkle.verify_consistency(5, 8, bytes.fromhex(first.root), bytes.fromhex(second.root), proof)
    with pytest.raises(SealRefused, match="exchange the two"):
        seals.consistency(second, first)


def test_the_published_files_alone_give_the_root(sealed, home):
    folder = home.published / "seals"
    leaves = [
        bytes.fromhex(line)
        for day in (DAY, NEXT)
        for line in (folder / f"{day}.leaves.txt").read_text().split()
    ]
    log = json.loads((folder / "log.json").read_text())
    assert [entry["day"] for entry in log["seals"]] == ["2026-11-02", "2026-11-03"]
    assert json.loads((folder / "2026-11-03.json").read_text()) == log["seals"][1]
    assert [merkle.root(leaves[: entry["tree_size"]]).hex() for entry in log["seals"]] == [
        entry["root"] for entry in log["seals"]
    ]


def test_sealing_a_day_again_changes_nothing(sealed, home):
    before = (home.published / "seals" / "log.json").read_text()
    assert seals.seal_day(NEXT, at=NEXT_NIGHT + timedelta(days=5)).root == sealed[2].root
    assert (home.published / "seals" / "log.json").read_text() == before
    assert Seal.objects.count() == 2


def test_a_fact_recorded_after_its_day_was_sealed_goes_into_the_next_seal(record, home):
    record("1")
    early = seals.seal_day(DAY, at=MORNING + timedelta(hours=2))
    late = record("2", at=MORNING + timedelta(hours=3))
    with pytest.raises(NotYetSealed):
        seals.inclusion(late)
    assert (early.count, seals.seal_day(NEXT, at=NEXT_NIGHT).count) == (1, 1)
    assert seals.inclusion(late)["index"] == 1


def test_the_day_ends_at_midnight_in_guangdong(record, home):
    record("1", at=datetime(2026, 11, 2, 15, 59, 59, 999_999, tzinfo=UTC))
    record("2", at=datetime(2026, 11, 2, 16, 0, tzinfo=UTC))
    assert seals.seal_day(DAY, at=NIGHT).count == 1


def test_a_day_without_facts_has_a_seal_too(home, db):
    first = seals.seal_day(DAY, at=NIGHT)
    assert (first.tree_size, first.root) == (0, merkle.EMPTY_ROOT.hex())


def test_nothing_is_recorded_in_a_time_that_is_sealed(sealed, record):
    with pytest.raises(AlreadySealed, match="Record with the present time"):
        record("late", at=MORNING)
    assert record("late", at=NEXT_NIGHT + timedelta(hours=1), occurred_on=DAY)


def test_the_database_itself_refuses_a_fact_in_a_sealed_time(sealed):
    columns = [field.column for field in sealed[0][0]._meta.concrete_fields]
    chosen = ", ".join({"fact_id": "'" + "0" * 32 + "'", "source_key": "'new'"}.get(c, c) for c in columns)
    chosen = (
        chosen.replace("'" + "0" * 32 + "'", "CAST('" + "0" * 32 + "' AS uuid)")
        if is_postgresql()
        else chosen
    )
    copy = f"INSERT INTO facts_fact ({', '.join(columns)}) SELECT {chosen} FROM facts_fact WHERE source_key = '1'"
    with (
        pytest.raises(DatabaseError, match="sealed already"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(copy)


def is_postgresql():
    return connection.vendor == "postgresql"


@pytest.mark.parametrize(
    ("day", "at", "words"),
    [
        (date(2026, 11, 5), NEXT_NIGHT, "has not begun"),
        (date(2026, 11, 1), NEXT_NIGHT + timedelta(days=1), "covers 2026-11-01 already"),
    ],
)
def test_a_day_out_of_its_order_is_not_sealed(sealed, day, at, words):
    with pytest.raises(SealRefused, match=words):
        seals.seal_day(day, at=at)


def test_an_altered_fact_is_not_sealed_as_if_it_were_true(record, administrator, home):
    fact = record()
    administrator("UPDATE facts_fact SET subject = 'another'")
    with pytest.raises(SealRefused, match=f"{fact.pk}.*subject"):
        seals.seal_day(DAY, at=NIGHT)
    assert not SealedLeaf.objects.exists()


def test_a_published_file_that_differs_is_not_overwritten(sealed, home):
    path = home.published / "seals" / "2026-11-03.json"
    path.write_text(path.read_text().replace('"count":3', '"count":2'))
    with pytest.raises(SealRefused, match="was not overwritten"):
        seals.seal_day(NEXT, at=NEXT_NIGHT)
    assert '"count":2' in path.read_text()


def test_a_file_that_was_not_published_is_published_when_the_day_is_sealed_again(sealed, home):
    path = home.published / "seals" / "2026-11-02.json"
    text = path.read_text()
    path.unlink()
    seals.seal_day(DAY, at=NEXT_NIGHT)
    assert path.read_text() == text


def test_a_log_of_many_hundreds_proves_every_place_with_stored_nodes(record, home):
    from zhijian.engines.facts import services
    from zhijian.engines.facts.services import Draft

    drafts = [
        Draft("complaint.upheld", "示例", DAY, {"complaint_no": str(n)}, "bulk", str(n)) for n in range(700)
    ]
    services.record_many(drafts, by="demo", at=MORNING)
    first = seals.seal_day(DAY, at=NIGHT)
    services.record_many(
        [Draft("complaint.upheld", "示例", DAY, {"complaint_no": "x"}, "bulk", "x")], by="demo", at=NEXT_NIGHT
    )
    second = seals.seal_day(date(2026, 11, 4), at=NEXT_NIGHT + timedelta(days=1))
    root = bytes.fromhex(second.root)
    for leaf in SealedLeaf.objects.filter(index__in=(0, 255, 256, 511, 699, 700)):
        proof = merkle.inclusion_proof(seals.DatabaseHashes(), leaf.index, 701)
        assert merkle.verify_inclusion(bytes.fromhex(leaf.leaf_hash), leaf.index, 701, proof, root)
    between = seals.consistency(first, second)["proof"]
    assert merkle.verify_consistency(
        700, 701, bytes.fromhex(first.root), root, [bytes.fromhex(h) for h in between]
    )


def test_facts_from_another_source_stand_in_the_same_log_by_their_time(record, home):
    from uuid import UUID

    from zhijian.engines.facts.leaves import Leaf
    from zhijian.engines.facts.stored import DatabaseFacts

    class Delivered:
        def pending(self, *, after, through):
            yield Leaf(MORNING + timedelta(seconds=30), UUID(int=7), merkle.leaf_hash(b"delivered"))

    record("1"), record("2", at=MORNING + timedelta(minutes=1))
    assert seals.seal_day(DAY, at=NIGHT, sources=[DatabaseFacts(), Delivered()]).count == 3
    assert SealedLeaf.objects.get(fact_id=UUID(int=7)).index == 1
