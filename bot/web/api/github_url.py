"""Parse the address of a repository, as people paste it, into owner and name."""

import re
from urllib.parse import urlsplit

_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_SCP = re.compile(r"(?:ssh://)?git@([^/:@]+)[:/](.+)")


def owner_and_name(address: str, github_url: str) -> tuple[str, str]:
    """(owner, name) of `https://HOST/owner/name`, `git@HOST:owner/name` or `ssh://git@HOST/owner/name`.

    `.git` and a slash at the end are optional. HOST must be the host of `github_url`.
    Raises ValueError with a sentence for the caller.
    """
    host = urlsplit(github_url).netloc.lower()
    address_host, path = _host_and_path(address.strip(), urlsplit(github_url).scheme)
    if address_host not in {host, f"www.{host}"}:
        raise ValueError(f"This must be a repository on {host}.")
    parts = path.strip("/").split("/")
    if len(parts) != 2:
        raise ValueError(f"This must be the address of a repository: https://{host}/OWNER/NAME.")
    owner, name = parts[0], parts[1].removesuffix(".git")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
        raise ValueError(f"This must be the address of a repository: https://{host}/OWNER/NAME.")
    return owner, name


def _host_and_path(address: str, scheme: str) -> tuple[str, str]:
    if match := _SCP.fullmatch(address):
        return match[1].lower(), match[2]
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("This is not the address of a repository.") from None
    # http is accepted only if GitHub's own address is http, which is the stand-in on the same machine.
    if parts.scheme not in {"https", scheme} or parts.query or parts.fragment or "@" in parts.netloc or port == 0:
        raise ValueError("This must be the https or git@ address of a repository.")
    return parts.netloc.lower().removesuffix(":443"), parts.path
