"""Stores the credentials of a GitHub App that `/setup` created, in an env file in DATA_DIR."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from bot.environment import SettingsError

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
    """The credentials of an App, which GitHub returns once when it creates the App. private_key: PEM."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)


def write_app(folder: Path, credentials: Credentials) -> Path:
    """Write the file atomically, readable by its owner only. Raises OSError, also if the file exists."""
    # Each line end of the key becomes the two characters `\n`, so that the value is one line.
    key = credentials.private_key.strip().replace("\r\n", "\n").replace("\n", "\\n") + "\\n"
    values = (
        str(credentials.app_id),
        key,
        credentials.webhook_secret,
        credentials.client_id,
        credentials.client_secret,
    )
    text = "".join(f"{name}='{value}'\n" for name, value in zip(VARIABLES, values, strict=True))
    path = folder / NAME
    handle, name = tempfile.mkstemp(prefix=f"{NAME}.", dir=folder)  # mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w") as out:
            out.write("# The GitHub App that /setup created. The environment and .env take precedence.\n" + text)
            out.flush()
            os.fsync(out.fileno())
        # `touch` fails if the file exists. A rename alone would replace a file of another process.
        path.touch(mode=0o600, exist_ok=False)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path


def with_app(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Add the credentials of the file to the environment. Existing variables take precedence.

    The file is ignored if the environment has the id of another App.
    Raises SettingsError if the file cannot be used and the environment has no App id.
    """
    try:
        stored = _read(folder / NAME)
    except SettingsError:
        if "GITHUB_APP_ID" in env:
            return dict(env)
        raise
    if env.get("GITHUB_APP_ID", stored.get("GITHUB_APP_ID")) != stored.get("GITHUB_APP_ID"):
        return dict(env)
    if "GITHUB_PRIVATE_KEY_PATH" in env:
        stored.pop("GITHUB_PRIVATE_KEY", None)
    return stored | dict(env)


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not a text file"
        raise SettingsError(f"{path} cannot be read: {reason}") from problem
    content = dotenv_values(stream=StringIO(text), interpolate=False)
    values = {name: value for name in VARIABLES if (value := content.get(name))}
    if "GITHUB_APP_ID" not in values:
        raise SettingsError(f"{path} contains no GITHUB_APP_ID. Fix the file, or delete it to create a new App")
    return values
