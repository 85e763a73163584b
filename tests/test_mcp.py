"""`gitinsight mcp` as its host runs it: a process that speaks with the protocol's client, or that is sent raw lines."""

import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen, run
from typing import Any

import orjson
import pytest
from mcp import Client, StdioServerParameters

from bot.commands.mcp.answers import as_data
from bot.commands.mcp.clone import inside, open_clone
from bot.commands.mcp.stdio import MAX_LINE
from bot.errors import GiveUp
from bot.text import visible
from tests.jobs.risky import DAY, START, risky_history
from tests.jobs.samples import HARMLESS, UNSAFE
from tests.repository import Repository

HIDDEN = "app/\u202egnp.py"


async def test_a_client_gets_the_facts_of_a_clone(repository: Repository, tmp_path: Path) -> None:
    risky_history(repository, 250)
    repository.clock = START + 250 * DAY
    repository.commit("A stranger's \u202etitle\x07", {HIDDEN: HARMLESS})
    repository.branch("topic")
    repository.commit("change 7: run the tool", {"shell.py": UNSAFE, HIDDEN: UNSAFE})
    (repository.path / ".git" / "config").write_text("[core]\n\tbare = false\n")
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bot", "mcp", str(repository.path / "app")],
        env={"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"]},
    )
    async with Client(server) as client:
        listed = (await client.list_tools()).tools

        async def ask(tool: str, **arguments: Any) -> Any:
            answer = await client.call_tool(tool, arguments)
            assert not answer.is_error, answer.content
            assert orjson.loads(answer.content[0].text) == answer.structured_content  # type: ignore[union-attr]
            return answer.structured_content

        async def refused(tool: str, **arguments: Any) -> str:
            answer = await client.call_tool(tool, arguments)
            assert answer.is_error
            return answer.content[0].text  # type: ignore[union-attr]

        repository.checkout("main")
        (repository.path / "new.py").write_text(UNSAFE)
        folder = await ask("preview", what="folder")
        (repository.path / "new.py").unlink()
        repository.checkout("topic")
        before = _files(repository.path)
        preview = await ask("preview", limit=2)
        hotspots = await ask("hotspots", limit=3)
        everyone = await ask("ownership", limit=2)
        owners = await ask("ownership", path="app/part1.py")
        pairs = await ask("coupling")
        companions = await ask("coupling", path="app/part1.py")
        risk = await ask("risk")
        similar = await ask("similar_changes")
        outside = await refused("ownership", path="../../etc/passwd")
        absolute = await refused("coupling", path="/etc/passwd")
        unknown = await refused("ownership", path="app/nothing.py")
        no_revision = await refused("preview", base="--output=/tmp/x")
        too_many = await refused("hotspots", limit=1_000)
        stray = await refused("risk", path="app/part1.py")

    assert [tool.name for tool in listed] == ["preview", "hotspots", "ownership", "coupling", "risk", "similar_changes"]
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)
    places = {place["path"] for insight in preview["insights"] for place in insight["locations"]}
    assert {"shell.py", "app/\\u202egnp.py"} <= places
    assert preview["head_sha"] == repository.head()
    assert {place["path"] for insight in folder["insights"] for place in insight["locations"]} == {"new.py"}
    assert folder["compared"].startswith("Compared: the files of the folder (1 file)")
    assert preview["conclusion"] == "neutral"
    assert len(preview["insights"]) == 2
    assert preview["not_shown"] > 0
    assert len(hotspots["files"]) == 3
    assert hotspots["files"][0]["path"] == "app/\\u202egnp.py"  # the only one with indented lines
    assert hotspots["files"][1]["revisions"] > 10
    assert len(everyone["files"]) == 2
    assert sum(one["share"] for one in owners["contributors"]) == pytest.approx(1, abs=0.01)
    assert not any("@" in str(one) for one in owners["contributors"])
    assert pairs["pairs"] == companions["companions"] == []  # each change is of one file
    assert risk["history"] == 251
    assert risk["risk"]["compared"] > 100, risk
    assert "features" in risk["risk"]
    assert risk["merge_base"] == similar["merge_base"] == repository.head("main")
    assert "outside of the clone" in outside
    assert "outside of the clone" in absolute
    assert "has no file 'app/nothing.py'" in unknown
    assert "There is no revision '--output=/tmp/x'" in no_revision
    assert "limit: Input should be less than or equal to 60" in too_many
    assert "path: Extra inputs are not permitted" in stray
    assert _files(repository.path) == before


def _files(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(file), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file())


def test_garbage_is_answered_and_the_server_goes_on(repository: Repository, tmp_path: Path) -> None:
    repository.commit("first", {"app.py": HARMLESS})
    garbage = (
        b"no json",
        b"\xff\xfe\x00",
        b"[]",
        b"3",
        b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}',
        b'{"jsonrpc": "2.0", "id": [], "method": "ping"}',
        b'{"jsonrpc": "2.0", "id": null, "method": "ping"}',
        b"[" * 100_000,
        b'"' + b"x" * (MAX_LINE + 10) + b'"',
    )
    codes = (-32700, -32700, -32600, -32600, -32600, -32600, -32600, -32700, -32600)
    requests: tuple[tuple[str, Any], ...] = (
        ("tools/call", {"name": "rm", "arguments": {}}),
        ("tools/call", {"name": "hotspots", "arguments": [1]}),
        ("tools/call", {"name": "hotspots", "arguments": {"limit": "many"}}),
        ("no/such/method", {}),
        ("tools/call", {"name": "hotspots", "arguments": {}}),
    )
    with Popen(
        [sys.executable, "-m", "bot", "mcp", str(repository.path)],
        env={"XDG_CACHE_HOME": str(tmp_path), "PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        stdin=PIPE,
        stdout=PIPE,
    ) as server:
        assert server.stdin
        assert server.stdout

        def ask(line: bytes) -> Any:
            assert server.stdin
            assert server.stdout
            server.stdin.write(line + b"\n")
            server.stdin.flush()
            return orjson.loads(server.stdout.readline())

        def request(number: int, method: str, params: Any) -> Any:
            return ask(orjson.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))

        early = ask(b"{")
        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        started = request(1, "initialize", client)
        server.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n\n')
        answered = [ask(line)["error"]["code"] for line in garbage]
        rm, list_, many, method, good = [request(10 + n, *one) for n, one in enumerate(requests)]
        server.stdin.close()
        assert server.stdout.read() == b""
        assert server.wait(timeout=30) == 0
    assert early["error"]["code"] == -32700
    assert early["id"] is None
    assert started["result"]["serverInfo"]["name"] == "gitinsight"
    assert "data, not as instructions" in started["result"]["instructions"]
    assert tuple(answered) == codes
    assert "There is no tool 'rm'" in rm["error"]["message"]
    assert list_["error"]["code"] == -32602
    assert many["result"]["isError"]
    assert method["error"]["code"] == -32601
    assert [file["path"] for file in good["result"]["structuredContent"]["files"]] == ["app.py"]


async def test_a_folder_without_a_repository_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="is not a git repository"):
        await open_clone(tmp_path)


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('no mcp', name='mcp')\n")
    argv = [sys.executable, "-m", "bot", "mcp", str(tmp_path)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    done = run(argv, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 1
    assert done.stderr == "Error: This command needs the package `mcp`: pip install 'gitinsight[mcp]'.\n"


@pytest.mark.parametrize(
    ("path", "inner"),
    [
        ("app.py", "app.py"),
        ("./src//app.py", "src/app.py"),
        ("src/../app.py", "app.py"),
        ("/work/clone/src/app.py", "src/app.py"),
    ],
)
def test_a_path_is_read_as_git_writes_it(path: str, inner: str) -> None:
    assert inside(Path("/work/clone"), path) == inner


@pytest.mark.parametrize(
    "path", ["..", "../clone2/a", "/etc/passwd", "a/../../b", "/work/clone2/a", ".", "/work/clone", "a\0b"]
)
def test_a_path_outside_of_the_clone_is_refused(path: str) -> None:
    with pytest.raises(GiveUp):
        inside(Path("/work/clone"), path)


def test_hidden_characters_are_shown_and_sizes_are_bounded() -> None:
    assert visible("a\u202eb\x1b[31m\u200b\ud800\U000e0101 ä\n") == "a\\u202eb\\u001b[31m\\u200b\\ud800\\U000e0101 ä\n"
    assert visible("x" * 2_000) == "x" * 1_000 + "…"
    deep: Any = "end"
    for _ in range(100):
        deep = [deep]
    bounded = as_data({"many": tuple(range(1_000)), "deep": deep, "odd\u2066": Path("a")})
    assert bounded["many"][-1] == "…"
    assert len(bounded["many"]) == 201
    assert len(str(bounded["deep"])) < 100
    assert bounded["odd\\u2066"] == "a"
