"""Traces by OpenTelemetry: receive, dispatch, and the analysis with its steps. All spans of a delivery have one trace.

The trace id is made of the delivery id, so that web, scheduler and worker need not tell each other of it. The
attributes are ids, numbers and names of our own.
https://opentelemetry.io/docs/specs/otel/trace/api/
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot import __version__
from bot.logs import subject

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

_FLUSH_MILLISECONDS = 2_000
_NANO = 1_000_000_000
_provider: "TracerProvider | None" = None


def start(endpoint: str, headers: str, part: str) -> None:
    """Send spans to a collector by OTLP over HTTP. endpoint: its URL without `/v1/traces`. headers: `name=value,…`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.util.re import parse_env_headers

    global _provider  # noqa: PLW0603 - once per process, as OpenTelemetry's own provider
    named = {"service.name": "gitinsight", "service.version": __version__, "gitinsight.part": part}
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", headers=parse_env_headers(headers, liberal=True))
    _provider = TracerProvider(resource=Resource(named))
    _provider.add_span_processor(BatchSpanProcessor(exporter))


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """A span around the block, in the trace of the delivery that the block is about."""
    if _provider is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode

    tracer = _provider.get_tracer("gitinsight")
    with tracer.start_as_current_span(
        name, _of_delivery(), attributes=_named(attributes), record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as problem:
            current.set_status(Status(StatusCode.ERROR, type(problem).__name__))
            raise


def ended_span(name: str, seconds: float) -> None:
    """A span that ends now, within the current one."""
    if _provider is not None:
        end = time.time_ns()
        begin = end - int(seconds * _NANO)
        _provider.get_tracer("gitinsight").start_span(name, attributes=_named({}), start_time=begin).end(end)


def flush() -> None:
    """Send what waits, for at most two seconds."""
    if _provider is not None:
        _provider.force_flush(_FLUSH_MILLISECONDS)


def _named(attributes: dict[str, str | int]) -> dict[str, str | int]:
    return {f"gitinsight.{name}": value for name, value in (attributes | subject().named()).items()}


def _of_delivery() -> "Context | None":
    """The context with the trace of the delivery; None: as the surrounding span, or a trace of its own."""
    from opentelemetry import trace

    delivery = subject().delivery
    if delivery is None or trace.get_current_span().get_span_context().is_valid:
        return None
    digest = hashlib.sha256(delivery.encode()).digest()
    identity = trace.SpanContext(
        trace_id=int.from_bytes(digest[:16]),
        span_id=int.from_bytes(digest[16:24]),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(identity))
