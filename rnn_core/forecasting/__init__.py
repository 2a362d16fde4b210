"""Forecasts of series by networks, beside those that need no network, and who of them wins.

Imports `config`, `records`, `data`, `training` and `sweep`. Public: `Plan`, `Comparison`.
"""
