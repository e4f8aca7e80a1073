"""Traces for OpenTelemetry: what a request or a job did, and how long each part took. Off unless ZHIJIAN_TRACES_URL is set.

A span carries route patterns, numbers of requests and cases, and the kind of a statement; never an address, a name, a
search or the text of SQL, since whoever collects traces is not meant to read files. While it is off, a span costs a
function call and is not kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Optional

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

if TYPE_CHECKING:  # read only where traces are kept: a command that keeps none starts without it
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

NAME = "zhijian"
_provider: Optional["TracerProvider"] = None


def start(url: str) -> None:
    """Send spans to a collector by OTLP over HTTP (http://collector:4318/v1/traces); where no address is set, send none."""
    if not url or _provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = _made()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=5)))
    _use(provider)


@contextmanager
def collected_by(exporter: "SpanExporter") -> Iterator[None]:
    """Hand every span to an exporter as soon as it ends, for as long as the block lasts."""
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    before, provider = _provider, _made()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    _use(provider)
    try:
        yield
    finally:
        _use(before)
        provider.shutdown()


def is_on() -> bool:
    return _provider is not None


@contextmanager
def span(name: str, kind: SpanKind = SpanKind.INTERNAL, **attributes: str | int) -> Iterator[trace.Span]:
    """A span around a block. An error that passes through marks it, by the error's kind and not by its words."""
    if _provider is None:
        yield trace.INVALID_SPAN
        return
    tracer = _provider.get_tracer(NAME)
    said = {key.replace("__", "."): value for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name, kind=kind, attributes=said, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as problem:
            made.set_attribute("error.type", type(problem).__name__)
            made.set_status(StatusCode.ERROR)
            raise


def around_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A span for each statement, as Django's `execute_wrapper` takes it: its kind and its database, without its text."""
    words = sql.lstrip("( \n").split(None, 1)
    operation = words[0].upper()[:20] if words else "?"
    vendor = context["connection"].vendor
    with span(
        f"{operation} {vendor}", SpanKind.CLIENT, db__system__name=vendor, db__operation__name=operation
    ):
        return execute(sql, params, many, context)


def trace_number() -> str:
    """Return the number of the trace that runs, as a collector shows it; nothing where none is kept."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else ""


def _made() -> "TracerProvider":
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    return TracerProvider(resource=Resource.create({"service.name": NAME, "service.version": version(NAME)}))


def _use(provider: Optional["TracerProvider"]) -> None:
    global _provider
    _provider = provider
