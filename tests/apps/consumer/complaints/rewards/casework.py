"""What the tests of rewards share: a proven report, its reward at a stage, a step by its name."""

from datetime import date

from tests.apps.consumer.complaints.casework import CLUE, CONSUMER, at
from zhijian.apps.consumer.complaints.rewards.models import RewardCase
from zhijian.engines.procedures import services as procedures

TESTS = {"has_evidence": True, "is_punishable": True, "is_ours": True, "is_within_limitation": True}
FOUND = {
    "outcome": "reward",
    "reward_level": "second",
    "fine_yuan": "200000",
    "assessment_reason": "提供了违法事实和直接证据，与查明的一致。",
}


class Rewarding:
    """One report on its way to a reward; the day is the journey's."""

    def __init__(self, journey):
        self.journey, self.office = journey, journey.office

    @property
    def now(self):
        return at(self.journey.day)

    def proven(self, **more):
        """A report that led to a case."""
        report = self.journey.report(**more)
        self.journey.do(report, "triage_report", self.office.intake, outcome="verify")
        return self.journey.do(
            report, "verify_clue", self.office.handler, outcome="file", finding="查实过期食品。", **TESTS
        )

    def opened(self, report=None, **more):
        """A reward whose case was concluded on 2 November 2026."""
        report = report or self.proven(**more)
        self.journey.day = date(2026, 11, 3)
        self.journey.do(
            report,
            "consider_reward",
            self.office.leader,
            outcome="reward",
            conclusion="penalty",
            concluded_on="2026-11-02",
            penalty_number="穗天市监罚〔2026〕9号",
        )
        return RewardCase.objects.get(report=report)

    def do(self, reward_case, task, by, **data):
        """Hand in an open step of the reward's case."""
        item = self.step(reward_case, task)
        procedures.complete(item, data=data, by=by, at=self.now)
        return RewardCase.objects.get(pk=reward_case.pk)

    def step(self, reward_case, task):
        return reward_case.case.work_items.get(task=task, state="open")

    def approved(self, reward_case=None, found=FOUND, **more):
        """Assessed by one, looked at by another, approved by a leader."""
        reward_case = reward_case or self.opened(**more)
        self.do(reward_case, "assess_reward", self.office.handler, **found)
        self.do(reward_case, "review_reward", self.office.second, outcome="agree")
        return self.do(reward_case, "approve_reward", self.office.leader, outcome="approve")

    def told(self, reward_case=None, **more):
        """The reporter was told on 10 November 2026: claims until 10 December."""
        reward_case = reward_case or self.approved(**more)
        self.journey.day = date(2026, 11, 10)
        return self.do(reward_case, "tell_reward", self.office.handler, told_channel="status")


def anonymous():
    """A clue without a reporter's name, handed in with a receipt's code."""
    return {"clue": CLUE, "reporter": None, "receipt_code_hash": "0" * 64}


__all__ = ["CONSUMER", "FOUND", "Rewarding", "anonymous"]
