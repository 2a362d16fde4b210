"""A network and how it learns: experiment, budget, model, initialisation, trainer, history, generation, export.

Imports `cells`, `data` and below.
"""
