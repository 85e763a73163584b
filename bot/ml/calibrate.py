"""Log-odds to probabilities: two numbers (Platt scaling), fitted where the model had not seen the outcome."""

from dataclasses import dataclass

import numpy as np

from bot.ml.columns import Floats

_STEPS = 50
_EDGE = 30.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """probability = 1 / (1 + exp(-(slope * log-odds + bias)))."""

    slope: float = 1.0
    bias: float = 0.0

    def apply(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds."""
        return self.slope * log_odds + self.bias


def sigmoid(log_odds: Floats) -> Floats:
    """Log-odds to probability; safe for any finite number."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -_EDGE, _EDGE))))


def calibrate(log_odds: Floats, faulty: Floats, weight: Floats, *, pull: float = 10.0) -> Calibration:
    """The most likely slope and bias (Newton's method).

    pull: how many changes' worth of belief that the slope is 1; it keeps a slope that few changes speak for near it.
    """
    slope, bias = 1.0, 0.0
    for _ in range(_STEPS):
        expected = sigmoid(slope * log_odds + bias)
        off, bend = weight * (expected - faulty), weight * expected * (1 - expected)
        gradient = np.array([off @ log_odds + pull * (slope - 1), off.sum()])
        cross = bend @ log_odds
        hessian = np.array([[bend @ log_odds**2 + pull, cross], [cross, bend.sum() + 1e-6]])
        step = np.clip(np.linalg.solve(hessian, gradient), -1, 1)
        slope, bias = slope - float(step[0]), bias - float(step[1])
        if np.abs(step).max() < 1e-8:
            break
    return Calibration(float(np.clip(slope, 0.1, 3.0)), float(np.clip(bias, -10, 10)))


def surprise(log_odds: Floats, faulty: Floats) -> Floats:
    """The log loss of each change, in nats; lower is better."""
    return np.asarray(np.logaddexp(0, log_odds) - faulty * log_odds)
