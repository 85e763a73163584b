"""The words of GitInsight as frozen dataclasses: one shape for each fact. No I/O, no clock, nothing of other rooms."""
