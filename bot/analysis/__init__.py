"""Pure analyses of a change: `(Change) -> list[Insight]`. No I/O, no clock, no environment, no network."""
