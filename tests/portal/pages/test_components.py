"""How the portal writes dates, numbers and codes, and what the tile map shows."""

from datetime import UTC, date, datetime

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from zhijian.portal.components import bar_chart, outline_map, tile_map, trend_chart, words
from zhijian.portal.templatetags.zhijian import in_unit


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("value", "zh"),
    [(0, "0"), (9_999, "9,999"), (10_000, "1.0万"), (16_502_000, "1,650.2万"), (1_235_000_000, "12.35亿")],
)
def test_counts_are_written_in_wan_from_ten_thousand_and_in_yi_from_a_hundred_million(value, zh):
    with translation.override("zh-hans"):
        assert words.number(value) == zh


@pytest.mark.parametrize(
    ("value", "en"), [(9_999, "9,999"), (999_999, "999,999"), (16_502_000, "16.502 million")]
)
def test_english_counts_turn_to_millions(english, value, en):
    assert words.number(value) == en


def test_days_are_written_in_the_language_of_the_page(english):
    assert words.day(date(2026, 11, 22)) == "22 November 2026"
    with translation.override("zh-hans"):
        assert words.day(date(2026, 11, 22)) == "2026年11月22日"
        assert words.day(date(2026, 11, 22), within=2026) == "11月22日"


def test_times_are_of_beijing():
    with translation.override("zh-hans"):
        assert words.moment(datetime(2026, 11, 21, 23, 30, tzinfo=UTC)) == "2026年11月22日 07:30"


def test_a_code_is_grouped_two_six_nine_one():
    assert words.code_groups("91440106MA9XH0TW2T") == ["91", "440106", "MA9XH0TW2", "T"]
    assert words.code_groups("4401") == ["4401"]


@pytest.fixture
def shares():
    values = {"440100": 5.0, "440300": 4.9, "440600": 3.9, "440500": 6.0}
    with translation.override("zh-hans"):
        return tile_map.shares(values, target=5, title="示例", href=lambda code: f"#{code}")


def tile(drawn, code):
    return next(one for one in drawn.tiles if one.code == code)


def test_the_map_has_the_twenty_one_cities_each_in_a_place_of_its_own(shares):
    assert len({(one.x, one.y) for one in shares.tiles}) == 21


def test_the_scale_breaks_at_the_target(shares):
    assert (tile(shares, "440100").shade, tile(shares, "440100").is_below) == ("q4", False)
    assert (tile(shares, "440300").shade, tile(shares, "440300").is_below) == ("q3", True)
    assert tile(shares, "440300").text == "▼4.9%"
    assert tile(shares, "440600").shade == "q1"
    assert tile(shares, "440500").shade == "q5"


def test_where_a_city_has_twice_the_target_the_shades_go_up_by_whole_targets():
    values = {"440100": 4.9, "440300": 9.9, "440600": 12.0, "440500": 15.0, "440400": 20.0}
    drawn = tile_map.shares(values, target=5, title="示例", href=str)
    assert [tile(drawn, code).shade for code in values] == ["q1", "q2", "q3", "q4", "q5"]
    assert tile(drawn, "440100").is_below


def test_no_data_is_said_and_is_not_zero(shares):
    assert (tile(shares, "445300").text, tile(shares, "445300").shade) == ("无数据", "none")
    assert shares.legend[-1].text == "无数据"


def test_cities_that_are_all_alike_have_the_lightest_shade_and_one_line_in_the_legend():
    drawn = tile_map.fifths({"440100": 0.0, "440300": 0.0}, title="示例", href=str)
    assert tile(drawn, "440100").shade == "q1"
    assert [(step.shade, step.text) for step in drawn.legend][:1] == [("q1", "0.0%")]
    assert len(drawn.legend) == 2, "the one shade, and no data"


def test_a_map_of_counts_prints_every_value_zero_too():
    with translation.override("zh-hans"):
        drawn = tile_map.counts({"440100": 12}, title="示例", href=str)
    assert tile(drawn, "440100").text == "12"
    assert tile(drawn, "445300").text == "0"


def test_the_outline_shows_the_same_values_as_the_tiles(shares):
    drawn = {place.shape.code: place for place in outline_map.places(shares)}
    assert len(drawn) == 21
    assert drawn["440300"].text == "▼4.9%"
    assert all(
        place.shape.path.startswith("M") and place.shape.path.endswith("z") for place in drawn.values()
    )


def test_an_area_of_a_draw_is_named_in_the_language_of_the_page(english):
    named = [tile_map.area_name(code) for code in ("440106", "440000", "440100", "area-7")]
    assert named == ["Tianhe District, Guangzhou", "Guangdong", "Guangzhou", "area-7"]
    with translation.override("zh-hans"):
        assert tile_map.area_name("440106") == "天河区"


def test_a_bar_ends_where_its_value_is_of_the_whole_and_its_name_is_never_cut():
    long = "示例" * 40
    chart = bar_chart.bars("示例", [(long, 0.25, "25%"), ("无", None, "—")], top=1.0, mark=0.5)
    assert [bar.segments[0].width for bar in chart.bars] == [25, 0]
    assert (chart.bars[0].name, chart.mark) == (long, 50)
    page = render_to_string("portal/components/bar_chart.html", {"chart": chart})
    assert long in page and 'width="25.0%"' in page and 'x1="50.0%"' in page


def test_values_that_differ_little_are_told_apart_by_a_scale_that_does_not_begin_at_zero():
    lines = [("一", [2020, 2025], [93.86, 94.01]), ("二", [2020, 2025], [93.86, 94.0])]
    close = trend_chart.draw("示例", "年", "%", lines, write=lambda y: f"{y:.6g}", from_zero=False)
    assert [tick.text for tick in close.y_ticks] == ["93.85", "93.9", "93.95", "94", "94.05"]
    whole = trend_chart.draw("示例", "年", "", lines, write=lambda y: f"{y:.6g}")
    assert (whole.y_ticks[0].text, whole.x_label) == ("0", "年")


def test_a_line_of_one_value_is_drawn_as_a_short_dash():
    lines = [("一", [2021], [5.0]), ("二", [2021, 2022], [4.0, 6.0])]
    chart = trend_chart.draw("示例", "年", "%", lines, write=str)
    assert [line.path.count("L") for line in chart.lines] == [1, 1]


@pytest.mark.parametrize("value", [0, 7, 93.86])
def test_a_value_that_never_changed_has_a_scale_too(value):
    chart = trend_chart.draw(
        "示例", "年", "%", [("一", [2020, 2021], [value, value])], write=str, from_zero=False
    )
    assert len({tick.at for tick in chart.y_ticks}) == 5


def test_a_unit_stands_after_its_value_as_each_language_writes_it(english):
    assert in_unit("90", "%") == "90%" and in_unit("12", "patents") == "12 patents"
    with translation.override("zh-hans"):
        assert in_unit("1,780", "万户") == "1,780万户"


def test_a_browser_is_named_as_its_owner_knows_it():
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
    assert words.browser(f"{phone} MicroMessenger/8.0") == "微信 · 安卓"
    desk = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    assert (
        words.browser(f"{desk} Edg/130.0") == "Edge · Windows" and words.browser(desk) == "Chrome · Windows"
    )
    assert words.browser("Browser 1") == "Browser 1" and words.browser("") == ""
    with translation.override("en"):
        assert words.browser(phone) == "Chrome · Android"
