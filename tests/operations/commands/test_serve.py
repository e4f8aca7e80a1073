"""What `zhijian serve` starts, it looks after and ends."""

import os
import signal
import subprocess
import sys
import time

import pytest

from zhijian.operations.commands import serve

IGNORES = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
)
SITE = """
import signal, subprocess, sys, time
from zhijian.operations.commands.serve import ended_together
signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal, wherever the suite itself runs
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with ended_together(lambda: [child]):
    print(child.pid, flush=True)
    time.sleep(60)
"""


def test_a_job_worker_that_died_is_started_again(capfd):
    worker = serve.Worker([sys.executable, "-c", "raise SystemExit(3)"], {}, "job worker")
    for _ in range(100):
        if worker.keep_alive():
            break
        time.sleep(0.1)
    serve.end([worker.process], within=5)
    assert "the job worker ended with 3" in capfd.readouterr().err


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_a_site_that_is_told_to_stop_leaves_no_process_behind(order):
    with subprocess.Popen([sys.executable, "-c", SITE], stdout=subprocess.PIPE, text=True) as site:
        child = int(site.stdout.readline())
        os.kill(site.pid, order)
        assert site.stdout.read() == "stopping\n" and site.wait(timeout=10) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_what_does_not_end_when_it_is_asked_is_ended_by_force():
    deaf = subprocess.Popen([sys.executable, "-c", IGNORES], stdout=subprocess.PIPE)
    polite = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    deaf.stdout.readline()
    assert serve.end([deaf, polite], within=0.3) == 1
    assert deaf.returncode == -signal.SIGKILL and polite.returncode == -signal.SIGTERM
    deaf.stdout.close()
