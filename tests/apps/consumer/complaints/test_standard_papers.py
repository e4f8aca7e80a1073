"""Ten standard documents (Order 121): each whole, each with its own word, each naming its article."""

from datetime import UTC, date, datetime

import pytest

from zhijian.apps.consumer.complaints.standard_papers import PAPERS
from zhijian.engines.documents import paper
from zhijian.engines.documents.paper import Paper

AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_there_are_ten_each_with_a_word_of_its_own_and_an_article():
    assert len(PAPERS) == 10
    assert len({one.word for one in PAPERS.values()}) == 10
    assert all(one.basis.startswith("《市场监督管理投诉举报处理办法》第") for one in PAPERS.values())


@pytest.mark.parametrize("code", sorted(PAPERS))
def test_each_is_a_paper_once_its_places_are_filled(code):
    template = PAPERS[code]
    addressee, paragraphs = template.written(dict.fromkeys(template.places, "示例"))
    made = Paper(
        template.title_zh, "示例局", addressee, tuple(paragraphs), date(2026, 11, 22), number="示〔2026〕1号"
    )
    assert paper.pdf(made, at=AT).startswith(b"%PDF-1.7")
    assert paper.missing_in([template.title_zh, *paragraphs]) == []
    assert "{" not in addressee + "".join(paragraphs)


def test_an_anonymous_report_names_nobody():
    data = dict.fromkeys(PAPERS["report_register"].places, "示例") | {"reporter": ""}
    assert "举报人：匿名。" in PAPERS["report_register"].written(data)[1]
