"""Everything that shows whether somebody changed a record, checked in one go, by a verb or by night."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from zhijian.apps.plan.monitoring import agreement as plans
from zhijian.apps.supervision.inspection import agreement as checks
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import agreement as draws
from zhijian.engines.facts import accounts_agreement as accounts
from zhijian.engines.facts import looks
from zhijian.engines.facts.verification import Finding, Verification, summary
from zhijian.engines.publicity import agreement as day_roots
from zhijian.engines.registers.delivered import Comparison
from zhijian.infrastructure import verification_record
from zhijian.infrastructure.home import Home

_DISAGREEMENTS = ("ledger", "publicity", "account")


class Check:
    """One check of facts, of what must agree with them, and of the serving store; read `findings()` to its end."""

    def __init__(self, home: Home, kept: Mapping[str, Any] | None = None) -> None:
        self.home = home
        self._verification = Verification(home=home, kept=kept)
        self._comparison = Comparison(Lake(home.lake), home.serving)
        self._disagreements = 0

    def findings(self) -> Iterator[Finding]:
        """Yield what is not as it was sealed, published or delivered."""
        in_store = (Finding("store", **vars(one)) for one in self._comparison.differences())
        for finding in chain(
            self._verification.findings(), draws.findings(), checks.findings(), plans.findings(), accounts.findings(),
            day_roots.findings(self.home), in_store,
        ):  # fmt: skip
            self._disagreements += finding.code in _DISAGREEMENTS
            yield finding

    def numbers(self) -> dict[str, Any]:
        """Return what was checked and found, in numbers."""
        numbers = summary(self._verification)
        store = self._comparison
        return numbers | {
            "ok": numbers["ok"] and not store.found and not self._disagreements,
            "findings": numbers["findings"] + store.found + self._disagreements,
            "ledger_findings": self._disagreements,
            "store_facts": store.facts,
            "store_findings": store.found,
        }


def check_all(home: Home, *, at: datetime) -> int:
    """Check facts, looks and refusals, keep the outcome for whoever runs the site, and return how much was found."""
    found = [(one.message_zh, one.message_en) for one in Check(home).findings()]
    for kept in (looks.LOOKS_KEPT, looks.REFUSALS_KEPT):
        found += [
            (f"查看或者拒绝记录{place}被改、缺失或者换了位置", f"record {place} of looks or refusals: {what}")
            for place, what in looks.differences(kept)
        ]
    verification_record.keep(home, at=at, found=len(found), first=found)
    return len(found)
