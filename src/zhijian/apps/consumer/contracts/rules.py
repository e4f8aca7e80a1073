"""Which trades file their standard contracts, and by when. Pure."""

from datetime import date, timedelta

from zhijian.standards import parameters
from zhijian.standards.citation import rule

FILING = parameters.load("consumer/contract_filing_trades")


@rule(cites="《合同行政监督管理办法》第十条")
def must_file(trade: str, *, on: date) -> bool:
    """Say whether a trade files its standard contracts on a day.

    ASSUMPTION: the order speaks of guiding key trades to publish their terms; which trades file, and whether they
    must, a province says. The list is a starting value of this project.
    """
    return trade in FILING.on(on)["trades"]


@rule(cites="《合同行政监督管理办法》第十条")
def filing_due_on(used_from: date) -> date:
    """Return the last day to file a contract that is used from a day."""
    return used_from + timedelta(days=FILING.on(used_from)["days"])
