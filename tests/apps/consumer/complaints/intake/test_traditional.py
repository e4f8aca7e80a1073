"""Pages in traditional characters: the page's words change, names and answers do not."""

from zhijian.apps.consumer.complaints.intake import traditional


def test_words_and_spoken_attributes_are_converted_and_the_page_says_so():
    page = traditional.page(
        '<html lang="zh-Hans"><a href="/x/?q=图&amp;b=1" title="退款">投诉举报</a></html>'
    )
    assert 'lang="zh-Hant-HK"' in page
    assert "投訴舉報" in page
    assert 'href="/x/?q=图&amp;b=1"' in page


def test_names_and_what_was_typed_stay_as_they_are():
    html = '<p>店名：<b translate="no">广东<i>示例</i></b>发票</p><textarea name="facts">发霉</textarea><input value="广东">'
    page = traditional.page(html)
    assert '<b translate="no">广东<i>示例</i></b>發票' in page
    assert '<textarea name="facts">发霉</textarea>' in page
    assert '<input value="广东">' in page


def test_what_was_escaped_stays_escaped():
    html = '<p title="&quot;图&quot;">&lt;script&gt;图&#39;</p>'
    page = traditional.page(html)
    assert page == '<p title="&quot;圖&quot;">&lt;script&gt;圖&#39;</p>'


def test_a_page_without_chinese_comes_back_as_it_was():
    html = '<!doctype html><ul><li>one<li>two</ul><svg class="icon"><use href="#a"></use></svg><br>'
    assert traditional.page(html) == html
