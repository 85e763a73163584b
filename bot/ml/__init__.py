"""Models: how likely a change is to need a fix. Pure; scoring needs numpy only, fitting imports scikit-learn late."""
