"""Series that everybody has: numbers as they were published, and laws that hold for what they make."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_core import ConfigError
from rnn_core.data.builtin import BUILT_IN, MADE, MEASURED, built_in, law_of
from rnn_core.data.laws import AutoRegression, NoisySine
from rnn_core.records.series import Series

DATA = Path(__file__).parents[3] / "rnn_core" / "data"
# Box, Jenkins and Reinsel 1976, series G, year by year.
AIRLINE = """
112 118 132 129 121 135 148 148 136 119 104 118  115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166  171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201  204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278  284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336  340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405  417 391 419 461 472 535 622 606 508 461 390 432
"""
# NOAA's own annual means at Mauna Loa, ppm: from other samples, on another scale.
NOAA = {1965: 320.04, 1970: 325.68, 1975: 331.08, 1980: 338.68, 1985: 346.04, 1990: 354.35, 1995: 360.80, 2000: 369.52}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_series_says_where_it_comes_from(name):
    series = built_in(name)
    assert series.name == name
    assert series.values.shape == (len(series), 1)
    assert series.source
    assert series.licence
    assert not series.values.flags.writeable
    assert (law_of(series) is None) == (name in MEASURED)


def test_together_they_take_less_than_forty_thousand_bytes():
    assert 10_000 < sum(path.stat().st_size for path in DATA.glob("stored.*")) < 40_000


def test_the_airline_passengers_are_those_of_the_book():
    series = built_in("airline")
    assert series.values[:, 0].tolist() == [float(word) for word in AIRLINE.split()]
    assert (series.when(0), series.when(143), series.frequency, series.period) == ("1949-01", "1960-12", "month", 12)


def test_the_sunspots_have_the_maxima_that_are_known():
    series = built_in("sunspots")
    assert (len(series), series.when(0), series.when(-1)) == (309, "1700", "2008")
    by_year = dict(zip(range(1700, 2009), series.values[:, 0], strict=True))
    assert by_year[1957] == series.values.max() == pytest.approx(190.2, abs=0.3)  # the largest ever counted
    assert [by_year[year] for year in (1700, 1701, 1711, 1712, 1778)] == [5, 11, 0, 0, 154.4]


def test_the_carbon_dioxide_is_that_of_the_observatory():
    series = built_in("co2")
    years = np.array([int(series.when(t)[:4]) for t in range(len(series))])
    for year, mean in NOAA.items():
        assert series.values[years == year].mean() == pytest.approx(mean, abs=0.3)


def test_the_temperatures_are_those_of_the_station():
    series = built_in("temperature")
    assert series.values[:8, 0].tolist() == [12.8, 10.6, 11.7, 12.2, 8.9, 4.4, 7.2, 10.0]
    assert (len(series), series.when(-1), series.unit) == (1461, "2015-12-31", "°C")


def test_a_name_that_is_none_is_told_which_there_are():
    with pytest.raises(ConfigError, match="series=stocks cannot be used: choose airline, sunspots"):
        built_in("stocks")


@pytest.mark.parametrize("name", MADE)
def test_a_law_draws_the_same_again_and_nothing_from_torch(name):
    made, before = MADE[name], torch.get_rng_state()
    again = made.law.draw(made.size, torch.Generator().manual_seed(made.seed))
    assert built_in(name).values[:, 0].tolist() == again.tolist()
    assert torch.equal(torch.get_rng_state(), before)


def test_a_walk_goes_on_by_steps_of_chance_alone():
    chance = torch.randn(50, generator=torch.Generator().manual_seed(3), dtype=torch.double).numpy()
    walk = AutoRegression((1.0,), is_settled=False)
    assert walk.draw(50, torch.Generator().manual_seed(3)) == pytest.approx(np.cumsum(chance))
    assert walk.forecast(np.array([2.0, 7.0]), 3).tolist() == [7, 7, 7]
    assert walk.deviations(4) == pytest.approx(np.sqrt([1, 2, 3, 4]))


def test_the_best_forecast_of_an_autoregression_is_its_companion_matrix():
    law = AutoRegression((1.6, -0.8), noise=2.0)
    companion, state = np.array([[1.6, -0.8], [1.0, 0.0]]), np.array([5.0, 3.0])  # y_t, y_(t-1)
    powers = [np.linalg.matrix_power(companion, h) for h in range(6)]
    assert law.forecast(np.array([1.0, 3.0, 5.0]), 5) == pytest.approx([(power @ state)[0] for power in powers[1:]])
    errors = 2.0 * np.sqrt(np.cumsum([power[0, 0] ** 2 for power in powers[:5]]))
    assert law.deviations(5) == pytest.approx(errors)


@pytest.mark.parametrize("law", [AutoRegression((1.6, -0.8)), NoisySine(period=10, noise=0.5)])
def test_the_best_forecast_is_off_by_as_much_as_the_law_says(law):
    """Over many origins, and no other forecast of this kind is nearer."""
    values = law.draw(4000, torch.Generator().manual_seed(1))
    origins = range(100, 3990, 7)
    ahead = np.stack([values[t : t + 5] - law.forecast(values[:t], 5) for t in origins])
    assert np.sqrt((ahead**2).mean(0)) == pytest.approx(law.deviations(5), rel=0.1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0], "s has 1 values: a series needs at least 2."),
        ([1.0, np.inf], "s, c, value 2: it is not a finite number."),
    ],
)
def test_a_series_that_cannot_be_is_a_sentence(values, said):
    with pytest.raises(ConfigError) as error:
        Series("s", np.array(values)[:, None], ("c",), np.arange(len(values), dtype=float))
    assert str(error.value) == said


def test_a_series_whose_parts_do_not_fit_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="columns"):
        Series("s", np.ones((3, 2)), ("a", "a"), np.arange(3.0))
    with pytest.raises(ValueError, match="ascending"):
        Series("s", np.ones((3, 1)), ("a",), np.array([0.0, 2.0, 1.0]))
