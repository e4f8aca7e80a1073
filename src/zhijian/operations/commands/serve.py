"""Serve the site."""

import os
import subprocess
import sys

import click


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
    """Run gunicorn and the worker of background jobs until stopped."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    django = [sys.executable, "-m", "django"]
    subprocess.run([*django, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True)
    jobs = subprocess.Popen([*django, "db_worker", "--verbosity", "0"], env=environment)
    try:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--bind",
                bind,
                "--no-control-socket",
                "--workers",
                str(workers),
                "zhijian.infrastructure.wsgi",
            ],
            env=environment,
            check=False,
        )
    finally:
        jobs.terminate()
        jobs.wait(timeout=20)
