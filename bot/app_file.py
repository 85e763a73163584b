"""The credentials of a GitHub App that `/setup` created, as a file of the `.env` kind in DATA_DIR."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

NAME = "github-app.env"
VARIABLES = (
    "GITHUB_APP_ID",
    "GITHUB_PRIVATE_KEY",
    "GITHUB_WEBHOOK_SECRET",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What GitHub says of an App once, when it is created. private_key: PEM."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)


def write_app(folder: Path, made: Credentials) -> Path:
    """Write the file whole or not at all, for its owner alone. Raises OSError, also where there is one."""
    # The line ends of the key as two characters, as platforms without multi-line variables have them.
    key = made.private_key.strip().replace("\r\n", "\n").replace("\n", "\\n") + "\\n"
    values = (str(made.app_id), key, made.webhook_secret, made.client_id, made.client_secret)
    text = "".join(f"{name}='{value}'\n" for name, value in zip(VARIABLES, values, strict=True))
    path, fresh = folder / NAME, folder / f"{NAME}.{os.getpid()}.new"
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:  # noqa: PTH123
            out.write("# The GitHub App that /setup created. What is set in the environment or in .env wins.\n" + text)
            out.flush()
            os.fsync(out.fileno())
        os.link(fresh, path)  # unlike a rename, this never replaces what is there
    finally:
        fresh.unlink(missing_ok=True)
    return path


def with_app(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment, completed by the file where it speaks of the same App; what is set already wins."""
    path = folder / NAME
    try:
        kept = dotenv_values(path, interpolate=False) if path.is_file() else {}
    except (OSError, ValueError):
        kept = {}
    found = {name: value for name in VARIABLES if (value := kept.get(name))}
    if env.get("GITHUB_APP_ID", found.get("GITHUB_APP_ID")) != found.get("GITHUB_APP_ID"):
        return dict(env)
    if "GITHUB_PRIVATE_KEY_PATH" in env:
        found.pop("GITHUB_PRIVATE_KEY", None)
    return found | dict(env)
