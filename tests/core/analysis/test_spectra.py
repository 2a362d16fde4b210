import numpy as np
import pytest

from rnn_core.analysis.spectra import growth_rates, recurrent_blocks, recurrent_eigenvalues, spectrum
from tests.core.networks import double


@pytest.mark.parametrize("shape", [(4, 4), (3, 5, 5), (2, 3, 2, 2)])
def test_eigenvalues_and_singular_values_are_numpys(shape):
    matrices = np.random.default_rng(0).normal(size=shape)
    found = spectrum(matrices)
    for place in np.ndindex(shape[:-2]):
        expected = np.linalg.eigvals(matrices[place])
        assert np.allclose(np.sort_complex(found.eigenvalues[place]), np.sort_complex(expected))
        assert np.allclose(found.singular_values[place], np.linalg.svd(matrices[place])[1])
        assert found.radius[place] == pytest.approx(np.abs(expected).max())
        assert (np.diff(np.abs(found.eigenvalues[place])) <= 1e-12).all()


def test_a_matrix_that_overflowed_has_no_spectrum():
    matrices = np.stack([np.eye(2), np.array([[np.inf, 0], [0, 1]])])
    found = spectrum(matrices)
    assert found.radius[0] == 1
    assert np.isnan(found.radius[1])
    assert np.isnan(found.singular_values[1]).all()


@pytest.mark.parametrize(("cell", "names"), [("rnn", "h"), ("lstm", "ifgo"), ("gru", "rzn")])
def test_each_gate_has_its_block(cell, names):
    config, _, weights = double(cell, num_layers=2, bidirectional=True)
    blocks = recurrent_blocks(config, weights, 1, is_reverse=True)
    assert "".join(blocks) == names
    assert np.array_equal(np.concatenate(list(blocks.values())), weights["weight_hh_l1_reverse"])
    for name, eigenvalues in recurrent_eigenvalues(config, weights, 1, is_reverse=True).items():
        assert np.allclose(np.sort_complex(eigenvalues), np.sort_complex(np.linalg.eigvals(blocks[name])))


def test_growth_rates_of_one_matrix_are_its_eigenvalues():
    rng = np.random.default_rng(0)
    basis = rng.normal(size=(4, 4))
    matrix = basis @ np.diag([2.0, -0.9, 0.5, 0.1]) @ np.linalg.inv(basis)
    rates = growth_rates(np.stack([matrix] * 2000))
    assert np.allclose(rates, np.log([2.0, 0.9, 0.5, 0.1]), atol=5e-3)


def test_growth_rates_sum_to_the_volume():
    jacobians = np.random.default_rng(1).normal(size=(50, 5, 5))
    volume = np.mean(np.log(np.abs(np.linalg.det(jacobians))))
    assert growth_rates(jacobians).sum() == pytest.approx(volume)
    assert (np.diff(growth_rates(jacobians)) <= 0).all()


def test_what_is_wiped_out_has_no_finite_rate():
    assert growth_rates(np.stack([np.diag([2.0, 0.0])] * 3)).tolist() == [pytest.approx(np.log(2)), -np.inf]
