"""How many threads numeric libraries use."""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """A block in which OpenMP and BLAS use one thread.

    They spin while they wait for a core: on a busy machine a fit of one second took twenty.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits
