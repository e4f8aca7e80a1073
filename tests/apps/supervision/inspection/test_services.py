"""From the drawn list to the published result: who may do what, when, and what is written down."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from tests.apps.supervision.inspection.casework import AT, HERE, NOTHING_FOUND, corrected, picture
from zhijian.apps.supervision.inspection import policies, queries, services
from zhijian.apps.supervision.inspection.ending_rules import Told
from zhijian.apps.supervision.inspection.models import Check, CheckEvent, Evidence, FollowUp, InspectionItem
from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.inspection.services import Position, ResultEntry
from zhijian.engines.evidence import examining as evidence
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def facts_of(check):
    return list(
        Fact.objects.filter(subject=check.uscc).order_by("recorded_at").values_list("kind", flat=True)
    )


def fresh(check):
    return Check.objects.get(pk=check.pk)


def test_the_item_list_loads_once_and_every_item_has_a_basis_in_law():
    assert services.publish_item_list(by=None, at=AT) == 12
    assert services.publish_item_list(by=None, at=AT) == 0
    assert not InspectionItem.objects.filter(legal_basis="").exists()


def test_an_item_outside_the_list_may_not_be_inspected(staff, a_draw):
    services.publish_item_list(by=None, at=AT)
    with pytest.raises(policies.Incomplete, match="清单之外的事项不得检查"):
        services.dispatch(a_draw(item_codes=("XXX-99",)), by=staff.drawer, at=AT)
    with pytest.raises(policies.Incomplete):
        services.dispatch(a_draw(drawn_on=date(2025, 12, 31)), by=staff.drawer, at=AT)


def test_a_finished_draw_is_dispatched_once(staff, a_draw, check):
    again = services.dispatch(a_draw(), by=staff.drawer, at=AT)
    assert again.checks.get() == check
    assert check.state == State.DISPATCHED
    assert facts_of(check) == ["inspection.dispatched"]


def test_only_a_drawer_dispatches(staff, a_draw):
    services.publish_item_list(by=None, at=AT)
    with pytest.raises(Forbidden):
        services.dispatch(a_draw(), by=staff.first, at=AT)


def test_a_rehearsal_gives_real_firms_neither_check_nor_fact(staff, a_draw):
    services.publish_item_list(by=None, at=AT)
    real = a_draw(is_synthetic=False, is_rehearsal=True)
    task = services.dispatch(real, by=staff.drawer, at=AT)
    assert task.checks.count() == 0
    assert task.drawn_count == 1
    assert Fact.objects.count() == 0


def test_a_draw_in_earnest_dispatches_real_firms(staff, a_draw):
    services.publish_item_list(by=None, at=AT)
    task = services.dispatch(a_draw(is_synthetic=False), by=staff.drawer, at=AT)
    assert not task.checks.get().is_synthetic
    assert not Fact.objects.get().is_synthetic


def test_only_the_two_drawn_inspectors_may_begin(check, staff):
    with pytest.raises(policies.WrongPerson, match="示例陈检、示例李检"):
        services.begin(check, HERE, certificates_shown=True, by=staff.third, at=AT)
    with pytest.raises(Forbidden):
        services.begin(check, HERE, certificates_shown=True, by=staff.publisher, at=AT)


@pytest.mark.parametrize("field", ["uscc", "is_synthetic", "inspector_second"])
def test_a_check_that_is_not_what_was_dispatched_is_neither_begun_nor_published(check, staff, steps, field):
    other = {"uscc": "91440106MA9XH0T99X", "is_synthetic": False, "inspector_second": staff.third}[field]
    honest = {field: getattr(check, field)}
    rows = Check.objects.filter(pk=check.pk)
    rows.update(**{field: other})
    with pytest.raises(policies.NotAsDrawn, match="派发时的记录"):
        services.begin(check, HERE, certificates_shown=True, by=staff.first, at=AT)
    rows.update(**honest)
    services.begin(check, HERE, certificates_shown=True, by=staff.first, at=AT)
    services.record_result(check, NOTHING_FOUND, by=staff.first, at=AT)
    services.confirm_by_second(check, by=staff.second, at=AT)
    rows.update(**{field: other})
    with pytest.raises(policies.NotAsDrawn, match="派发时的记录"):
        services.publish(check, by=staff.publisher, at=AT)


def test_what_the_second_inspector_did_not_confirm_is_not_published(confirmed, staff):
    row = confirmed.result.item_results.first()
    confirmed.result.item_results.filter(pk=row.pk).update(
        finding="conform" if row.finding != "conform" else "problem"
    )
    with pytest.raises(policies.NotAsDrawn, match="确认时的记录"):
        services.publish(confirmed, by=staff.publisher, at=AT)
    confirmed.result.item_results.filter(pk=row.pk).update(finding=row.finding)
    services.publish(confirmed, by=staff.publisher, at=AT)


def test_a_check_whose_place_nobody_knows_is_published_by_its_own_unit_alone(confirmed, staff):
    elsewhere = Organisation.objects.create(code="GD-440303", name="示例罗湖局", name_en="Luohu", level="county",
                                            division_code="440303", is_synthetic=True)  # fmt: skip
    Check.objects.filter(pk=confirmed.pk).update(division_code="")
    confirmed.refresh_from_db()
    stranger = Officer.objects.create(
        username="sun", organisation=elsewhere, roles=["publisher", "inspector"]
    )
    with pytest.raises(Forbidden, match="天河区"):
        services.publish(confirmed, by=stranger, at=AT)
    with pytest.raises(Forbidden, match="天河区"):
        services.close_follow_up(confirmed.follow_ups.first(), Told("corrected"), by=stranger, at=AT)
    services.publish(confirmed, by=staff.publisher, at=AT)
    with pytest.raises(Forbidden, match="天河区"):
        services.propose_correction(confirmed, NOTHING_FOUND, "更正", by=stranger, at=AT)


def test_a_visit_needs_shown_certificates_and_a_position(check, staff):
    with pytest.raises(policies.Incomplete) as refusal:
        services.begin(check, Position(), certificates_shown=False, by=staff.first, at=AT)
    assert [problem.field for problem in refusal.value.problems] == ["certificates_shown", "position_words"]
    assert fresh(check).state == State.DISPATCHED


def test_a_certificate_that_expired_before_the_visit_stops_it(check, staff):
    staff.second.certificate_valid_until = date(2026, 9, 15)
    staff.second.save()
    with pytest.raises(policies.Incomplete, match="示例李检的执法证件"):
        services.begin(fresh(check), HERE, certificates_shown=True, by=staff.first, at=AT)


def test_one_person_with_two_accounts_is_no_pair(check, staff):
    staff.second.certificate_number = staff.first.certificate_number
    staff.second.save()
    with pytest.raises(policies.Incomplete) as refusal:
        services.begin(fresh(check), HERE, certificates_shown=True, by=staff.first, at=AT)
    assert "同一个人" in refusal.value.problems[0].message_zh


def test_the_same_key_begins_once(check, staff):
    key = uuid4()
    answers = [
        services.begin(check, HERE, certificates_shown=True, by=staff.first, at=AT, key=key) for _ in range(3)
    ]
    assert answers == [{"state": "on_site"}] * 3
    assert CheckEvent.objects.filter(check_record=check, verb="begin").count() == 1


def test_a_key_cannot_be_used_for_another_send(check, staff):
    key = uuid4()
    services.begin(check, HERE, certificates_shown=True, by=staff.first, at=AT, key=key)
    with pytest.raises(policies.KeyReused):
        services.save_draft(check, {}, base_version=0, by=staff.first, at=AT, key=key)
    with pytest.raises(policies.KeyReused):
        services.begin(check, HERE, certificates_shown=True, by=staff.second, at=AT, key=key)


def test_the_phones_time_counts_unless_it_cannot_be_true(check, staff):
    earlier = AT + timedelta(hours=3)
    services.begin(
        check, HERE, certificates_shown=True, by=staff.first, at=AT + timedelta(hours=9), happened_at=earlier
    )
    assert fresh(check).last("begin").happened_at == earlier
    later = AT + timedelta(days=400)
    services.record_result(
        check, NOTHING_FOUND, by=staff.first, at=AT + timedelta(hours=10), happened_at=later
    )
    assert fresh(check).last("record").happened_at == AT + timedelta(hours=10)


def test_a_draft_is_kept_in_versions_and_the_same_text_adds_none(on_site, staff):
    typed = {"findings": {"REG-01": {"finding": "conform", "note": "看过原件"}}, "codes": ["1", "nonsense"]}
    assert services.save_draft(on_site, typed, base_version=0, by=staff.first, at=AT) == {"version": 1}
    assert services.save_draft(on_site, typed, base_version=1, by=staff.first, at=AT) == {"version": 1}
    kept = on_site.drafts.get().content
    assert kept["findings"]["REG-01"] == {"finding": "conform", "note": "看过原件"}
    assert kept["codes"] == ["1"]


def test_a_draft_never_overwrites_what_the_colleague_saved_since(on_site, staff):
    services.save_draft(on_site, {"summary": "一"}, base_version=0, by=staff.first, at=AT)
    with pytest.raises(policies.ChangedUnderYou, match="您填的内容没有丢") as conflict:
        services.save_draft(on_site, {"summary": "二"}, base_version=0, by=staff.second, at=AT)
    assert (conflict.value.version, conflict.value.content["summary"]) == (1, "一")
    services.save_draft(on_site, {"summary": "二"}, base_version=1, by=staff.second, at=AT)
    assert [draft.content["summary"] for draft in on_site.drafts.all()] == ["一", "二"]


def test_an_incomplete_result_writes_nothing(on_site, staff):
    with pytest.raises(policies.Incomplete):
        services.record_result(on_site, ResultEntry(codes=(), findings={}), by=staff.first, at=AT)
    assert on_site.results.count() == 0
    assert fresh(on_site).state == State.ON_SITE


def test_unreachable_needs_its_proof_as_a_photo(on_site, staff, home):
    entry = ResultEntry(codes=("5",), findings={}, unreachable_proof="premises_missing")
    with pytest.raises(policies.Incomplete, match="证明还没有附上"):
        services.record_result(on_site, entry, by=staff.first, at=AT)
    services.add_evidence(on_site, picture(), "door.jpg", media=home.media, by=staff.first, at=AT)
    services.record_result(on_site, entry, by=staff.first, at=AT)
    assert fresh(on_site).result.unreachable_proof == "premises_missing"


def test_who_recorded_the_result_cannot_confirm_it(entered, staff):
    with pytest.raises(policies.WrongPerson, match="另一名检查人员"):
        services.confirm_by_second(entered, by=staff.first, at=AT)
    with pytest.raises(policies.WrongPerson):
        services.confirm_by_second(entered, by=staff.third, at=AT)
    services.confirm_by_second(entered, by=staff.second, at=AT)
    assert fresh(entered).state == State.CONFIRMED


def test_a_result_sent_back_is_recorded_anew_beside_the_old_one(entered, staff):
    with pytest.raises(policies.Incomplete):
        services.send_back(entered, " ", by=staff.second, at=AT)
    services.send_back(entered, "请补拍标签", by=staff.second, at=AT)
    assert fresh(entered).state == State.RETURNED
    services.record_result(entered, NOTHING_FOUND, by=staff.first, at=AT)
    assert [result.version for result in entered.results.all()] == [1, 2]


def test_problems_open_follow_ups_with_their_days_when_confirmed(entered, staff):
    assert FollowUp.objects.count() == 0
    services.confirm_by_second(entered, by=staff.second, at=AT)
    kinds = {(row.kind, row.due_on) for row in FollowUp.objects.all()}
    assert kinds == {("recheck", date(2026, 9, 30)), ("file_case", date(2026, 10, 13))}
    assert facts_of(entered).count("inspection.follow_up") == 2


def test_who_is_no_inspector_any_more_closes_no_follow_up_of_an_earlier_visit(confirmed, staff):
    staff.first.roles = []
    staff.first.save()
    with pytest.raises(Forbidden):
        services.close_follow_up(
            FollowUp.objects.get(kind="recheck"), Told("corrected"), by=staff.first, at=AT
        )


def test_only_a_publisher_publishes_and_only_what_is_confirmed(entered, staff):
    with pytest.raises(policies.NotNow, match="等待第二名检查人员确认"):
        services.publish(entered, by=staff.publisher, at=AT)
    services.confirm_by_second(entered, by=staff.second, at=AT)
    with pytest.raises(Forbidden):
        services.publish(entered, by=staff.first, at=AT)


def test_publication_is_a_fact_without_photos_notes_or_names_of_inspectors(published, staff):
    fact = Fact.objects.get(kind="inspection.result")
    assert fact.payload["codes"] == ["6", "9"]
    assert fact.occurred_on == date(2026, 9, 16)
    assert fact.is_synthetic
    text = str(fact.payload)
    assert "红豆" not in text
    assert "示例陈检" not in text


def test_a_result_is_published_once(published, staff):
    with pytest.raises(policies.NotNow, match="已公示"):
        services.publish(published, by=staff.publisher, at=AT)
    assert Fact.objects.filter(kind="inspection.result").count() == 1


def test_publication_does_not_wait_for_the_correction_of_what_was_found(published):
    assert fresh(published).state == State.PUBLISHED
    assert FollowUp.objects.filter(closing=None).count() == 2


def test_a_correction_keeps_both_versions_and_says_why(published, staff):
    later = AT + timedelta(days=2)
    corrected(published, NOTHING_FOUND, "食品标签系另一家企业", staff=staff, at=later)
    shown = queries.result(published.pk)
    assert [[code.code for code in version.codes] for version in shown.versions] == [["1"], ["6", "9"]]
    assert shown.current.correction_reason == "食品标签系另一家企业"
    assert Fact.objects.filter(kind="inspection.result").count() == 2
    assert not FollowUp.objects.filter(closing=None).exists()


def test_one_publisher_alone_corrects_nothing(published, staff):
    services.propose_correction(published, NOTHING_FOUND, "另一家", by=staff.publisher, at=AT)
    with pytest.raises(policies.WrongPerson, match="另一名公示人员"):
        services.confirm_correction(published, by=staff.publisher, at=AT)
    with pytest.raises(policies.NotNow, match="已提出更正"):
        services.propose_correction(published, NOTHING_FOUND, "再来", by=staff.reviewer, at=AT)
    assert [code.code for code in queries.result(published.pk).current.codes] == ["6", "9"]
    assert Fact.objects.filter(kind="inspection.result").count() == 1


def test_a_confirmed_correction_tells_the_public_offices_and_facts_and_officers_the_accounts(
    published, staff
):
    corrected(published, NOTHING_FOUND, "另一家", staff=staff, at=AT)
    newest = Fact.objects.get(kind="inspection.result", revision=1)
    steps = Fact.objects.filter(kind="inspection.correction").order_by("source_key")
    assert [(one.payload["step"], one.recorded_by) for one in steps] == [
        ("confirmed", "sunli"),
        ("proposed", "qian"),
    ]
    office = {"office": staff.unit.name, "office_code": staff.unit.code, "role": "publisher"}
    assert newest.payload["correction"] == {
        one.payload["step"]: office | {"fact_id": str(one.fact_id)} for one in steps
    }
    said = str(newest.payload)
    assert not any(name in said for name in ("qian", "sunli", "示例钱公示", "示例孙复核"))
    event = fresh(published).last("correct")
    assert (event.payload["proposed_by"], event.payload["confirmed_by"]) == ("qian", "sunli")
    with pytest.raises(policies.NotNow, match="没有待确认"):
        services.confirm_correction(published, by=staff.reviewer, at=AT)


def test_a_proposal_edited_in_the_table_is_not_confirmed(published, staff):
    services.propose_correction(published, NOTHING_FOUND, "另一家", by=staff.publisher, at=AT)
    proposal = fresh(published).proposal
    proposal.payload["content"]["codes"] = ["8"]
    type(proposal).objects.filter(pk=proposal.pk).update(payload=proposal.payload)
    with pytest.raises(policies.NotAsDrawn, match="更正内容"):
        services.confirm_correction(fresh(published), by=staff.reviewer, at=AT)


def test_a_refused_correction_changes_nothing_and_leaves_room_for_another(published, staff):
    services.propose_correction(published, NOTHING_FOUND, "另一家", by=staff.publisher, at=AT)
    with pytest.raises(policies.Incomplete):
        services.refuse_correction(published, " ", by=staff.reviewer, at=AT)
    services.refuse_correction(published, "证据不足", by=staff.reviewer, at=AT)
    services.propose_correction(published, NOTHING_FOUND, "补了证据", by=staff.reviewer, at=AT)
    services.confirm_correction(published, by=staff.publisher, at=AT)
    assert queries.result(published.pk).current.correction_reason == "补了证据"


def test_events_and_evidence_are_never_changed_or_deleted(on_site):
    event = on_site.events.first()
    event.verb = "publish"
    with pytest.raises(TypeError, match="written once"):
        event.save()
    with pytest.raises(TypeError, match="never deleted"):
        event.delete()


def test_a_photo_is_kept_as_delivered_and_arrives_once(on_site, staff, home):
    data, key = picture(), uuid4()
    for _ in range(2):
        services.add_evidence(
            on_site, data, "../红豆.jpg", media=home.media, item_code="FOO-01", by=staff.first, at=AT, key=key
        )
    kept = Evidence.objects.get()
    assert kept.name == "红豆.jpg"
    assert kept.item.code == "FOO-01"
    assert evidence.original_path(home.media, kept.sha256).read_bytes() == data


def test_nothing_is_added_to_a_confirmed_check(confirmed, staff, home):
    with pytest.raises(policies.NotNow):
        services.add_evidence(confirmed, picture(), "late.jpg", media=home.media, by=staff.first, at=AT)
    with pytest.raises(policies.NotNow):
        services.save_draft(confirmed, {"summary": "补一句"}, base_version=0, by=staff.first, at=AT)
