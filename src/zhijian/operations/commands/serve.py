"""Serve the site."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

import click

from zhijian.operations.cli import prepare_django
from zhijian.operations.database_owner import refuse_owner
from zhijian.standards.calendar import ZONE

AFTER_MIDNIGHT = timedelta(minutes=5)
EVERY = 60.0  # seconds between two looks at what is due
LOOK_AFTER_WORKERS = 5.0  # seconds; a worker that died is missed no longer
TO_END = (
    45.0  # seconds for a page or a job to be finished; less than the unit, the container and the cluster give
)


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
    refuse_owner()
    prepare_django()
    from django.core.management import call_command

    from zhijian.infrastructure.home import current_home
    from zhijian.portal import measuring

    measuring.forget(measuring.folder_of(current_home()))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    django = [sys.executable, "-m", "django"]
    call_command("collectstatic", interactive=False, verbosity=0)
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", bind, "--no-control-socket", "--preload"]
    site = subprocess.Popen(
        [*gunicorn, "--workers", str(workers), "zhijian.operations.site"], env=environment
    )
    jobs = JobWorker(
        site_name(socket.gethostname(), bind), [*django, "db_worker", "--verbosity", "0"], environment
    )
    follow = "from zhijian.operations.cli import main; main()"
    feed = Worker([sys.executable, "-c", follow, "feed", "--follow", "--json"], environment, "feed of facts")
    with ended_together(lambda: [site, jobs.process, feed.process]):
        _watch(site, jobs, feed)


@contextmanager
def ended_together(processes: "Callable[[], list[subprocess.Popen[bytes]]]") -> Iterator[None]:
    """Let no process outlive the block, however it ends; Ctrl-C and SIGTERM end it in peace.

    Without this SIGTERM would leave all of them running or, sent to the first process of a container, not be heard at all.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        end(processes(), within=TO_END)
        signal.signal(signal.SIGTERM, before)


def end(processes: "list[subprocess.Popen[bytes]]", *, within: float) -> int:
    """Ask all processes to end, and end by force what still runs after some seconds; return how many did."""
    for process in processes:
        process.terminate()
    until, forced = time.monotonic() + within, 0
    for process in processes:
        try:
            process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            forced += 1
    return forced


class Worker:
    """A process that works in the background. Should it die, it is started again, and that is said."""

    def __init__(self, command: list[str], environment: dict[str, str], name: str) -> None:
        self._name = name
        self._command, self._environment = command, environment
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, env=self._environment)

    def keep_alive(self) -> bool:
        """Start the process again if it has ended; say whether that was needed."""
        if (code := self.process.poll()) is None:
            return False
        click.echo(f"zhijian: the {self._name} ended with {code}; it is started again", err=True)
        self.process = self._start()
        return True


class JobWorker(Worker):
    """The worker of the queue. Each one that is started has a name of its own, by which its unfinished jobs are known."""

    def __init__(self, site: str, command: list[str], environment: dict[str, str]) -> None:
        self.site = site
        super().__init__(command, environment, "job worker")

    def _start(self) -> "subprocess.Popen[bytes]":
        self.alive = f"{self.site}{secrets.token_hex(4)}"
        return subprocess.Popen([*self._command, "--worker-id", self.alive], env=self._environment)


def site_name(host: str, bind: str) -> str:
    """Return how the names of a site's workers begin: no other site has its machine and its port."""
    return f"{host[:32]}:{bind.rpartition(':')[2][:8]}/"


def _watch(site: "subprocess.Popen[bytes]", jobs: JobWorker, feed: Worker) -> None:
    """Wait for the site to end; start again what died, and each minute put in the queue what is due."""
    due, next_look = Due(), time.monotonic()
    while site.poll() is None:
        died = jobs.keep_alive()
        feed.keep_alive()
        if died or time.monotonic() >= next_look:
            next_look = time.monotonic() + EVERY
            with lasting():
                due.enqueue(datetime.now(ZONE), jobs)
        with suppress(subprocess.TimeoutExpired):
            site.wait(timeout=LOOK_AFTER_WORKERS)


@contextmanager
def lasting() -> Iterator[None]:
    """Outlast a database that is away: it is said, the connection is given up, and the next minute tries again."""
    from django.db import InterfaceError, OperationalError, connection

    from zhijian.infrastructure.database_proof import not_proven

    try:
        yield
    except (OperationalError, InterfaceError) as problem:
        connection.close()
        unproven = not_proven(problem, connection.settings_dict)
        first_line = str(unproven or problem).strip().split("\n", 1)[0]
        click.echo(f"zhijian: the database does not answer ({first_line}); tried again in a minute", err=True)


class Due:
    """What is put in the queue: each minute what waits, shortly after midnight the jobs of the night."""

    def __init__(self) -> None:
        self._night: date | None = None

    def enqueue(self, now: datetime, jobs: JobWorker) -> None:
        """Put back what was cut off, then ask each kind of work whether it is due."""
        from zhijian.operations import jobs as work
        from zhijian.operations.interrupted import put_back

        back = put_back(jobs.site, alive=jobs.alive, at=now)
        if back.again or back.given_up:
            click.echo(
                f"zhijian: {back.again} jobs that were cut off are done again, {back.given_up} given up",
                err=True,
            )
        if (night := (now - AFTER_MIDNIGHT).date()) != self._night:
            work.enqueue_nightly(now)
            self._night = night
        work.enqueue_tick(now)
        work.enqueue_subscribers()
        work.enqueue_notices(now)
        work.enqueue_echoes(now)
