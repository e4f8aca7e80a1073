"""Articles are cited in English by the titles of laws, translated once."""

import pytest

from zhijian.standards import law_titles

COMPLAINTS = "Measures for Handling Complaints and Reports in Market Regulation"


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("《市场监督管理投诉举报处理办法》第十三条", f"Art. 13, {COMPLAINTS}"),
        ("《市场监督管理投诉举报处理办法》第十条、第十三条、第四十一条", f"Arts. 10, 13 and 41, {COMPLAINTS}"),
        ("《市场监督管理投诉举报处理办法》第十八条至第二十四条", f"Arts. 18 to 24, {COMPLAINTS}"),
        ("《市场监督管理投诉举报处理办法》第二十三条第一款", f"Art. 23 para. 1, {COMPLAINTS}"),
        ("《中华人民共和国消费者权益保护法》第一百零二条", "Art. 102, Law on the Protection of Consumer Rights and Interests"),
        ("《行政处罚法》第四十五条、第六十三条；《广告法》第五十三条", "Arts. 45 and 63, Administrative Penalty Law; Art. 53, Advertising Law"),
        ("《企业经营异常名录管理办法》（2025年修订）第十五条", "Art. 15, Measures for the List of Enterprises with Abnormal Operations (2025 revision)"),
        (
            "《信用修复管理办法》（国家发展改革委令第36号）第十八条",
            "Art. 18, Measures for Credit Repair (Order No. 36, National Development and Reform Commission)",
        ),
        ("《广东省市场监管现代化“十四五”规划》第五章第二节", "ch. 5 sec. 2, Guangdong's 14th Five-Year Plan for Modern Market Regulation"),
        ("《民法典》", "Civil Code"),
        ("《企业公示信息抽查暂行办法》（2014年）第四条", "Art. 4, Interim Measures for Spot Checks of Information Disclosed by Enterprises (2014)"),
        (
            "《市场监管领域重大违法行为举报奖励暂行办法》（国市监稽规〔2021〕4号）第十七条",
            "Art. 17, Interim Measures for Rewarding Reports of Major Violations in Market Regulation (国市监稽规〔2021〕4号)",
        ),
    ],
)  # fmt: skip
def test_a_citation_reads_in_english_with_its_articles_counted(chinese, english):
    assert law_titles.in_english(chinese) == english


@pytest.mark.parametrize(
    "chinese",
    [
        "",
        "国办发〔2020〕42号",
        "《没有译名的规定》第一条",
        "《广告法》第五十三条的规定",
        "《民法典》第一条；国办发〔2020〕42号",
    ],
)
def test_what_cannot_be_said_in_english_is_left_to_its_own_words(chinese):
    assert law_titles.in_english(chinese) is None


def test_every_title_has_one_translation():
    english = list(law_titles.titles().values())
    assert len(set(english)) == len(english) and all(text.isascii() for text in english)
