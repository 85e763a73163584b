"""What is learned from the history index: the risk model and its card, outcomes, snapshots, thresholds."""
