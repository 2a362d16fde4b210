"""A network and how it learns: model, initialisation, budget, trainer, history, generation, export.

Imports `cells`, `data` and below.
"""
