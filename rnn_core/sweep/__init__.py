"""Many networks at once: batched populations, grids of configs, and where they are run."""
