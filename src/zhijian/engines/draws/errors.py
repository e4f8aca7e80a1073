"""What the draw engine refuses, said in Chinese and English, with what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhijian.standards.bilingual import BilingualError


class DrawRefused(BilingualError):
    """A step of a draw was refused. ``message_zh`` and ``message_en`` say what, why and what next."""

    wording = "{zh} / {en}"


class PlanInvalid(DrawRefused):
    """The plan of the draw contradicts itself or the protocol."""


class TooEarly(DrawRefused):
    """The planned moment of this step has not come."""


class TooLate(DrawRefused):
    """The planned moment of this step has passed."""


class WrongOrder(DrawRefused):
    """An earlier step is missing, or this step was already taken."""


class WrongPerson(DrawRefused):
    """This step belongs to somebody else."""


class WrongValue(DrawRefused):
    """A value does not have the form that was announced, or does not open its commitment."""


class NotEnoughInspectors(DrawRefused):
    """Even the widest pool cannot give every object a team."""


class Tampered(DrawRefused):
    """Stored material no longer matches the fingerprint that was published."""


@dataclass(frozen=True)
class RevealingCell:
    """A public cell from which an outsider could read the class of a named firm."""

    area: str
    group: str
    drawn: int
    largest_share_percent: int
    reason_zh: str
    reason_en: str


class DisclosureRisk(DrawRefused):
    """Publishing this design would reveal classes. ``cells`` names where; the message says the remedy."""

    def __init__(self, cells: Sequence[RevealingCell]) -> None:
        self.cells = tuple(cells)
        first = self.cells[0]
        super().__init__(
            f"{first.area}（{first.group or '全部行业'}）会泄露风险分类：{first.reason_zh}共{len(self.cells)}处。"
            "请把该地区并入上级地区（设 merge_areas），或调整抽取比例后重新冻结。",
            f"{first.area} ({first.group or 'all groups'}) would reveal the risk class: {first.reason_en} "
            f"{len(self.cells)} cell(s) in all. Merge the area into its parent (merge_areas) or change the rates.",
        )
