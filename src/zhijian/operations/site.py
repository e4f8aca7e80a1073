"""The site as `zhijian serve` runs it: the entry point for gunicorn, with its parts made ready.

Gunicorn reads this module before it starts a worker (``--preload``): every page's module is read once, by the parent,
so no first reader waits for it and the workers share its memory. The counting engine starts threads of its own and must
not be there before a fork: each worker loads it in a thread while it waits for its first reader.
"""

import os
from threading import Thread

from django.urls import get_resolver

from zhijian.infrastructure.wsgi import application


def warm_up() -> None:
    """Load what answers questions over the lake, and compile one expression."""
    import ibis

    con = ibis.duckdb.connect()
    rows = ibis.memtable({"grp": ["a", "b"], "value": [1, 2]})
    con.to_pyarrow(rows.group_by("grp").aggregate(value=rows.value.sum()))
    con.disconnect()


def warm_up_beside() -> None:
    """Start the warm-up in a thread of this process."""
    Thread(target=warm_up, name="warm-up", daemon=True).start()


_ = get_resolver().url_patterns
os.register_at_fork(after_in_child=warm_up_beside)

__all__ = ["application", "warm_up"]
