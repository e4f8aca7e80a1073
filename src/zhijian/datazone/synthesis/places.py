"""Where the entities of the province are: counties by the weights of the sample, streets within them, roads."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zhijian.datazone.synthesis.trades import cumulated, read
from zhijian.standards import divisions

WITHOUT_COUNTIES = ("441900", "442000")  # Dongguan and Zhongshan
URBAN_WEIGHT = 2.0  # ASSUMPTION: a 街道 has twice the entities of a town (镇)
ROADS = (
    "人民", "解放", "中山", "建设", "文明", "新华", "和平", "东风", "环城", "工业", "兴业", "创业", "科技", "振兴", "迎宾", "沿江",
    "滨河", "府前", "学府", "青年", "胜利", "朝阳", "新风", "平安", "长安", "富民", "康乐", "花园", "龙腾", "凤翔", "金桥", "银湖",
    "南山", "北岭", "西湖", "东湖", "松岗", "竹园", "梅园", "桂花", "荔枝", "木棉", "榕树", "古城", "新城", "石桥", "水围", "大围",
)  # fmt: skip
ROAD_KINDS = (
    "路",
    "大道",
    "街",
    "一路",
    "二路",
    "三路",
    "南路",
    "北路",
    "东路",
    "西路",
    "横街",
    "新村",
    "工业区",
    "市场",
)


@dataclass(frozen=True)
class Places:
    """Counties and streets as columns. Streets of county `c` lie at `first_street[c]` to `first_street[c + 1]`."""

    county: list[str]  # six digits; of Dongguan and Zhongshan the prefecture
    share: npt.NDArray[np.float64]  # of the province's entities, adding up to 1
    prefecture: list[str]
    county_name: list[str]  # as written in names: city and county
    city_name: list[str]
    first_street: npt.NDArray[np.int64]
    street: list[str]
    street_name: list[str]  # as written in addresses: from the city down
    street_mark: list[str]  # as written in names: without 街道 or 镇
    street_mass: npt.NDArray[np.float64]  # county number + cumulated share within the county


@lru_cache(maxsize=1)
def places() -> Places:
    """Read counties and streets."""
    rows = read("counties.csv")
    counties = [row["county_code"] for row in rows]
    weights = np.array([float(row["weight"]) for row in rows])
    names, cities, streets, masses, first = [], [], [], [], [0]
    for number, code in enumerate(counties):
        city = divisions.prefecture_of(code)
        assert city is not None, code
        cities.append(city.name)
        names.append(
            city.name
            if code in WITHOUT_COUNTIES
            else (divisions.full_name(code) or "").removeprefix("广东省")
        )
        inside = [street for street in divisions.children(code) if street.level == divisions.STREET]
        streets += inside
        first.append(len(streets))
        urban = np.array([URBAN_WEIGHT if street.name.endswith("街道") else 1.0 for street in inside])
        masses.append(number + cumulated(urban))
    return Places(
        county=counties,
        share=weights / weights.sum(),
        prefecture=[code[:4] + "00" for code in counties],
        county_name=names,
        city_name=cities,
        first_street=np.array(first),
        street=[street.code9 for street in streets],
        street_name=[(divisions.full_name(street.code9) or "").removeprefix("广东省") for street in streets],
        street_mark=[street.name.removesuffix("街道").removesuffix("镇")[:4] for street in streets],
        street_mass=np.concatenate(masses),
    )


@lru_cache(maxsize=1)
def roads() -> list[str]:
    """Return all names of roads."""
    return [name + kind for kind in ROAD_KINDS for name in ROADS]
