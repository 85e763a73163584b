"""Errors and traces to outside services: what a failing job sends, and what it does not. A real worker, real HTTP."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from redis import Redis

from bot.commands.doctor import examine
from bot.environment import SettingsError
from bot.queue.enqueue import enqueue_change_analyses, open_queue
from bot.settings import read_settings
from bot.telemetry.start import check, start
from tests.servers import Valkey
from tests.standin import key_pair

WORKER = """
import logging, os
from bot import logs
from bot.jobs.rq_worker import serve_queues
from bot.logs import about
from bot.queue.enqueue import ANALYZE_CHANGE, connect, open_queue
from bot.settings import read_settings
from bot.telemetry import start
from bot.telemetry.tracing import ended_span, span

settings = read_settings(os.environ)
logs.configure("INFO", "console")
start.start(settings, "worker")
log = logging.getLogger("bot.test")

def fail(identifier):
    title = "canary-of-a-title " + os.environ["GITHUB_WEBHOOK_SECRET"]
    with about(delivery="7d0c", analysis=identifier), span("analysis", attempt=1):
        ended_span("fetch", 2.5)
        log.info("%s is at work", title)
        try:
            raise ValueError(title + settings.private_key + "ghs_" + "c" * 36)
        except ValueError:
            log.exception("the analysis of %s failed", "canary/name")
        raise KeyError(title)

serve_queues([open_queue(connect(settings.redis_url))], {ANALYZE_CHANGE: fail})
"""


@dataclass
class Received:
    """What a server got: the path and the body of each request, unpacked."""

    url: str
    headers: list[dict[str, str]] = field(default_factory=list)
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    def wait_for(self, is_enough: Callable[["Received"], bool]) -> None:
        deadline = time.monotonic() + 60
        while not is_enough(self):
            assert time.monotonic() < deadline, [path for path, _ in self.requests]
            time.sleep(0.05)

    def events(self) -> list[dict[str, Any]]:
        """The events for Sentry (https://develop.sentry.dev/sdk/data-model/envelopes/)."""
        lines = [body.split(b"\n") for path, body in self.requests if path.endswith("/envelope/")]
        return [json.loads(one[2]) for one in lines if json.loads(one[1])["type"] == "event"]

    def spans(self) -> list[Any]:
        bodies = [body for path, body in self.requests if path == "/v1/traces"]
        exported = [ExportTraceServiceRequest.FromString(body) for body in bodies]
        return [
            span
            for one in exported
            for resource in one.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def receiving() -> Iterator[Received]:
    received = Received("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            received.headers.append(dict(self.headers))
            received.requests.append((self.path, content))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    received.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def working(valkey: Valkey, folder: Path, **settings: str) -> Iterator[dict[str, str]]:
    """A worker whose jobs fail, with one job; its environment."""
    env = {
        "PATH": os.environ["PATH"],
        "GITHUB_APP_ID": "4242",
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": "canary-of-the-webhook-secret-" + "w" * 32,
        "SECRET_KEY": "canary-of-the-secret-key-" + "s" * 32,
        "DATABASE_URL": "postgres://user:canary-of-a-password@127.0.0.1/none",
        "REDIS_URL": valkey.url,
        "DATA_DIR": str(folder),
    } | settings
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=env, start_new_session=True)
    try:
        enqueue_change_analyses(open_queue(Redis.from_url(valkey.url)), [uuid4()])
        yield env
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def assert_no_canary(received: Received, env: dict[str, str]) -> None:
    sent = b"\n".join(body for _, body in received.requests).decode("utf-8", "replace")
    assert "canary" not in sent
    key = "".join(env["GITHUB_PRIVATE_KEY"].split("-----")[2].split())
    flat = "".join(sent.split()).replace("\\n", "")
    assert not any(key[start : start + 32] in flat for start in range(0, len(key) - 32, 32))
    for canary in ("c" * 36, "w" * 32, "s" * 32, os.uname().nodename):
        assert canary not in sent


def test_a_failing_job_is_reported_without_what_strangers_wrote(valkey: Valkey, tmp_path: Path) -> None:
    with receiving() as received:
        dsn = received.url.replace("http://", "http://0123456789abcdef@") + "/1"
        with working(valkey, tmp_path, SENTRY_DSN=dsn) as env:
            received.wait_for(lambda one: len(one.events()) >= 2)
        logged, raised = received.events()
    assert logged["message"] == "the analysis of %s failed"
    assert [one["type"] for one in logged["exception"]["values"]] == ["ValueError"]
    assert logged["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert (logged["tags"]["delivery_id"], logged["tags"]["part"]) == ("7d0c", "worker")
    assert logged["tags"]["analysis_id"]
    assert [one["type"] for one in raised["exception"]["values"]] == ["KeyError"]
    assert raised["release"].startswith("gitinsight@")
    assert {"extra", "request", "user", "breadcrumbs", "modules", "contexts"} & set(logged | raised) == set()
    assert_no_canary(received, env)


def test_the_spans_of_a_delivery_have_one_trace(valkey: Valkey, tmp_path: Path) -> None:
    traces: set[bytes] = set()
    for _ in range(2):  # two processes
        with receiving() as received:
            settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": received.url, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=abc"}
            with working(valkey, tmp_path, **settings) as env:
                received.wait_for(lambda one: len(one.spans()) >= 2)
            fetch, analysis = received.spans()
        assert (fetch.name, analysis.name) == ("fetch", "analysis")
        assert fetch.parent_span_id == analysis.span_id
        assert (fetch.end_time_unix_nano - fetch.start_time_unix_nano) / 1e9 == pytest.approx(2.5)
        attributes = {one.key: one.value.string_value or one.value.int_value for one in analysis.attributes}
        assert (attributes["gitinsight.delivery_id"], attributes["gitinsight.attempt"]) == ("7d0c", 1)
        assert analysis.status.message == "KeyError"
        assert not analysis.events
        assert any(headers.get("api-key") == "abc" for headers in received.headers)
        assert_no_canary(received, env)
        traces |= {fetch.trace_id, analysis.trace_id}
    assert len(traces) == 1


@pytest.mark.parametrize(
    ("setting", "value", "module", "extra"),
    [
        ("SENTRY_DSN", "http://key@127.0.0.1:9/1", "sentry_sdk", "sentry"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "opentelemetry", "otel"),
    ],
)
async def test_a_setting_without_its_packages_is_one_clear_line(
    setting: str,
    value: str,
    module: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    env = {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": "w" * 32,
        "SECRET_KEY": "s" * 32,
        "DATA_DIR": str(tmp_path),
        setting: value,
    }
    settings = read_settings(env)
    check(settings)
    monkeypatch.setitem(sys.modules, module, None)
    told = f"{setting} is set, but its packages are not installed: pip install 'gitinsight[{extra}]'"
    with pytest.raises(SettingsError, match=re.escape(told)):
        start(settings, "web")
    assert await examine(env) == 1
    assert told in " ".join(capsys.readouterr().out.split())
