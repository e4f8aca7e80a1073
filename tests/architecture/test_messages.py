"""The catalogue of messages is written by one at a time."""

import importlib.util
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_of_two_runs_over_the_messages_the_second_waits_and_both_keep_their_words(tmp_path, monkeypatch):
    specification = importlib.util.spec_from_file_location("messages_twice", ROOT / "scripts/messages.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    monkeypatch.setattr(script, "CATALOGUE", tmp_path / "django.po")
    second_reads, threads = threading.Event(), []

    def second():
        script.compile_catalogue({"乙": "B"})

    def used():
        if threads:  # the second run came in
            second_reads.set()
        else:
            threads.append(threading.Thread(target=second))
            threads[0].start()
            assert not second_reads.wait(0.5)  # it waits, however long the first takes
        return {"甲": "a.html", "乙": "b.html"}

    monkeypatch.setattr(script, "used_messages", used)
    assert script.compile_catalogue({"甲": "A"}) == ["乙"]
    threads[0].join()
    written = script.catalogue()
    assert (written["甲"].string, written["乙"].string) == ("A", "B")
    assert {path.name for path in tmp_path.iterdir()} == {"django.mo", "django.po"}
