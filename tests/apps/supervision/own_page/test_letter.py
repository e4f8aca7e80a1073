"""The letter about a firm's account: numbered and sealed, without the code."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from zhijian.apps.supervision.own_page import paperwork
from zhijian.engines.documents import services as documents
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_letter_says_until_when_and_where_and_never_the_code(home):
    unit = Organisation.objects.create(
        code="GD-440106",
        name="示例天河区市场监督管理局",
        name_en="Tianhe (example)",
        level="county",
        division_code="440106",
        is_synthetic=True,
    )
    clerk = Officer.objects.create(username="clerk", organisation=unit, roles=["intake"])
    code, letter = paperwork.issue_access(
        "91440101MA5CQ0001X", "示例企业", "440106", by=clerk, at=AT, randomness=lambda n: bytes(range(n)),
        is_synthetic=True,
    )  # fmt: skip
    words = "".join(letter.content["paragraphs"])
    assert "2026年4月1日" in words and "/my/activate/" in words and "年度报告" in words
    assert code.replace("-", "") not in words.replace("-", "") and letter.number.endswith("号")
    assert documents.path_of(home.media, letter.sha256).exists()
    assert paperwork.check_paper("91440101MA5CQ0001X", clerk)
    clerk.roles = ["inspector"]
    with pytest.raises(Forbidden):
        paperwork.check_paper("91440101MA5CQ0001X", clerk)
