"""Periods of time, in seconds."""

DAY = 86_400
QUARTER = 90 * DAY
YEAR = 365 * DAY

# A change needed a fix when a fix or a revert of it came within this time.
FIX_WINDOW = QUARTER
