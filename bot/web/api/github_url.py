"""The address of a repository, as people paste it, to its owner and name."""

import re
from urllib.parse import urlsplit

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_SCP = re.compile(r"(?:ssh://)?git@([^/:@]+)[:/](.+)")


def owner_and_name(given: str, github_url: str) -> tuple[str, str]:
    """(owner, name) of `https://HOST/owner/name`, `git@HOST:owner/name` or `ssh://git@HOST/owner/name`.

    With or without `.git` and a slash at the end; HOST is the one of `github_url`, and nothing else is ever asked.
    Raises ValueError with a sentence.
    """
    host = urlsplit(github_url).netloc.lower()
    found, path = _host_and_path(given.strip(), urlsplit(github_url).scheme)
    if found not in {host, f"www.{host}"}:
        raise ValueError(f"This must be a repository on {host}.")
    parts = path.strip("/").split("/")
    if len(parts) != 2:
        raise ValueError(f"This must be the address of a repository: https://{host}/OWNER/NAME.")
    owner, name = parts[0], parts[1].removesuffix(".git")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
        raise ValueError(f"This must be the address of a repository: https://{host}/OWNER/NAME.")
    return owner, name


def _host_and_path(given: str, scheme: str) -> tuple[str, str]:
    if match := _SCP.fullmatch(given):
        return match[1].lower(), match[2]
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        raise ValueError("This is no address of a repository.") from None
    # http only where GitHub itself is reached so: the stand-in, on one's own machine.
    if parts.scheme not in {"https", scheme} or parts.query or parts.fragment or "@" in parts.netloc or port == 0:
        raise ValueError("This must be the https or git@ address of a repository.")
    return parts.netloc.lower().removesuffix(":443"), parts.path
