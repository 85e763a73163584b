"""Statistics that several analyzers use."""

from math import sqrt


def lower_bound(hits: int, total: int, z: float = 1.645) -> float:
    """The lower end of Wilson's 90 % interval of a share (Wilson 1927); it is low for few observations."""
    if not total:
        return 0.0
    share = hits / total
    centre = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (centre - spread) / (1 + z * z / total)
