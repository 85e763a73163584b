"""Follows the Dockerfile step by step in a root made from Debian's packages, and starts what it builds.

    sudo python deploy/follow_dockerfile.py FOLDER [--mirror URL] [--bind PATH ...]

For machines without a container engine. It needs root, debootstrap, unshare and the package dockerfile-parse. The base
is Debian with its own Python in place of the image that FROM names; everything else is done as written. The result is
started as an engine would start it: as the user of USER, with a read-only root, an own /tmp and one volume. It passes
if the command of HEALTHCHECK does, nothing can be written elsewhere, and SIGTERM ends it.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser

CONTEXT = Path(__file__).parents[1]
_PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
_SUITE = "bookworm"
_HEALTHY_SECONDS = 120
_PORT = "18999"
_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
# As an engine mounts them before a step.
_MOUNTS = "mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev"


@dataclass(slots=True)
class Stage:
    """One FROM and what follows it."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    volume: str = ""
    health: str = ""
    command: list[str] = field(default_factory=list)


def follow(folder: Path, base: Path, binds: Sequence[str]) -> Stage:
    """Do every instruction of the Dockerfile. Returns the last stage. Raises CalledProcessError if a step fails."""
    stages: dict[str, Stage] = {}
    stage = Stage(base)
    for step in DockerfileParser(path=str(CONTEXT / "Dockerfile")).structure:
        name, value = step["instruction"], step["value"]
        if name == "COMMENT":
            continue
        print(f"{name} {value[:110]}", flush=True)
        started = time.monotonic()
        if name == "FROM":
            label = value.partition(" AS ")[2] or "image"
            stage = stages[label] = Stage(folder / label, {"PATH": _PATH})
            shutil.rmtree(stage.root, ignore_errors=True)
            subprocess.run(["cp", "-a", "--reflink=auto", base, stage.root], check=True)
        elif name == "ARG" and not stages:
            continue
        else:
            _do(name, value, stage, stages, binds)
        print(f"    {time.monotonic() - started:.1f} s", flush=True)
    return stage


def _do(name: str, value: str, stage: Stage, stages: dict[str, Stage], binds: Sequence[str]) -> None:
    """One instruction within a stage. Raises SystemExit for one that this script does not know."""
    if name in {"ARG", "ENV"}:
        for pair in shlex.split(value):
            key, _, text = pair.partition("=")
            stage.env[key] = re.sub(r"\$\{?(\w+)\}?", lambda match: stage.env.get(match[1], ""), text)
    elif name == "RUN":
        _run(value, stage, binds)
    elif name == "COPY":
        _copy(shlex.split(value), stage, stages)
    elif name == "WORKDIR":
        stage.folder = value
        (stage.root / value.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif name == "USER":
        stage.user = value
    elif name == "VOLUME":
        stage.volume = value
    elif name == "HEALTHCHECK":
        stage.health = value.partition("CMD ")[2]
    elif name == "CMD":
        stage.command = json.loads(value)
    elif name not in {"LABEL", "EXPOSE"}:
        sys.exit(f"{name} is not known here")


def _run(command: str, stage: Stage, binds: Sequence[str]) -> None:
    mounts = [_MOUNTS.format(root=shlex.quote(str(stage.root)))]
    for path in binds:  # what the network of this machine needs, such as certificates
        inside = stage.root / path.lstrip("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        if Path(path).is_dir():
            inside.mkdir(exist_ok=True)
        else:
            inside.touch()
        mounts.append(f"mount --bind {shlex.quote(path)} {shlex.quote(str(inside))}")
    passed = {key: text for key, text in os.environ.items() if key.startswith("PIP_") or key.endswith("_proxy")}
    _inside(mounts, stage, ["sh", "-ec", command], passed)


def _inside(mounts: Sequence[str], stage: Stage, argv: Sequence[str], more: dict[str, str]) -> None:
    subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-ec", " && ".join([*mounts, _chroot(stage, argv)])],
        env=more | stage.env | {"HOME": "/root" if stage.user == "0:0" else "/home/gitinsight"},
        check=True,
    )


def _chroot(stage: Stage, argv: Sequence[str]) -> str:
    inner = f"cd {shlex.quote(stage.folder)} && exec {shlex.join(argv)}"
    return f"exec chroot --userspec={stage.user} {shlex.quote(str(stage.root))} sh -ec {shlex.quote(inner)}"


def _copy(words: Sequence[str], stage: Stage, stages: dict[str, Stage]) -> None:
    origin = CONTEXT
    if words[0].startswith("--from="):
        origin, words = stages[words[0].removeprefix("--from=")].root, words[1:]
    *sources, target = words
    place = stage.root / (target if target.startswith("/") else f"{stage.folder}/{target}").lstrip("/")
    for source in sources:
        found = origin / source.lstrip("/")
        if found.is_dir():
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True, ignore=left_out)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, place)


def start(stage: Stage, folder: Path) -> None:
    """Start the image and check what it promises. Raises SystemExit with the first promise that it breaks."""
    volume = folder / "volume"
    shutil.rmtree(volume, ignore_errors=True)
    shutil.copytree(stage.root / stage.volume.lstrip("/"), volume)
    owner = [int(part) for part in stage.user.split(":")]
    os.chown(volume, owner[0], owner[1])
    root = shlex.quote(str(stage.root))
    mounts = [
        f"mount --bind {root} {root} && mount -o remount,bind,ro {root}",
        f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev",
        f"mount -t tmpfs -o mode=1777 none {root}/tmp && mount --bind {shlex.quote(str(volume))} {root}{stage.volume}",
    ]
    stage.env |= {"PORT": _PORT, "HOST": "127.0.0.1"}
    argv = " && ".join([*mounts, _chroot(stage, stage.command)])
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    image = subprocess.Popen([*apart, "sh", "-ec", argv], env=stage.env)
    try:
        _check(image, stage)
    finally:
        image.kill()
        image.wait()


def _check(image: "subprocess.Popen[bytes]", stage: Stage) -> None:
    [first] = _children(image.pid)
    enter = ["nsenter", f"--target={first}", "--mount", "--pid", "sh", "-ec"]

    def does(command: str) -> bool:
        inside = _chroot(stage, ["sh", "-ec", command])
        return subprocess.run([*enter, inside], env=stage.env, capture_output=True, check=False).returncode == 0

    until = time.monotonic() + _HEALTHY_SECONDS
    while not does(stage.health):
        if image.poll() is not None or time.monotonic() > until:
            sys.exit("The command of HEALTHCHECK does not succeed.")
        time.sleep(1)
    print("HEALTHCHECK succeeds")
    for command, wanted in (
        (f"test $(id -u):$(id -g) = {stage.user}", True),
        ("touch /app/x || touch /home/gitinsight/x || touch /etc/x", False),
        (f"touch {stage.volume}/x /tmp/x", True),
        ("gitinsight --version && git --version", True),
    ):
        if does(command) != wanted:
            sys.exit(f"{'Fails' if wanted else 'Succeeds'}: {command}")
        print(f"{'succeeds' if wanted else 'is refused'}: {command}")
    os.kill(first, signal.SIGTERM)
    print(f"SIGTERM ends it with exit status {image.wait(timeout=60)}")


def _children(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := children.read_text().split()):
        time.sleep(0.1)
    return [int(one) for one in found]


def main() -> None:
    """Make the base, follow the Dockerfile and start the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the roots are made; about 2 GB")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian", help="of Debian's packages")
    parser.add_argument("--bind", action="append", default=[], metavar="PATH", help="of this machine, seen by RUN")
    chosen = parser.parse_args()
    base = chosen.folder.resolve() / "base"
    if not (base / "usr/bin/python3").exists():
        base.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, base, chosen.mirror], check=True
        )
        for name, target in (("python", "python3"), ("pip", "pip3")):
            (base / "usr/local/bin" / name).symlink_to(f"/usr/bin/{target}")
    start(follow(chosen.folder.resolve(), base, chosen.bind), chosen.folder.resolve())


if __name__ == "__main__":
    main()
