"""Frames: those of earlier versions stay readable, and no frame makes the decoder take more memory than is allowed."""

import sys
import tracemalloc

import pytest

from bot.db import frames
from bot.db.frames import HEADER, MAX_CONTENT, BadFrame

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# What the package `zstandard` 0.25 wrote into the table of deliveries, at level -1.
STORED = bytes.fromhex(
    "28b52ffd20853d0300f4057b22616374696f6e223a20226f70656e6564222c20226e756d626572223a20372c202270756c6c5f7265717565"
    "7374223a207b227469746c65223a2022536574746c6520746865206f7264657273222c2022626f6479223a2022c3a9227d7d0100dc1e1705"
)
PAYLOAD = f'{{"action": "opened", "number": 7, "pull_request": {{"title": "Settle the orders", "body": "{"é" * 20}"}}}}'


def test_a_frame_of_an_earlier_version_is_read() -> None:
    assert frames.decompress(STORED) == PAYLOAD.encode()
    assert frames.content_size(STORED[:HEADER]) == len(PAYLOAD.encode())


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_792, 1_000_000, MAX_CONTENT])
def test_a_frame_comes_back_and_tells_its_size(size: int) -> None:
    content = (b'{"id": 1}' * (size // 9 + 1))[:size]
    frame = frames.compress(content)
    assert frames.decompress(frame) == content
    assert frames.content_size(frame[:HEADER]) == size


def test_a_large_content_is_refused_before_it_is_held() -> None:
    for flag in (0, 1):
        options: dict[int, int] = {zstd.CompressionParameter.content_size_flag: flag}
        bomb = zstd.compress(bytes(16 * MAX_CONTENT), options=options)
        assert len(bomb) < 100_000
        tracemalloc.start()
        with pytest.raises(BadFrame):
            frames.decompress(bomb)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 3 * MAX_CONTENT
    with pytest.raises(BadFrame):
        frames.decompress(frames.compress(bytes(MAX_CONTENT + 1)))


def test_a_frame_that_demands_a_large_window_is_refused() -> None:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    with pytest.raises(BadFrame, match="memory"):
        frames.decompress(compressor.compress(b"a") + compressor.flush())


@pytest.mark.parametrize("junk", [b"", b"{}", b"(\xb5/\xfd", STORED[:-1], STORED[:20], b"\xff" * 100])
def test_what_is_no_whole_frame_is_refused(junk: bytes) -> None:
    with pytest.raises(BadFrame):
        frames.decompress(junk)


def test_a_size_that_is_not_told_is_minus_one() -> None:
    compressor = zstd.ZstdCompressor()
    frame = compressor.compress(b"abc") + compressor.flush()
    assert frames.content_size(frame[:HEADER]) == -1
    assert frames.decompress(frame) == b"abc"
