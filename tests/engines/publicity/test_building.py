"""The night's work: who changed is looked at, what ended leaves, and the increment is what a full build gives."""

import json
import random
from datetime import date, datetime, timedelta

import pytest

from tests.engines.publicity.conftest import DAY, FIRM, NONE, OTHER, morning
from zhijian.engines.facts import seals, services
from zhijian.engines.publicity import building
from zhijian.engines.publicity.errors import PublicityRefused
from zhijian.engines.publicity.store import PublicityMap
from zhijian.engines.registers.records import DeliveredFact
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)


def items(answer):
    return [item["source_key"] for item in (answer["leaf"] or {"items": []})["items"]]


@pytest.mark.database
def test_a_code_with_a_penalty_has_a_leaf_with_basis_and_end_and_one_without_has_none(penalty, build, ask):
    penalty()
    built = build()
    [item] = ask(FIRM)["leaf"]["items"]
    assert item["basis"] == "《市场监督管理行政处罚信息公示规定》第二条、第四条"
    assert item["public_until"] == "2029-11-02"
    assert (built.day.entities, built.day.items) == (1, 1)
    assert ask(NONE)["leaf"] is None
    assert ask(NONE)["is_withheld"] is False


def test_what_is_recorded_on_the_day_itself_waits_for_the_next_root(penalty, build, ask):
    penalty()
    penalty("2", at=morning(DAY) + timedelta(hours=9))
    build()
    assert items(ask(FIRM)) == ["penalty/1"]
    assert build(NEXT).looked_at == 1
    assert items(ask(FIRM, NEXT)) == ["penalty/1", "penalty/2"]


def test_an_item_whose_term_ends_today_leaves_tomorrow(penalty, build, ask):
    penalty(types=["criticism"], published_on="2026-11-02")  # three months
    last = date(2027, 2, 2)
    build()
    assert items(ask(FIRM)) == ["penalty/1"]
    assert build(last).looked_at == 0
    assert items(ask(FIRM, last)) == ["penalty/1"]
    built = build(last + timedelta(days=1))
    assert (built.looked_at, built.day.entities) == (1, 0)
    assert ask(FIRM, last + timedelta(days=1))["leaf"] is None


def test_a_penalty_dated_ahead_enters_on_its_day(penalty, build, ask):
    penalty(published_on="2026-11-04")
    build()
    assert items(ask(FIRM)) == []
    build(NEXT)
    assert items(ask(FIRM, NEXT)) == ["penalty/1"]


def test_a_repaired_and_a_withdrawn_penalty_leave(penalty, build, ask):
    repaired, _, annulled = penalty("1"), penalty("2"), penalty("3", subject=OTHER)
    build()
    at = morning(DAY) + timedelta(hours=9)
    services.withdraw(annulled, reason="处罚决定被撤销", by="demo", at=at)
    services.record(
        "penalty.repaired",
        subject=FIRM,
        occurred_on=DAY,
        payload={"decision_no": repaired.payload["decision_no"], "authority": "示例"},
        source="test",
        source_key="repair/1",
        by="demo",
        at=at,
        is_synthetic=True,
    )
    build(NEXT)
    assert items(ask(FIRM, NEXT)) == ["penalty/2"]
    assert ask(OTHER, NEXT)["leaf"] is None


def test_a_list_that_changed_since_is_proved_but_not_handed_out(penalty, build, ask):
    fact = penalty()
    build()
    services.withdraw(fact, reason="处罚决定被撤销", by="demo", at=morning(DAY) + timedelta(hours=9))
    build(NEXT)
    old = ask(FIRM, DAY)
    assert (old["leaf"], old["is_withheld"]) == (None, True)


def test_a_list_is_not_handed_out_once_a_term_in_it_is_over(penalty, build, ask):
    penalty(types=["criticism"])
    build()
    assert ask(FIRM, today=date(2027, 2, 3))["is_withheld"] is True


def test_the_same_day_again_changes_nothing(penalty, build, home):
    penalty()
    first = build()
    files = {path.name: path.read_bytes() for path in (home.published / "publicity").iterdir()}
    again = build()
    assert (again.is_new, again.day) == (False, first.day)
    assert files == {path.name: path.read_bytes() for path in (home.published / "publicity").iterdir()}
    assert set(files) == {"roots.json", "2026-11-03.json"}


def test_a_root_names_the_one_before_it_and_the_log_that_it_was_made_from(penalty, build, home):
    penalty()
    seal = seals.seal_day(DAY - timedelta(days=1), at=morning(DAY))
    build()
    seals.seal_day(DAY, at=morning(NEXT))
    build(NEXT)
    first, second = json.loads((home.published / "publicity" / "roots.json").read_text())["roots"]
    assert first["statement"]["log_root"] == seal.root
    assert second["statement"]["previous_day"] == "2026-11-03"
    assert seals.inclusion(building.roots.fact_of("2026-11-03"))["day"] == "2026-11-03"


def test_a_day_that_has_not_begun_and_one_before_the_newest_are_refused(build, home):
    build(NEXT)
    with pytest.raises(PublicityRefused, match="cannot be added"):
        build(DAY)
    with pytest.raises(PublicityRefused, match="has not begun"):
        building.build_day(NEXT + timedelta(days=1), at=morning(NEXT), home=home)


def test_a_lost_map_is_made_again_with_the_root_that_the_log_has(penalty, build, home):
    penalty()
    first = build()
    building.map_file(home).unlink()
    assert build().day.signed == first.day.signed


def test_a_second_root_of_a_day_is_refused(penalty, build, home, administrator_of_facts):
    penalty()
    build()
    administrator_of_facts("UPDATE facts_fact SET subject = 'nobody' WHERE kind = 'penalty.decided'")
    building.map_file(home).unlink()
    with pytest.raises(PublicityRefused, match="a day has one root"):
        build()


def test_a_published_root_that_was_exchanged_is_not_overwritten(penalty, build, home):
    build()
    path = home.published / "publicity" / "2026-11-03.json"
    path.write_text(path.read_text().replace('"items":0', '"items":1'))
    with pytest.raises(PublicityRefused, match="was not overwritten"):
        build(NEXT)


@pytest.fixture
def administrator_of_facts(db):
    from django.db import connection

    from zhijian.engines.facts import append_only

    def write(sql):
        for table in append_only.guarded_tables(connection):
            append_only.drop_guards(connection, table)
        append_only.drop_sealed_past_guard(connection)
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return write


class Delivered:
    """Facts of another system, with a state that goes up at each delivery."""

    def __init__(self):
        self.facts, self.number, self.tells = {}, 0, True

    def deliver(self, code, key, **changed):
        values = {
            "fact_id": f"delivered/{key}",
            "uscc": code,
            "kind": "abnormal_list.listed",
            "occurred_on": date(2026, 10, 1),
            "recorded_at": datetime(2026, 10, 2, tzinfo=ZONE),
            "source": "elsewhere",
            "source_key": key,
            "payload": {"ground_code": "unreachable", "authority": "示例", "degree": 0.5},
            "legal_basis": None,
            "public_until": None,
            "is_synthetic": True,
        }
        self.facts.setdefault(code, []).append(DeliveredFact(**(values | changed)))
        self.number += 1

    def of(self, code):
        return self.facts.get(code, [])

    def everything(self):
        yield from sorted(self.facts.items())

    def mark(self):
        return str(self.number)

    def changed_since(self, mark):
        every = [(fact.source_key, code) for code, facts in self.facts.items() for fact in facts]
        return {code for key, code in every if int(key) >= int(mark)} if self.tells else None


def test_delivered_facts_are_in_until_the_log_has_them_under_whichever_code(build, ask):
    other = Delivered()
    other.deliver(FIRM, "0")
    build(delivered=other)
    assert ask(FIRM)["leaf"]["items"][0]["leaf_hash"] is None
    services.record(
        "abnormal_list.listed",
        subject=OTHER,
        occurred_on=date(2026, 10, 1),
        payload={"ground_code": "unreachable", "authority": "示例"},
        source="elsewhere",
        source_key="0",
        by="demo",
        at=morning(DAY) + timedelta(hours=1),
        is_synthetic=True,
    )
    build(NEXT, delivered=other)
    assert ask(FIRM, NEXT)["leaf"] is None
    assert items(ask(OTHER, NEXT)) == ["0"]


def test_where_it_cannot_be_told_what_was_delivered_everyone_is_looked_at(build, ask):
    other = Delivered()
    build(delivered=other)
    other.deliver(FIRM, "0")
    other.tells = False
    assert build(NEXT, delivered=other).is_full
    assert items(ask(FIRM, NEXT)) == ["0"]


@pytest.mark.parametrize("seed", range(3))
def test_nights_of_changes_give_the_root_of_a_full_build(seed, penalty, build, home):
    drawn, other = random.Random(seed), Delivered()
    codes, recorded, day = [f"91440101MA59示例{n:04d}" for n in range(40)], [], DAY
    for night in range(6):
        at = morning(day) - timedelta(hours=drawn.randint(1, 10))
        for n in range(drawn.randint(0, 8)):
            kinds = drawn.choice([["criticism"], ["fine"], ["warning"]])
            begins = (day + timedelta(days=drawn.choice([0, 0, 2]))).isoformat()
            key = f"{night}-{n}"
            recorded.append(
                penalty(key, subject=drawn.choice(codes), at=at, types=kinds, published_on=begins)
            )
        for fact in drawn.sample(recorded, min(len(recorded), 2)):
            if not type(fact).objects.filter(supersedes=fact).exists():
                services.withdraw(fact, reason="撤销", by="demo", at=at)
        for _ in range(drawn.randint(0, 3)):
            other.deliver(drawn.choice(codes), str(other.number))
        built = build(day, delivered=other)
        day += timedelta(days=drawn.choice([1, 1, 40]))
    with PublicityMap(home.root / "again.sqlite3", is_writer=True) as store:
        everyone = building._everyone(store, other)
        root, entities, count = store.apply(built.day.day, building.leaves(everyone, built.day.day, other))
    assert (root, entities, count) == (built.day.root, built.day.entities, built.day.items)
    assert not built.is_full
    assert built.day.entities > 5


def test_roots_that_were_changed_added_or_removed_are_named(penalty, build, home):
    from zhijian.engines.publicity import agreement

    penalty()
    build()
    assert list(agreement.findings(home)) == []
    folder = home.published / "publicity"
    (folder / "2026-11-03.json").unlink()
    (folder / "2026-11-09.json").write_text("{}")
    (folder / "roots.json").write_text((folder / "roots.json").read_text().replace('"items":1', '"items":2'))
    with PublicityMap(building.map_file(home), is_writer=True) as store:
        store._store.execute("update day set root = ?", [bytes(32)])
    found = {one.where: one.message_en for one in agreement.findings(home)}
    assert list(found) == ["2026-11-03.json", "2026-11-09.json", "roots.json", "2026-11-03"]
    assert found["roots.json"].endswith("is not what the log has (line 2).")
