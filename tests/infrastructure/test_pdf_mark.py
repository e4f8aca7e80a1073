"""A report that is taken away names its taker at the foot of each page."""

import typst

from zhijian.infrastructure.pdf_mark import marked_pdf
from zhijian.infrastructure.pdf_text import read_pages


def test_every_page_ends_with_the_line_and_keeps_its_words(tmp_path):
    (tmp_path / "a.typ").write_text("First page\n#pagebreak()\nSecond page")
    made = marked_pdf(typst.compile(str(tmp_path / "a.typ")), "Exported by clerk, record 7")
    pages = read_pages(made)
    assert [("Exported by clerk, record 7" in page) for page in pages] == [True, True]
    assert "First page" in pages[0] and "Second page" in pages[1]
