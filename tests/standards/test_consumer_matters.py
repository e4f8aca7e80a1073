from zhijian.standards import consumer_matters


def test_every_matter_belongs_to_a_field_that_is_its_first_digits():
    for entry in consumer_matters.matters():
        assert entry.parent_code == entry.code[: consumer_matters.FIELD_DIGITS]
        assert consumer_matters.find(entry.parent_code).level == 1


def test_every_entry_has_both_languages_and_words_and_no_name_comes_twice_in_a_field():
    for entry in consumer_matters.all_entries().values():
        assert entry.name_zh and entry.name_en and entry.words
    for field in consumer_matters.fields():
        names = [m.name_zh for m in consumer_matters.matters(field.code)]
        assert names and len(names) == len(set(names))


def test_a_code_is_said_in_words_of_both_levels():
    assert consumer_matters.full_name("M1101") == "预付式消费：闭店失联"
    assert (
        consumer_matters.full_name("M1101", english=True)
        == "Prepaid consumption: Shop closed and unreachable"
    )
    assert consumer_matters.full_name("X") == "X"
