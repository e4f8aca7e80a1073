"""What the digest of the models covers."""

from zhijian.datazone.models import model_sources


def test_the_digest_covers_the_models_and_what_they_import_but_not_who_reads_their_tables():
    names = {f"{path.parent.name}/{path.name}" for path in model_sources()}
    assert {
        "standard/events.py",
        "mart/credit_score.py",
        "mart/vocabulary.py",
        "expressions/uscc.py",
    } <= names
    assert {"theme/sums.py", "standards/industries.py"} <= names
    assert not {"theme/questions.py", "mart/activity_judging.py", "mart/rating.py"} & names
