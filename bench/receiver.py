"""The receiver against a bare aiohttp handler that verifies and parses only, in one run.

The server has one core to itself (the load has another, where there is one). Every request is a real 25 KB
`pull_request` payload with a delivery id of its own; ours is stored durably (SQLite with synchronous=FULL, or
PostgreSQL) and deduplicated before the answer, and dispatched to a queue meanwhile.
"""

import argparse
import asyncio
import contextlib
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import asyncpg
import orjson
import uvloop

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.contract.examples import examples_of
from tests.postgres import create_database, running_postgres
from tests.servers import free_port, running_valkey
from tests.standin import key_pair
from tests.web.posting import headers

SECRET = "a secret of the bench, long enough to be one"
PULL_REQUESTS = 50
BARE = """
import hmac, os, sys
import orjson, uvloop
from aiohttp import web

async def receive(request):
    body = await request.read()
    expected = "sha256=" + hmac.digest(sys.argv[1].encode(), body, "sha256").hex()
    if not hmac.compare_digest(expected, request.headers.get("X-Hub-Signature-256", "")):
        return web.Response(status=401)
    orjson.loads(body)
    return web.Response(status=202)

app = web.Application(client_max_size=26 * 1024 * 1024)
app.router.add_post("/webhook", receive)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None, loop=uvloop.new_event_loop())
"""


def bodies() -> list[bytes]:
    """Payloads of about 25 KB that differ in pull request and head, as a busy organization sends them."""
    payload = next(one for one in examples_of("pull_request", "opened") if "installation" in one)
    made = []
    for number in range(1, PULL_REQUESTS + 1):
        payload["pull_request"]["number"] = payload["number"] = number
        payload["pull_request"]["head"]["sha"] = f"{number:040x}"
        made.append(orjson.dumps(payload))
    return made


def request_bytes(body: bytes) -> bytes:
    """One HTTP request as it goes over the wire."""
    sent = headers(SECRET, "pull_request", body, str(uuid.uuid4()))
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One keep-alive connection: the next request goes out when the answer is in, or when it is due."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float], until: float, period: float) -> None:
        self.requests, self.latencies, self.until, self.period = requests, latencies, until, period
        self.due = self.sent = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.due = time.perf_counter() + random.random() * self.period
        self.plan()

    def plan(self) -> None:
        """Send now, or when the rate allows; a late request counts from when it was due."""
        wait = self.due - time.perf_counter()
        if self.period and wait > 0:
            asyncio.get_running_loop().call_later(wait, self.send)
        else:
            self.send()

    def send(self) -> None:
        request = next(self.requests, None)
        if request is None or time.perf_counter() > self.until:
            self.transport.close()
            self.done.set_result(None)
            return
        self.sent = self.due if self.period else time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if b" 202 " not in data[:20]:
            self.done.set_exception(RuntimeError(data.decode()))
            return
        self.latencies.append(time.perf_counter() - self.sent)
        self.due += self.period
        self.plan()


async def load(port: int, seconds: float, connections: int, rate: float | None = None) -> tuple[float, list[float]]:
    """(answers per second, latencies in s). rate: requests per second over all connections, None for all it takes."""
    payloads = bodies()
    # Signing is the sender's work: it is done before the clock starts.
    ready = [request_bytes(payloads[index % len(payloads)]) for index in range(int(seconds * (rate or 6_000)))]
    requests, latencies = iter(ready), list[float]()
    begin = time.perf_counter()
    period = connections / rate if rate else 0.0
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(
            lambda: Connection(requests, latencies, begin + seconds, period), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return len(latencies) / (time.perf_counter() - begin), latencies


@contextlib.contextmanager
def serving(argv: list[str], port: int, env: dict[str, str]) -> Iterator[int]:
    """A server pinned to one core."""
    pin = ["taskset", "-c", "0"] if os.cpu_count() and (os.cpu_count() or 1) > 1 and sys.platform == "linux" else []
    process = subprocess.Popen([*pin, sys.executable, *argv], env=env)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


async def checkpoint(server_url: str) -> None:
    """Give PostgreSQL log files to reuse, as one has that runs for a while; a new one makes each with a pause."""
    connection = await asyncpg.connect(server_url)
    await connection.execute("CHECKPOINT")
    await connection.close()


def measure(servers: dict[str, tuple[int, int]], arguments: argparse.Namespace, postgres: str) -> None:
    """Take turns at full load, so that a machine that is slower for a while is so for all; print the table.

    servers: name → (port, pid), the bare handler first.
    """
    rates: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(arguments.rounds):
        for name, (port, _) in servers.items():
            rates[name].append(uvloop.run(load(port, arguments.seconds, arguments.connections))[0])
    uvloop.run(checkpoint(postgres))
    bare = rates[next(iter(servers))]
    print(f"{'server':38} {'req/s':>7} {'of bare':>8} {'p99 ms at half':>15} {'memory MB':>10}")
    for name, (port, pid) in servers.items():
        rate = statistics.median(rates[name])
        share = statistics.median(ours / base for ours, base in zip(rates[name], bare, strict=True))
        latencies = sorted(uvloop.run(load(port, arguments.seconds, arguments.connections, rate=rate / 2))[1])
        p99 = latencies[int(len(latencies) * 0.99)] * 1000
        memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        print(f"{name:38} {rate:7.0f} {share:8.2f} {p99:15.1f} {memory:10.0f}", flush=True)


def environment(folder: str, database_url: str, redis_url: str, port: int) -> dict[str, str]:
    """The settings of one of our servers."""
    return dict(os.environ) | {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": key_pair()[0],
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_url.replace("+asyncpg", ""),
        "REDIS_URL": redis_url,
        "DATA_DIR": folder,
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }


def main() -> None:
    """Start the servers and measure them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=5, help="turns at full load; the median counts")
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    if sys.platform == "linux" and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        valkey = stack.enter_context(running_valkey(Path(folder, "valkey")))
        postgres = stack.enter_context(running_postgres(Path(folder, "postgres")))
        port = free_port()
        bare = stack.enter_context(serving(["-c", BARE, SECRET, str(port)], port, dict(os.environ)))
        servers = {"bare aiohttp: verify and parse": (port, bare)}
        urls = {
            "SQLite, synchronous=FULL": f"sqlite:///{folder}/b.db",
            "PostgreSQL": create_database(postgres, "bench"),
        }
        for name, url in urls.items():
            port = free_port()
            env = environment(folder, url, valkey.url, port)
            subprocess.run([sys.executable, "-m", "bot", "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
            servers[f"gitinsight web, {name}"] = (port, stack.enter_context(serving(["-m", "bot", "web"], port, env)))
        measure(servers, arguments, postgres)


if __name__ == "__main__":
    main()
