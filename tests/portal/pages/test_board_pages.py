"""The leader's board and the wall screen: by area, with its lists and files, and nothing about persons on the wall."""

import csv
import io
from datetime import date, timedelta

import pytest

from tests.apps.supervision.inspection import casework
from zhijian.apps.plan.board import services
from zhijian.apps.plan.board.keeping import CHECKED, COMPLAINED, OPENED, REGISTERED, RISEN, Happening, keep
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import current_home
from zhijian.portal import board_counting
from zhijian.portal.views.register import now, today
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import statutory_day

CHECKED_ON = statutory_day(casework.AT)


@pytest.fixture
def leader(inspected):
    """A leader of Guangzhou, and the boards of the day on which the town's inspection was confirmed."""
    board_counting.keep_night(Lake(current_home().lake), day=CHECKED_ON, at=now())
    return inspected.officer("leader", "leader", division="440100")


def many(topic, count, days_ago, division="440106", kind="M0101"):
    return Happening(topic, today() - timedelta(days=days_ago), division, kind, count, is_synthetic=True)


def keep_invented(*happenings):
    last = today() - timedelta(days=1)
    ends = dict.fromkeys((REGISTERED, CHECKED, COMPLAINED, OPENED, RISEN), last)
    keep(happenings, ["44", "4401"], ends, day=last, at=now())


def page(client, address, language="zh-hans"):
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def rows(client, address):
    read = csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig")))
    return [row for row in read if not row[0].startswith("#")]  # the last line names who took the file


@pytest.mark.database
def test_a_number_leads_to_its_list_and_the_list_to_the_published_result(client, leader, inspected):
    client.force_login(leader)
    text = page(client, "/work/leader/?topic=checked")
    assert "近7天完成检查1次" in text and "/work/leader/list/checked/?span=7&amp;part=440106" in text
    shown = page(client, "/work/leader/list/checked/?span=7&part=440106")
    assert "共1条" in shown and f'href="/results/{inspected.result_id}/"' in shown
    assert AccessRecord.objects.filter(subject="board/checked", officer=leader).count() == 1
    assert "共0条" in page(client, "/work/leader/list/checked/?span=7&part=440104")
    assert len(rows(client, "/work/leader/list/checked/?span=7&format=csv")) == 2


@pytest.mark.database
def test_a_leader_sees_the_own_area_alone(client, leader, inspected):
    client.force_login(inspected.officer("elsewhere", "leader", division="440300"))
    assert "近7天完成检查0次" in page(client, "/work/leader/?topic=checked")
    assert "共0条" in page(client, "/work/leader/list/checked/?span=7")
    assert "共0条" in page(client, "/work/leader/list/registered/?span=30&part=440106")


@pytest.mark.database
def test_only_leaders_open_the_board(client, inspected):
    assert client.get("/work/leader/").status_code == 302
    client.force_login(inspected.officer("inspector", "inspector"))
    for address in ("/work/leader/", "/work/leader/live/", "/work/leader/list/late/", "/work/leader/walls/"):
        assert client.get(address).status_code == 403, address


@pytest.mark.database
def test_the_sentence_names_the_change_and_where_most_of_it_comes_from(client, leader):
    keep_invented(
        many(COMPLAINED, 40, 1), many(COMPLAINED, 10, 8), many(COMPLAINED, 10, 8, "440104", "M0601")
    )
    client.force_login(leader)
    text = page(client, "/work/leader/")
    assert "投诉和举报：近7天40件，比前7天多20件（+100%），超出平常的波动。" in text
    assert "按地方看，“天河区”多30件，其他的合起来减少。" in text
    english = page(client, "/work/leader/", "en")
    assert "Complaints and reports: 40 in the last 7 days, 20 more (+100%) than in the 7 before" in english
    assert "新登记：近7天0户，前7天0户；件数少，不作比较。" in text


@pytest.mark.database
def test_files_and_the_wall_hide_counts_in_which_persons_could_be_seen(client, leader):
    keep_invented(many(COMPLAINED, 3, 1), many(COMPLAINED, 12, 1, "440104"), many(CHECKED, 2, 1))
    client.force_login(leader)
    assert "近7天投诉和举报15件" in page(client, "/work/leader/")
    told = {row[0]: row[2] for row in rows(client, "/work/leader/?format=csv&picture=places")[1:]}
    assert told == {"440106": "<5", "440104": "<5"}  # else the one is the sum less the other
    told = {
        row[0]: row[2] for row in rows(client, "/work/leader/?format=csv&picture=places&topic=checked")[1:]
    }
    assert told == {"440106": "2"}  # of firms, not of persons
    wall = page(client, "/wall/?topic=complained")
    assert "&lt;5" in wall and "/work/leader/list/" not in wall and "<a " not in wall
    for picture, least in (("kinds", 2), ("days", 61), ("indicators", 1), ("today", 6)):
        assert len(rows(client, f"/work/leader/?format=csv&picture={picture}")) >= least
    assert client.get("/work/leader/?format=csv&picture=none").status_code == 404


@pytest.mark.database
def test_a_screen_shows_the_board_by_its_key_and_no_more_once_it_is_ended(client, leader):
    assert "密钥" in page(client, "/wall/") and 'http-equiv="refresh"' not in page(client, "/wall/")
    assert client.post("/wall/", {"key": "wrong"}).status_code == 422
    key = services.make_key("二楼大厅", by=leader, at=now())
    answer = client.post("/wall/", {"key": key})
    assert answer.status_code == 302 and key not in str(answer.cookies)
    shown = page(client, "/wall/")
    assert "广州市场监管看板" in shown and 'http-equiv="refresh"' in shown and "禾满" not in shown
    assert client.get("/work/leader/").status_code == 302  # the key opens nothing else
    services.end_key(services.keys_of(leader)[0].pk, by=leader, at=now())
    assert "打开大屏" in page(client, "/wall/")


@pytest.mark.database
def test_a_leader_makes_a_key_once_shown_and_ends_it(client, leader):
    client.force_login(leader)
    assert client.post("/work/leader/walls/", {"name": " "}).status_code == 422
    made = client.post("/work/leader/walls/", {"name": "二楼大厅"}).content.decode()
    assert "密钥只显示这一次" in made and "密钥只显示这一次" not in page(client, "/work/leader/walls/")
    number = services.keys_of(leader)[0].pk
    assert client.post("/work/leader/walls/", {"end": number}).status_code == 302
    assert "已停用" in page(client, "/work/leader/walls/")
    assert client.post("/work/leader/walls/", {"end": "x"}).status_code == 422


def test_a_board_before_its_first_night_says_so(client, inspected):
    client.force_login(inspected.officer("leader", "leader", division="440100"))
    assert "第一次计算后这里就有数" in page(client, "/work/leader/")
    assert "第一次计算后这里就有数" in page(client, "/wall/")
    assert "第一次计算后" not in page(client, "/work/leader/", "en")


def test_a_part_that_asks_for_itself_again_keeps_no_session_open():
    from zhijian.security.sessions import UNATTENDED

    assert {"/wall/", "/work/leader/live/"} == set(UNATTENDED)


def test_registrations_are_compared_up_to_the_registers_own_last_day(leader):
    from zhijian.apps.plan.board import keeping

    told = keeping.newest("44").figures[REGISTERED]
    assert told["last_on"] == date(2021, 4, 19).isoformat() and told["spans"]["7"]["now"] == 3
