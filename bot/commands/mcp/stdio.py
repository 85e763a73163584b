"""Standard input and output as streams of messages. What is no message is answered by a JSON-RPC error.

The library's own transport (`mcp.server.stdio`, version 2.3) reads lines of any length, and does not answer a line that
it cannot read.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

import anyio
import orjson
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

MAX_LINE = 1024 * 1024
_Receive = MemoryObjectReceiveStream[SessionMessage | Exception]
_Send = MemoryObjectSendStream[SessionMessage]


@asynccontextmanager
async def messages() -> AsyncIterator[tuple[_Receive, _Send]]:
    """Yield the messages of the client and a stream for those of the server. They end with standard input.

    Meanwhile file descriptor 0 is empty and 1 is standard error, so that nothing else reads or writes messages.
    """
    stdin, stdout = _taken(0, os.open(os.devnull, os.O_RDONLY)), _taken(1, os.dup(2))
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_client, from_server = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as group:
        group.start_soon(_read, os.fdopen(stdin, "rb", closefd=False), to_server, to_client.clone())
        group.start_soon(_write, os.fdopen(stdout, "wb", closefd=False), from_server)
        yield from_client, to_client


def _taken(descriptor: int, instead: int) -> int:
    """Return a copy of a file descriptor, and put another file in its place."""
    copy = os.dup(descriptor)
    os.dup2(instead, descriptor)
    os.close(instead)
    return copy


async def _read(
    stdin: BinaryIO, to_server: MemoryObjectSendStream[SessionMessage | Exception], to_client: _Send
) -> None:
    async with to_server, to_client:
        while line := await anyio.to_thread.run_sync(_line, stdin, abandon_on_cancel=True):
            if not line.strip():
                continue
            message = understood(line)
            if isinstance(message, ErrorData):
                await to_client.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=message)))
            else:
                await to_server.send(SessionMessage(message))


def _line(stdin: BinaryIO) -> bytes:
    """Return the next line. Of a line that is too long, only the beginning is kept."""
    line = rest = stdin.readline(MAX_LINE + 1)
    while rest and not rest.endswith(b"\n"):
        rest = stdin.readline(MAX_LINE)
    return line


def understood(line: bytes) -> JSONRPCMessage | ErrorData:
    """Return the message of a line, or the error that answers it."""
    if len(line) > MAX_LINE:
        return ErrorData(code=INVALID_REQUEST, message=f"A message is longer than {MAX_LINE:,} bytes.")
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ErrorData(code=PARSE_ERROR, message="A line is not JSON.")
    try:
        message = jsonrpc_message_adapter.validate_python(content, by_name=False)
    except ValidationError:
        message = None
    # A request with an id of another type would pass as a notification.
    if message is None or (isinstance(message, JSONRPCNotification) and "id" in content):
        return ErrorData(code=INVALID_REQUEST, message="A line is JSON, but no JSON-RPC 2.0 message.")
    return message


async def _write(stdout: BinaryIO, from_server: MemoryObjectReceiveStream[SessionMessage]) -> None:
    async with from_server:
        async for one in from_server:
            line = one.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
            try:
                await anyio.to_thread.run_sync(_put, stdout, line)
            except BrokenPipeError:  # the client is gone; standard input ends, too
                return


def _put(stdout: BinaryIO, line: bytes) -> None:
    stdout.write(line)
    stdout.flush()
