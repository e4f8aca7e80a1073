"""The demonstration's complaints and reports: every stage, all marked, and nothing twice."""

import pytest

from zhijian.operations.demo import complaints


class NoRegister:
    """A register in which no invented firm is found."""

    def search(self, query, filters, size):
        from types import SimpleNamespace

        return SimpleNamespace(records=())


@pytest.fixture
def county(db):
    from zhijian.security.models import Organisation

    return Organisation.objects.create(
        code=f"amr-{complaints.SHOWN}",
        name="示例天河区局",
        name_en="AMR 440106 (sample)",
        level="county",
        division_code=complaints.SHOWN,
        is_synthetic=True,
    )


def test_invented_submissions_reach_every_stage_and_a_second_run_adds_none(county, tmp_path):
    from zhijian.apps.consumer.analysis.models import Signal
    from zhijian.apps.consumer.complaints.matters.models import Suggestion
    from zhijian.apps.consumer.complaints.models import Complaint, Submission, ViolationReport
    from zhijian.engines.facts.models import Fact

    here = (complaints.SHOWN,)
    assert complaints.staff(here) == 4
    steps = []
    assert complaints.seed(NoRegister(), lambda: steps.append(1), here) == len(steps) == 12
    assert complaints.staff(here) == complaints.seed(NoRegister(), lambda: None, here) == 0
    assert Submission.objects.filter(is_synthetic=True).count() == 12
    states = {one.state for one in Complaint.objects.prefetch_related("steps")}
    assert states == {"received", "id_pending", "accepted", "rejected", "mediating", "testing", "closed"}
    reports = ViolationReport.objects.prefetch_related("steps")
    assert {one.state for one in reports} == {"verifying", "case_filed"}
    assert Fact.objects.filter(kind="complaint.upheld", is_synthetic=True).count() == 1
    assert not Fact.objects.filter(kind__startswith="complaint.", is_synthetic=False).exists()
    assert complaints.judge(tmp_path) == Signal.objects.filter(is_synthetic=True).count()
    assert Suggestion.objects.count() == Complaint.objects.count() + ViolationReport.objects.count()
