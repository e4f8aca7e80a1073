"""How rooms end and in what time."""

from datetime import date

from zhijian.apps.consumer.odr.statistics import CountedRoom, by_place, summarise

ON = date(2026, 11, 28)


def one(outcome, *, place="440106", opened=1, ended=None, due=30):
    day = date(2026, 10, ended) if ended else None
    return CountedRoom(place, date(2026, 10, opened), outcome, day, date(2026, 10, due), 2, True, True)


def test_shares_are_told_from_five_on_and_open_rooms_are_late_once_their_day_passed():
    few = [one("agreed", ended=5), one("ended", ended=6)]
    assert summarise(few, on=ON).success is None
    rooms = [*few, one("agreed", ended=9), one("settled", ended=3), one("ended", ended=31), one("open")]
    whole = summarise(rooms, on=ON)
    assert (whole.rooms, whole.decided, whole.success) == (6, 5, 3 / 5)
    assert (whole.on_time, whole.judged, whole.days) == (4, 6, 4.0)


def test_cities_are_counted_by_themselves():
    places = by_place([one("open"), one("open", place="440305")], on=ON)
    assert {code: sums.rooms for code, sums in places.items()} == {"440100": 1, "440300": 1}
