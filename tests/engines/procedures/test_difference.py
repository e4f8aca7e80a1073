"""What changed between two versions of a drawing is told by element, in words and as marks on both pictures."""

from pathlib import Path

from zhijian.engines.procedures.difference import compare

SKETCH = (Path(__file__).parent / "complaint_sketch.bpmn").read_text("utf-8")
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="urgency" name="紧急程度">
<decisionTable><input id="i" label="受伤人数"/><output id="o" name="urgent"/>
<rule id="r1"><inputEntry id="a"><text>&gt; 2</text></inputEntry><outputEntry id="b"><text>true</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_the_same_drawing_does_not_differ():
    assert compare(SKETCH, SKETCH, TABLE, TABLE).is_empty


def test_moving_a_box_is_no_change_of_the_procedure():
    assert compare(SKETCH, SKETCH.replace('x="340" y="230"', 'x="360" y="230"')).is_empty


def test_a_changed_article_and_name_are_listed_with_before_and_after():
    after = SKETCH.replace("第二十一条", "第二十二条").replace('name="组织调解"', 'name="调解"')
    (change,) = compare(SKETCH, after).drawing
    assert (change.element, change.what, change.name) == ("mediate", "changed", "调解")
    assert change.fields == (
        (
            "article",
            "《市场监督管理投诉举报处理办法》第二十一条",
            "《市场监督管理投诉举报处理办法》第二十二条",
        ),
        ("name", "组织调解", "调解"),
    )


def test_what_came_is_marked_on_the_new_drawing_and_what_went_on_the_old():
    after = SKETCH.replace('<bpmn:endEvent id="told"', '<bpmn:endEvent id="reminded"').replace(
        'targetRef="told"', 'targetRef="reminded"'
    )
    difference = compare(SKETCH, after)
    assert difference.marks("before") == {"told": "removed", "f10": "changed"}
    assert difference.marks("after")["reminded"] == "added"


def test_a_flow_is_named_by_its_ends_where_it_has_no_name():
    after = SKETCH.replace(
        "<bpmn:conditionExpression>accepted == False", "<bpmn:conditionExpression>not accepted"
    )
    (change,) = compare(SKETCH, after).drawing
    assert change.kind == "flow"
    assert change.fields == (("condition", "accepted == False", "not accepted"),)


def test_a_changed_row_of_a_decision_table_shows_the_cell():
    after = TABLE.replace("&gt; 2", "&gt; 3")
    (change,) = compare(SKETCH, SKETCH, TABLE, after).decisions
    assert change.name == "紧急程度 1"
    assert change.fields == (("受伤人数", "> 2", "> 3"),)


def test_a_table_that_is_new_counts_as_added():
    (change,) = compare(SKETCH, SKETCH, "", TABLE).decisions
    assert change.what == "added"
