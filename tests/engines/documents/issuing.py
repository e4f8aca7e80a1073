"""A kind of document and its issuing."""

from datetime import UTC, datetime

from zhijian.engines.documents import services
from zhijian.engines.documents.declaration import Template
from zhijian.engines.evidence.services import Owner

AT = datetime(2026, 11, 22, 4, 0, 0, 123456, tzinfo=UTC)
OWNER = Owner("sample", "7")
SITE = "https://zhijian.example/"
TEMPLATE = Template(
    code="acceptance",
    title_zh="投诉受理决定书",
    title_en="Decision to accept",
    word="消受",
    basis="《市场监督管理投诉举报处理办法》第十四条",
    addressee="{{ name }}",
    paragraphs=("您于{{ day }}反映的消费争议，本局决定受理。", "{% if note %}{{ note }}{% endif %}"),
)
DATA = {"name": "陈小丽", "day": "2026年11月2日", "note": ""}


def issue(home, officer, at=AT, **data):
    return services.issue(
        TEMPLATE, DATA | data, OWNER, site=SITE, media=home.media, by=officer, at=at, is_synthetic=True
    )
