"""Checks for a lead: on which grounds, and who decides. Whether the cap allows it, `inspection.rules.admission` says."""

from zhijian.standards.citation import rule

GROUNDS = {
    "complaint": ("投诉", "A complaint"),
    "report": ("举报", "A report"),
    "transfer": ("其他部门移送", "Another department's transfer"),
    "alert": ("监测预警", "A monitoring alert"),
}
_TOLD = {
    "complaint": ("处理线索", "Work on a lead"),
    "report": ("处理线索", "Work on a lead"),
    "transfer": ("其他部门移送", "Another department's transfer"),
    "alert": ("监测预警", "A monitoring alert"),
}


@rule(
    cites="《中华人民共和国民营经济促进法》第五十二条；《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）"
)
def told_to_firm(ground: str) -> tuple[str, str]:
    """Return the ground as the firm reads it: complaint and report sound alike, so that nobody is guessed from it."""
    return _TOLD[ground]


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def counts_against_cap(ground: str) -> bool:
    """Say whether such a check uses up the yearly cap: none for a lead does, and none counts in the statistics of draws."""
    return ground not in GROUNDS
