"""Serve the site."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import click

from zhijian.operations.cli import prepare_django
from zhijian.standards.calendar import ZONE

AFTER_MIDNIGHT = timedelta(minutes=5)


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="address and port")
@click.option("--workers", default=2, show_default=True, help="worker processes")
def command(bind: str, workers: int) -> None:
    """Serve the site and run its background jobs.

    \b
    Example:
      zhijian serve --bind 127.0.0.1:8000
    """
    serve_site(bind, workers)


def serve_site(bind: str, workers: int) -> None:
    """Run gunicorn, the worker of background jobs and the feed of facts until stopped; each night the facts of the day are sealed."""
    prepare_django()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    django = [sys.executable, "-m", "django"]
    subprocess.run([*django, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", bind, "--no-control-socket", "--preload"]
    site = subprocess.Popen(
        [*gunicorn, "--workers", str(workers), "zhijian.operations.site"], env=environment
    )
    jobs = Worker([*django, "db_worker", "--verbosity", "0"], environment)
    follow = "from zhijian.operations.cli import main; main()"
    feed = Worker([sys.executable, "-c", follow, "feed", "--follow", "--json"], environment, "feed of facts")
    try:
        _watch(site, jobs, feed)
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        jobs.stop()
        feed.stop()
        site.terminate()
        site.wait(timeout=30)


class Worker:
    """A process that works in the background. Should it die, it is started again, and that is said."""

    def __init__(self, command: list[str], environment: dict[str, str], name: str = "job worker") -> None:
        self._name = name
        self._command, self._environment = command, environment
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, env=self._environment)

    def keep_alive(self) -> bool:
        """Start the process again if it has ended; say whether that was needed."""
        if (code := self._process.poll()) is None:
            return False
        click.echo(f"zhijian: the {self._name} ended with {code}; it is started again", err=True)
        self._process = self._start()
        return True

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)


def _watch(site: "subprocess.Popen[bytes]", *workers: Worker) -> None:
    """Wait for the site to end; each minute see whether cases or notices are due, shortly after midnight put the night's jobs in the queue."""
    from zhijian.operations.jobs import (
        enqueue_echoes,
        enqueue_nightly,
        enqueue_notices,
        enqueue_subscribers,
        enqueue_tick,
    )

    sealed = None
    while site.poll() is None:
        now = datetime.now(ZONE)
        night = (now - AFTER_MIDNIGHT).date()
        if night != sealed:
            enqueue_nightly(now)
            sealed = night
        enqueue_tick(now)
        enqueue_subscribers()
        enqueue_notices(now)
        enqueue_echoes(now)
        for worker in workers:
            worker.keep_alive()
        try:
            site.wait(timeout=60)
        except subprocess.TimeoutExpired:
            continue
