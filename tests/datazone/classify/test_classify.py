import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from zhijian.datazone.classify import evaluation, measures, model
from zhijian.datazone.classify.features import CHINESE_VIEWS, LATIN_VIEWS, normalise, views_for
from zhijian.datazone.classify.learner import calibrate, fit
from zhijian.datazone.classify.reading import BadLabelledFile, Labelled, read
from zhijian.datazone.synthesis.messages import messages
from zhijian.operations.commands.classify import command

MATTERS = ("M0101", "M1101", "M1502", "M0701")
EASY = messages(80, seed=1, matters=MATTERS)


@pytest.fixture(scope="module")
def fitted():
    return fit(EASY, seed=0)[0]


def write_csv(path, rows, head="text,label"):
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_a_text_is_counted_in_one_width_without_addresses_and_with_every_number_alike():
    assert normalise("ＡＢＣ  在 https://a.example/x?y=1 花了３５０元\n退款") == "abc 在 花了0元 退款"


def test_chinese_and_english_are_looked_at_in_their_own_way():
    assert views_for(["买到过期牛奶 12 盒"]) == CHINESE_VIEWS
    assert views_for(["The milk was past its date."]) == LATIN_VIEWS


def test_the_same_file_reads_alike_as_csv_json_lines_and_parquet(tmp_path):
    rows = [("虫子", "a"), ("短秤", "b")]
    one = write_csv(tmp_path / "x.csv", [f"{t},{c}" for t, c in rows])
    two = tmp_path / "x.jsonl"
    two.write_text("".join(json.dumps({"text": t, "label": c}) + "\n" for t, c in rows), "utf-8")
    three = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": [r[0] for r in rows], "label": [r[1] for r in rows]}), three)
    assert read(one) == read(two) == read(three) == Labelled(("虫子", "短秤"), ("a", "b"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"x", "only .csv"),
        ("a.csv", b"words,label\nx,y\n", "no column 'text'"),
        ("a.csv", b"text,label\n,y\nx,\n", "row 1: 'text' is empty; row 2: 'label' is empty"),
        ("a.csv", b"text,label\n", "has no rows"),
        ("a.csv", "text,label\n过期,y\n".encode("gb18030"), "not UTF-8"),
        ("a.csv", b"text,label\nx,y,z\n", "more cells than the header"),
        ("a.jsonl", b'{"text": "x"\n', "line 1 is no JSON"),
        ("a.jsonl", b"[1]\n", "no JSON object"),
        ("a.parquet", b"PAR?", "no Parquet file"),
        ("a.jsonl.gz", b"no gzip", "no gzip"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadLabelledFile, match=said.replace(".", r"\.")):
        read(tmp_path / name)


def test_a_class_with_one_text_and_a_file_of_one_class_are_refused():
    with pytest.raises(BadLabelledFile, match="Too few examples of 'b'"):
        fit(Labelled(("x", "y", "z"), ("a", "a", "b")), seed=0)
    with pytest.raises(BadLabelledFile, match="Two classes"):
        fit(Labelled(("x", "y"), ("a", "a")), seed=0)


def test_unseen_messages_are_told_and_what_decided_is_named(fitted):
    unseen = messages(80, seed=2, matters=MATTERS)
    told = fitted.predict(unseen.texts)
    assert (
        sum(p.best == label for p, label in zip(told, unseen.labels, strict=True)) >= 56
    )  # one in four by chance
    sure = fitted.predict(["健身房关门跑路，人去楼空，老板失联"])[0]
    assert sure.best == "M1101"
    assert any(reason.ngram in "健身房关门跑路，人去楼空，老板失联" for reason in sure.reasons)
    assert sum(chance for _, chance in sure.ranking) == pytest.approx(1)


def test_below_the_confidence_asked_for_no_class_is_told_but_the_leaning_is(fitted):
    doubtful = fitted.predict(["您好。"], least_confidence=0.999)[0]
    assert doubtful.label is None
    assert doubtful.best in MATTERS


def test_reasons_add_up_to_what_set_the_class_apart(fitted):
    """One table of weights: the sum over n-grams is the score itself."""
    matrix = fitted.space.matrix([normalise(EASY.texts[0])])
    assert matrix @ fitted.weights + fitted.bias == pytest.approx(fitted.scores([EASY.texts[0]]), abs=1e-5)


def test_the_same_seed_gives_the_same_file_and_it_reads_back_the_same(fitted, tmp_path):
    model.save(fitted, tmp_path / "a.npz")
    model.save(fit(EASY, seed=0)[0], tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = model.load(tmp_path / "a.npz")
    assert np.array_equal(again.scores(EASY.texts), fitted.scores(EASY.texts))


def test_a_changed_a_foreign_and_a_pickled_model_are_refused(fitted, tmp_path):
    path = tmp_path / "a.npz"
    model.save(fitted, path)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(tmp_path / "changed.npz", **{**arrays, "bias": arrays["bias"] + 1})
    np.savez(tmp_path / "pickled.npz", head=np.array([{"format": 1}], dtype=object))
    (tmp_path / "foreign.npz").write_bytes(b"something else")
    for name, said in (
        ("changed", "was changed"),
        ("pickled", "no stored"),
        ("foreign", "no stored"),
        ("none", "no model"),
    ):
        with pytest.raises(model.BadModel, match=said):
            model.load(tmp_path / f"{name}.npz")


def test_chances_are_calibrated_by_slope_and_constants():
    random = np.random.default_rng(0)
    logits = random.normal(size=(4000, 3)) * 1.5
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([random.choice(3, p=row) for row in chances])
    found = calibrate(logits * 4, truth)
    assert found.slope == pytest.approx(0.25, rel=0.1)
    told = found.chances(logits * 4)
    right = told.argmax(1) == truth
    assert measures.calibration(told.max(1), right)["expected_calibration_error"] < 0.03


def test_the_measures_are_those_of_the_textbook():
    table = measures.confusion(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0]), 2)
    assert table.tolist() == [[1, 1], [1, 2]]
    assert measures.accuracy(table) == pytest.approx(3 / 5)
    assert measures.macro_f1(table) == pytest.approx((2 / 4 + 4 / 6) / 2)


def test_folds_are_told_by_models_that_did_not_see_them_beside_plain_baselines():
    """Labels at random cannot be learned: a leak between parts would show as a high accuracy."""
    dice = np.random.default_rng(3)
    shuffled = Labelled(EASY.texts[:60], tuple(map(str, dice.permutation(EASY.labels[:60]))))
    card = evaluation.cross_validate(shuffled, folds=2, seed=0, repeats=100)
    assert card["results"]["model"]["accuracy"] < 0.45
    assert set(card["results"]) == {"model", "logistic", "machine"}
    low, high = card["model_minus"]["machine"]["macro_f1"]
    assert low < high
    assert [row["answered"] for row in card["abstention"]] == [1.0, 0.9, 0.8, 0.7, 0.5]


def test_the_verbs_fit_predict_and_evaluate(tmp_path):
    rows = [f'"{t}",{c}' for t, c in zip(EASY.texts, EASY.labels, strict=True)]
    train = write_csv(tmp_path / "train.csv", rows)
    test = write_csv(tmp_path / "test.csv", rows[:20])
    target = tmp_path / "m.npz"
    run = CliRunner().invoke
    done = run(command, ["fit", str(train), "--model", str(target), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["loudest"].keys() == set(MATTERS)
    assert (tmp_path / "m.card.json").exists()
    told = run(command, ["predict", str(test), "--model", str(target)])
    assert [json.loads(line)["best"] for line in told.output.splitlines()] == list(EASY.labels[:20])
    judged = run(command, ["evaluate", str(test), "--model", str(target), "--train", str(train), "--json"])
    assert json.loads(judged.output)["how"]["texts_also_in_training"] == 20
    bad = run(command, ["predict", str(train), "--model", str(train)])
    assert bad.exit_code == 1
    assert "no stored classification" in bad.output
