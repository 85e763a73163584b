"""What a child process gives up before it reads what strangers wrote."""

import ctypes
import sys

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def leave_network() -> None:
    """Enter an empty network namespace (unshare(2)).

    It has no effect if the kernel forbids it. Then the child still has no token and no address of a service.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
