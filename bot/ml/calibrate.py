"""Calibrates log-odds with two numbers (Platt scaling). They are fitted on changes that the model has not seen."""

from dataclasses import dataclass

import numpy as np

from bot.ml.columns import Floats

_STEPS = 50
_MAX_LOG_ODDS = 30.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """probability = 1 / (1 + exp(-(slope * log-odds + bias)))."""

    slope: float = 1.0
    bias: float = 0.0

    def apply(self, log_odds: Floats) -> Floats:
        """Return calibrated log-odds."""
        return self.slope * log_odds + self.bias


def sigmoid(log_odds: Floats) -> Floats:
    """Convert log-odds to probabilities, without overflow for any finite number."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -_MAX_LOG_ODDS, _MAX_LOG_ODDS))))


def calibrate(log_odds: Floats, faulty: Floats, weight: Floats, *, slope_prior: float = 10.0) -> Calibration:
    """Fit slope and bias by maximum likelihood (Newton's method).

    slope_prior: the strength, in changes, of the assumption that the slope is 1. It dominates if there are few changes.
    """
    slope, bias = 1.0, 0.0
    for _ in range(_STEPS):
        expected = sigmoid(slope * log_odds + bias)
        residual, curvature = weight * (expected - faulty), weight * expected * (1 - expected)
        gradient = np.array([residual @ log_odds + slope_prior * (slope - 1), residual.sum()])
        cross = curvature @ log_odds
        hessian = np.array([[curvature @ log_odds**2 + slope_prior, cross], [cross, curvature.sum() + 1e-6]])
        step = np.clip(np.linalg.solve(hessian, gradient), -1, 1)
        slope, bias = slope - float(step[0]), bias - float(step[1])
        if np.abs(step).max() < 1e-8:
            break
    return Calibration(float(np.clip(slope, 0.1, 3.0)), float(np.clip(bias, -10, 10)))


def log_loss(log_odds: Floats, faulty: Floats) -> Floats:
    """Return the log loss of each change, in nats. Lower is better."""
    return np.asarray(np.logaddexp(0, log_odds) - faulty * log_odds)
