"""Serve the site."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

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
    """Run gunicorn and the worker of background jobs until stopped; each night the facts of the day are sealed."""
    prepare_django()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    django = [sys.executable, "-m", "django"]
    subprocess.run([*django, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True)
    jobs = subprocess.Popen([*django, "db_worker", "--verbosity", "0"], env=environment)
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", bind, "--no-control-socket"]
    site = subprocess.Popen(
        [*gunicorn, "--workers", str(workers), "zhijian.infrastructure.wsgi"], env=environment
    )
    try:
        _watch(site)
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        for process in (site, jobs):
            process.terminate()
            process.wait(timeout=30)


def _watch(site: "subprocess.Popen[Any]") -> None:
    """Wait for the site to end; shortly after each midnight put the jobs of the night in the queue."""
    from zhijian.operations.jobs import enqueue_nightly

    sealed = None
    while site.poll() is None:
        now = datetime.now(ZONE)
        night = (now - AFTER_MIDNIGHT).date()
        if night != sealed:
            enqueue_nightly(now)
            sealed = night
        try:
            site.wait(timeout=60)
        except subprocess.TimeoutExpired:
            continue
