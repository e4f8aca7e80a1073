"""Synthetic consumer messages with their matter, made from the published taxonomy: to try things out, and to start from.

A message is a sentence or three around one or two words of its matter, with words of another matter now and then, slips
of the pen and digits. It is easier than real text; figures on it say nothing about real messages.
"""

import random

from zhijian.datazone.classify.reading import Labelled
from zhijian.standards import consumer_matters

_OPENINGS = (
    "您好，我", "我", "本人", "反映一下，我", "领导好，上周我", "市民来电称其", "投诉人反映，其", "昨天我在附近的店里",
)  # fmt: skip
_SITUATIONS = (
    "遇到{a}的问题，", "买的东西有{a}情况，", "发现{a}，还涉及{b}，", "因为{a}和商家发生纠纷，", "花了{n}元，结果{a}，",
    "{b}，而且{a}，", "反复沟通{a}的事，对方说{b}与他们无关，", "看到{a}就联系了店家，店家只提{b}，",
)  # fmt: skip
_DEMANDS = (
    "要求退款。", "希望尽快处理。", "要求赔偿{n}元。", "请有关部门查处。", "商家态度恶劣，拒不处理。", "订单号{n}，请核实。",
    "至今没有答复。", "拨打客服{n}无人接听。", "孩子和老人都在用，很担心。", "谢谢。",
)  # fmt: skip
_NOISE = ("", "", "", "另外{c}的事以后再说。", "以前也听说过{c}。")


def messages(count: int, *, seed: int, matters: tuple[str, ...] | None = None) -> Labelled:
    """Return `count` synthetic messages, the matters in turn, so that each has its share. The same seed gives the same."""
    dice = random.Random(seed)  # noqa: S311 - synthetic text, no secret
    entries = [entry for entry in consumer_matters.matters() if matters is None or entry.code in matters]
    texts, labels = [], []
    for number in range(count):
        entry = entries[number % len(entries)]
        parent = consumer_matters.find(entry.parent_code or "")
        other = dice.choice(entries)
        words = {
            "a": dice.choice(entry.words),
            "b": dice.choice(entry.words + (parent.words if parent else ())),
            "c": dice.choice(other.words),
            "n": dice.randint(20, 9999),
        }
        pieces = (
            dice.choice(_OPENINGS),
            dice.choice(_SITUATIONS),
            dice.choice(_DEMANDS),
            dice.choice(_NOISE),
        )
        texts.append(_slip("".join(piece.format(**words) for piece in pieces), dice))
        labels.append(entry.code)
    return Labelled(tuple(texts), tuple(labels))


def _slip(text: str, dice: random.Random) -> str:
    """Lose one sign in a fifth of the messages."""
    if dice.random() < 0.2:
        place = dice.randrange(len(text))
        return text[:place] + text[place + 1 :]
    return text
