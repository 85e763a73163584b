"""Stores the fitted model of a repository as JSON, never as a pickle: its members and the scores of past changes."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from bot.domain.history import Basis
from bot.domain.model_card import Comparison
from bot.ml.calibrate import Calibration
from bot.ml.columns import COLUMNS, Floats, matrix
from bot.ml.labels import Labels
from bot.ml.members import BadModel, dump, load
from bot.ml.prior import shipped
from bot.ml.risk import Blend, RiskModel, Scored

_FORMAT = 2
_DIGITS = 4


def to_json(model: RiskModel) -> str:
    """Return the model without its history as JSON. `from_json` and `RiskModel.updated` restore it.

    Its prior must be the shipped one; only its name is stored.
    """
    scored = model.scored
    values = {
        "format": _FORMAT,
        "columns": COLUMNS,
        "version": model.version,
        "basis": model.basis,
        "blend": _blend_values(model.blend),
        "unused": _blend_values(model.unused) if model.unused else None,
        "compared": [asdict(one) for one in model.compared],
        "rows": model.rows,
        "first": scored.first if scored else None,
        "log_odds": [round(float(score), _DIGITS) for score in scored.log_odds] if scored else [],
    }
    return json.dumps(values, separators=(",", ":"))


def from_json(text: str | bytes) -> RiskModel:
    """Parse the result of `to_json`. `RiskModel.updated` must be called before the model is used.

    Raises BadModel if the text is damaged, or of other columns or another prior.
    """
    try:
        values: Any = json.loads(text)
        if values["format"] != _FORMAT or values["columns"] != list(COLUMNS):
            raise BadModel("the model has another format")  # noqa: TRY301 - one place for all errors
        return _model(values)
    except BadModel:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadModel(f"a part of the model is missing or damaged: {error!r}") from error


def _blend_values(blend: Blend) -> dict[str, Any]:
    return {
        "prior": blend.prior.name if blend.prior else None,
        "own_share": blend.own_share,
        "slope": blend.calibration.slope,
        "bias": blend.calibration.bias,
        "members": [dump(member) for member in blend.members],
    }


def _blend(values: dict[str, Any]) -> Blend:
    if values["prior"] not in {None, shipped().name}:
        raise BadModel(f"the model needs another prior: {values['prior']}")
    members = tuple(load(member) for member in values["members"])
    calibration = Calibration(float(values["slope"]), float(values["bias"]))
    blend = Blend(members, shipped() if values["prior"] else None, float(values["own_share"]), calibration)
    numbers = [blend.own_share, calibration.slope, calibration.bias]
    if not np.isfinite(numbers).all() or (blend.own_share > 0) != bool(members):
        raise BadModel("the members of the model do not match its shares")
    return blend


def _comparison(values: dict[str, Any]) -> Comparison:
    figures = {name: float(values[name]) for name in ("auc", "baseline_auc", "low", "high")}
    if not np.isfinite(list(figures.values())).all():
        raise BadModel("a comparison of the model is not finite")
    changes, needed_fix = int(values["changes"]), int(values["needed_fix"])
    return Comparison(basis=Basis(values["basis"]), changes=changes, needed_fix=needed_fix, **figures)


def _model(values: dict[str, Any]) -> RiskModel:
    rows, first, basis = int(values["rows"]), values["first"], Basis(values["basis"])
    unused = _blend(values["unused"]) if values["unused"] else None
    if (basis is Basis.MODEL) != (unused is None):
        raise BadModel("the parts of the model do not match what it is")
    scored = None
    if first is not None:
        log_odds: Floats = np.array(values["log_odds"], dtype=np.float64)
        if len(log_odds) != rows - int(first) or not np.isfinite(log_odds).all():
            raise BadModel("the scores of the model do not match its rows")
        zero = np.zeros(len(log_odds))
        scored = Scored(int(first), log_odds, Labels(zero, zero, zero, zero > 0), zero)
    return RiskModel(
        version=str(values["version"]),
        blend=_blend(values["blend"]),
        rows=rows,
        window=matrix([]),
        recent=np.empty(0),
        scored=scored,
        basis=basis,
        unused=unused,
        compared=tuple(_comparison(one) for one in values["compared"]),
    )
