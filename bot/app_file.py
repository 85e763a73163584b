"""The credentials of a GitHub App that `/setup` created, as a file of the `.env` kind in DATA_DIR."""

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
    """What GitHub says of an App once, when it is created. private_key: PEM."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)


def write_app(folder: Path, made: Credentials) -> Path:
    """Write the file whole or not at all, for its owner alone. Raises OSError, also where there is one already."""
    # The line ends of the key as two characters, as platforms without multi-line variables have them.
    key = made.private_key.strip().replace("\r\n", "\n").replace("\n", "\\n") + "\\n"
    values = (str(made.app_id), key, made.webhook_secret, made.client_id, made.client_secret)
    text = "".join(f"{name}='{value}'\n" for name, value in zip(VARIABLES, values, strict=True))
    path = folder / NAME
    handle, name = tempfile.mkstemp(prefix=f"{NAME}.", dir=folder)  # mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w") as out:
            out.write("# The GitHub App that /setup created. What is set in the environment or in .env wins.\n" + text)
            out.flush()
            os.fsync(out.fileno())
        # Taken first, because a rename would replace a file that somebody else has put there meanwhile.
        path.touch(mode=0o600, exist_ok=False)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path


def with_app(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment, completed by the file where it speaks of the same App; what is set already wins.

    Raises SettingsError for a file that cannot be used where the environment names no App.
    """
    try:
        found = _read(folder / NAME)
    except SettingsError:
        if "GITHUB_APP_ID" in env:
            return dict(env)
        raise
    if env.get("GITHUB_APP_ID", found.get("GITHUB_APP_ID")) != found.get("GITHUB_APP_ID"):
        return dict(env)
    if "GITHUB_PRIVATE_KEY_PATH" in env:
        found.pop("GITHUB_PRIVATE_KEY", None)
    return found | dict(env)


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise SettingsError(f"{path} cannot be read: {why}") from problem
    kept = dotenv_values(stream=StringIO(text), interpolate=False)
    found = {name: value for name in VARIABLES if (value := kept.get(name))}
    if "GITHUB_APP_ID" not in found:
        raise SettingsError(f"{path} names no GITHUB_APP_ID: mend it, or remove it to have a new App created")
    return found
