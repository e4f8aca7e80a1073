"""What people may do to a class that a model gave. Pure: takes letters and days."""

from datetime import date

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

VALID_MONTHS = parameters.load("supervision/class_review_valid_months")


@rule(cites="国市监信发〔2022〕6号")
def valid_until(decided_on: date) -> date:
    """Return the last day of a class that people set: after it the model's own stands again.

    ASSUMPTION: the months are a starting value of this project.
    """
    return add_months(decided_on, int(VALID_MONTHS.on(decided_on)))


@rule(cites="国市监信发〔2022〕6号")
def may_decide(*, model_class: str, decided_class: str, is_on_serious_list: bool) -> bool:
    """Say whether people may set this class: another letter than the model's, and never better than D while listed.

    ASSUMPTION: a standing serious listing is law, not a matter of weighing (《市场监督管理严重违法失信名单管理办法》第十五条).
    """
    return (
        decided_class in tuple("ABCD")
        and decided_class != model_class
        and (decided_class == "D" or not is_on_serious_list)
    )
