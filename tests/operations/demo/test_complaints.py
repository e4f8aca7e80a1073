"""The demonstration's complaints and reports: every stage, all marked, and nothing twice."""

from itertools import combinations

import pytest

from zhijian.operations.demo import complaints


class NoRegister:
    """A register in which no invented firm is found."""

    def search(self, query, filters, size):
        from types import SimpleNamespace

        return SimpleNamespace(records=())


def unit(division, level, parent=None):
    from zhijian.security.models import Organisation

    return Organisation.objects.create(
        code=f"amr-{division}",
        name=f"示例{division}局",
        name_en=f"AMR {division} (sample)",
        level=level,
        division_code=division,
        parent=parent,
        is_synthetic=True,
    )


@pytest.fixture
def county(db):
    return unit(complaints.SHOWN, "county", unit("440100", "city"))


def test_one_invented_reward_is_paid_and_one_is_under_review(county):
    from zhijian.apps.consumer.complaints.rewards.models import Payment, Review

    unit(complaints.PAID, "county")
    complaints.staff((complaints.SHOWN, complaints.PAID))
    for number, place in ((50, complaints.SHOWN), (52, complaints.PAID)):
        complaints._Story(number, place, NoRegister()).filed()
    payment = Payment.objects.get()
    assert payment.is_paid and payment.claim.grant.state == "paid"
    review = Review.objects.get()
    assert review.is_synthetic and review.case.work_items.get().task == "examine_review"


def test_invented_submissions_reach_every_stage_and_a_second_run_adds_none(county, tmp_path):
    from zhijian.apps.consumer.analysis.models import Signal
    from zhijian.apps.consumer.complaints.matters.models import Suggestion
    from zhijian.apps.consumer.complaints.models import Complaint, Submission, ViolationReport
    from zhijian.engines.facts.models import Fact
    from zhijian.security.models import Officer
    from zhijian.security.persons import are_two_persons

    here = (complaints.SHOWN,)
    assert complaints.staff(here) == 7
    people = list(Officer.objects.all())
    assert all(
        are_two_persons(*pair) for pair in combinations(people, 2)
    )  # steps of two persons are open to them
    steps = []
    assert complaints.seed(NoRegister(), lambda: steps.append(1), here) == len(steps) == 14
    assert complaints.staff(here) == complaints.seed(NoRegister(), lambda: None, here) == 0
    assert Submission.objects.filter(is_synthetic=True).count() == 14
    states = {one.state for one in Complaint.objects.prefetch_related("steps")}
    assert states == {"received", "id_pending", "accepted", "rejected", "mediating", "testing", "closed"}
    joint, agent = (
        Complaint.objects.filter(submission__parties__capacity=capacity).distinct().get().submission
        for capacity in ("joint", "agent")
    )
    assert [one.capacity for one in joint.parties.order_by("pk")] == ["representative"] * 2 + ["joint"] * 3
    assert [one.capacity for one in agent.parties.order_by("pk")] == ["complainant", "agent"]
    assert agent.parties.get(capacity="agent").mandate["scope"] == "general"
    reports = ViolationReport.objects.prefetch_related("steps")
    assert {one.state for one in reports} == {"verifying", "result_told"}
    assert Fact.objects.filter(kind="complaint.upheld", is_synthetic=True).count() == 1
    assert not Fact.objects.filter(kind__startswith="complaint.", is_synthetic=False).exists()
    assert complaints.judge(tmp_path) == Signal.objects.filter(is_synthetic=True).count()
    assert Suggestion.objects.count() == Complaint.objects.count() + ViolationReport.objects.count()
