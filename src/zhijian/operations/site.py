"""The site as `zhijian serve` runs it: the entry point for gunicorn, with the counting engine made ready.

The first question to the data zone in a process loads and compiles for some three seconds; a thread does that while
the process waits for its first reader.
"""

from threading import Thread

from zhijian.infrastructure.wsgi import application


def warm_up() -> None:
    """Load what answers questions over the lake, and compile one expression."""
    import ibis

    con = ibis.duckdb.connect()
    rows = ibis.memtable({"grp": ["a", "b"], "value": [1, 2]})
    con.to_pyarrow(rows.group_by("grp").aggregate(value=rows.value.sum()))
    con.disconnect()


Thread(target=warm_up, name="warm-up", daemon=True).start()

__all__ = ["application", "warm_up"]
