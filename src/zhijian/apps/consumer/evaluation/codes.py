"""Code lists of evaluations, each value with its words in Chinese and English."""

CRITERIA: dict[str, tuple[str, str]] = {
    "goods": ("商品质量", "Quality of the goods"),
    "price": ("价格与描述相符", "Price as told"),
    "service": ("服务态度", "Service"),
    "returns": ("退换货", "Returns"),
    "hygiene": ("卫生", "Hygiene"),
    "taste": ("菜品", "Food"),
    "safety": ("安全", "Safety"),
    "skill": ("技术", "Skill"),
    "timeliness": ("守时", "On time"),
    "teaching": ("教学", "Teaching"),
    "refund": ("退费", "Refunds"),
}
SCORE_WORDS: dict[int, tuple[str, str]] = {
    5: ("很好", "Very good"),
    4: ("好", "Good"),
    3: ("一般", "Fair"),
    2: ("差", "Poor"),
    1: ("很差", "Very poor"),
}
GROUNDS: dict[str, tuple[str, str]] = {
    "burst": ("短时间集中出现，且评分异常", "Many within days, with unusual scores"),
    "sequence": ("连号凭证同时打出同一极端分", "Consecutive tickets with one extreme score"),
    "excess": ("某一极端分明显多于同行业形态", "More of an extreme score than the trade's shape has"),
    "copies": ("文本雷同", "Near copies of one text"),
    "repeats": ("同一设备反复评价同一家", "One device evaluates one firm again and again"),
    "ring": ("多个设备结伴评价相同几家", "Devices that evaluate the same firms together"),
    "own": ("经营者自己评价自己", "The firm evaluated itself"),
    "not_consumer": ("没有真实消费", "No real consumption"),
    "unlawful": ("内容违法或者侵害他人隐私、名誉", "Unlawful, or against privacy or reputation"),
    "order": ("法院、行政机关的生效决定", "A decision in force of a court or authority"),
}
TEXT_GROUNDS: dict[str, tuple[str, str]] = {
    "personal": ("写有电话、证件号或者姓名", "Holds a telephone, document number or name"),
    "link": (
        "写有网址或者联系方式，像是广告",
        "Holds an address of a page or a contact, like an advertisement",
    ),
    "code": ("写有程序代码", "Holds program code"),
    "repeated": ("同一个字重复很多次", "One letter is repeated many times"),
    "abuse": ("有辱骂的词", "Holds words of abuse"),
    "unlawful": ("内容违法或者侵害他人隐私、名誉", "Unlawful, or against privacy or reputation"),
}
OBJECTION_GROUNDS: dict[str, tuple[str, str]] = {
    "not_consumer": ("评价人没有在本店消费", "Who evaluated did not buy here"),
    "unlawful": ("内容违法或者侵害隐私、名誉", "Unlawful, or against privacy or reputation"),
    "rival": ("同行恶意差评", "A competitor's attack"),
}
