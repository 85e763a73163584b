"""Periods of time, in seconds."""

DAY = 86_400
QUARTER = 90 * DAY
YEAR = 365 * DAY

# A change is faulty if it is fixed or reverted within this time.
FIX_WINDOW = QUARTER

# Who did nothing for so long is no longer active.
INACTIVE = 183 * DAY
