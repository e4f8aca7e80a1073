"""Whether sealed texts open is tried on a sample that anybody can draw again."""

from dataclasses import dataclass, field

from zhijian.security import key_ring, trying
from zhijian.security.sealed_text import seal


@dataclass
class Drawer:
    """A place of sealed texts in memory."""

    held: dict[str, str]
    opened: list[str] = field(default_factory=list)
    name, key = "a drawer", "t"

    def texts(self):
        yield from self.held.items()

    def contexts(self, chosen):
        self.opened = sorted(chosen)
        for where in self.opened:
            yield where, self.held[where], where


def test_the_same_seed_opens_the_same_sample_and_another_one_another(home):
    drawer = Drawer({f"S{number}": seal("示例", key="t", context=f"S{number}") for number in range(40)})
    keys, samples = key_ring.held_in(home.root / "keys"), []
    for seed in ("one", "one", "two"):
        found = trying.tried(drawer, keys, seed=seed, sample=5)
        assert (found.texts, found.opened, found.is_well) == (40, 5, True)
        samples.append(drawer.opened)
    assert samples[0] == samples[1] != samples[2]


def test_what_is_no_sealed_text_or_lies_elsewhere_or_under_a_missing_key_is_told_apart(home):
    held = {
        "S1": seal("示例", key="t", context="S1"),
        "S2": seal("示例", key="t", context="S9"),
        "S3": "plain",
    }
    key_ring.add_generation("t")
    held["S4"] = seal("示例", key="t", context="S4")
    key_ring.remove_generation("t", 2)
    found = trying.tried(Drawer(held), key_ring.held_in(home.root / "keys"), seed="one")
    assert (found.texts, found.opened) == (4, 1)
    assert dict(found.lacking) == {0: 1, 2: 1} and found.shut == ("a drawer S2",)
    assert not found.is_well
