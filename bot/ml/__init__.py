"""The risk model: how likely a change needs a fix. Pure. Scoring needs numpy only; fitting imports scikit-learn."""
