"""Forecasts of series by networks, beside those that need no network, and who of them wins.

Imports `data`, `training` and `sweep`. Public: `Plan`, `Comparison`, `BASELINES`.
"""
