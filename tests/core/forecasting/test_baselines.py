"""Baselines equal an independent computation by pandas, and each knows only what was before."""

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_core import Config
from rnn_core.data.builtin import BUILT_IN, MADE, built_in
from rnn_core.forecasting.baselines import drift, fit_autoregression, forecasters, last, seasonal, seasonal_growth
from rnn_core.forecasting.comparison import Plan
from rnn_core.forecasting.measures import lag_correlations, r_squared, score, seasonal_scale

H, ORDER = 24, 3


def by_pandas(values, m):
    """Return what comes after a series, and how large MASE's unit is, each in a line of pandas."""
    y = pd.Series(values)
    ahead = pd.Series(np.nan, index=range(len(y), len(y) + H))
    lags = pd.concat({lag: y.shift(lag) for lag in range(1, ORDER + 1)}, axis=1).dropna()
    fit = np.linalg.solve(*((x := np.column_stack([np.ones(len(lags)), lags])).T @ x, x.T @ y[lags.index]))
    found = {
        "mean": ahead.fillna(y.mean()),
        "last": pd.concat([y, ahead]).ffill().iloc[-H:],
        "drift": y.iloc[-1] + y.diff().mean() * np.arange(1, H + 1),
    }
    if m > 1:
        found["seasonal"] = pd.concat([y, ahead]).groupby(lambda t: t % m).ffill().iloc[-H:]
        growth = y.rolling(m).mean().diff(m).iloc[-1]
        found["seasonal-growth"] = found["seasonal"] + growth * np.ceil(np.arange(1, H + 1) / m)
    path = list(y)
    for _ in range(H):
        path.append(fit[0] + fit[1:] @ np.array(path[: -ORDER - 1 : -1]))
    found["ar"] = pd.Series(path[-H:])
    return found, y.diff(m).abs().mean()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_baseline_is_what_pandas_says(name):
    series = built_in(name)
    training = series.values[:-H, 0]
    expected, scale = by_pandas(training, series.period)
    found = forecasters(training, series.period, order=ORDER)
    assert set(found) == set(expected)
    for forecaster, values in expected.items():
        assert found[forecaster](training, H) == pytest.approx(np.asarray(values), rel=1e-5), forecaster
    assert seasonal_scale(training, series.period) == pytest.approx(scale)


def test_the_last_year_of_airline_passengers():
    """Errors in thousand passengers, as published elsewhere for the last 12 months."""
    plan = Plan(built_in("airline"), Config())
    errors = {forecast.name: plan.judge(forecast).mae for forecast in plan.baselines()}
    expected = {"seasonal": 47.83, "seasonal-growth": 13.28, "last": 76.0, "drift": 66.31}
    assert {name: errors[name] for name in expected} == pytest.approx(expected, abs=0.005)
    assert seasonal_scale(plan.training, 12) == pytest.approx(30.45, abs=0.005)
    seasons = next(forecast for forecast in plan.baselines() if forecast.name == "seasonal")
    assert plan.judge(seasons).mase == pytest.approx(47.83 / 30.45, abs=0.001)


def test_the_last_value_is_the_one_before_the_target():
    """Not the target itself, nor the value before the whole window."""
    plan = Plan(built_in("walk"), Config(), horizon=1, origins=50)
    values = plan.series.values[:, 0]
    assert plan.one_step()["last"].tolist() == values[-51:-1].tolist()
    ahead = next(forecast for forecast in plan.baselines() if forecast.name == "last")
    assert ahead.values[:, 0].tolist() == values[-51:-1].tolist()
    assert plan.judge(ahead).mae == pytest.approx(np.abs(np.diff(values))[-50:].mean())


def test_a_straight_line_goes_on_without_a_step():
    line = np.arange(20.0)
    assert drift(line, 5).tolist() == [20, 21, 22, 23, 24]
    assert fit_autoregression(line, 1)(line, 3) == pytest.approx([20, 21, 22])
    assert seasonal_growth(line, 9, 4) == pytest.approx(20 + np.arange(9))
    assert last(line, 2).tolist() == [19, 19]
    assert seasonal(line, 6, 4).tolist() == [16, 17, 18, 19, 16, 17]


def test_the_order_of_an_autoregression_is_found():
    fitted = fit_autoregression(built_in("autoregressive").values[:, 0])
    assert fitted.coefficients[:2] == pytest.approx((1.6, -0.8), abs=0.1)
    assert len(fitted.coefficients) == 2
    assert fit_autoregression(np.full(40, 7.0))(np.full(40, 7.0), 3) == pytest.approx([7, 7, 7])


def test_errors_are_measured_in_the_units_of_the_data():
    errors = np.array([[3.0, -4.0], [0.0, 1.0]])
    found = score(errors, 4.0)
    assert (found.mae, found.rmse, found.mase) == (2.0, pytest.approx(np.sqrt(26 / 4)), 0.5)
    assert score(errors, 0.0).mase == np.inf


def test_who_copies_the_last_value_is_found_out():
    walk = built_in("walk").values[:, 0]
    copied = walk[-101:-1]
    correlations = lag_correlations(copied, walk)
    assert correlations[1] == pytest.approx(1)
    assert int(np.argmax(correlations)) == 1
    expected = [pd.Series(copied).corr(pd.Series(walk[400 - k : 500 - k])) for k in range(6)]
    assert correlations == pytest.approx(expected)
    assert r_squared(copied, walk[-100:]) > 0.7  # and looks good for all that


def test_nothing_beats_the_last_value_of_a_walk():
    """Over fresh walks, so that no luck is left."""
    errors = {}
    for seed in range(30):
        values = MADE["walk"].law.draw(200, torch.Generator().manual_seed(1000 + seed))
        for name, forecaster in forecasters(values[:160], period=12).items():
            ahead = [forecaster(values[:t], 1)[0] - values[t] for t in range(160, 200)]
            errors.setdefault(name, []).append(np.abs(ahead).mean())
    means = {name: np.mean(parts) for name, parts in errors.items()}
    assert min(means, key=means.get) == "last", means
