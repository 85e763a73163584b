"""One `gitinsight up` per DATA_DIR: a second one would take the socket of the first one's Valkey."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.environment import SettingsError
from bot.settings import read_addresses
from bot.storage import cannot_write, data_dir, make_folder


@contextmanager
def only_one(env: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock of DATA_DIR, which is created. The kernel releases it when the process ends, however it ends.

    Raises SettingsError, which says where GitInsight runs, if another process holds it.
    """
    folder = data_dir(env)
    try:
        make_folder(folder)
        file = (folder / "up.lock").open("a+")
    except OSError as problem:
        raise cannot_write(folder, problem) from problem
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            running = file.read(1_000).strip() or "by another process"
            raise SettingsError(
                f"GitInsight is already running in DATA_DIR {folder}, {running}. Stop it, or set DATA_DIR and PORT"
            ) from None
        file.truncate(0)
        file.write(f"at {read_addresses(env).public_url} (process {os.getpid()})\n")
        file.flush()
        yield
