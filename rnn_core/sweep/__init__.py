"""Many networks at once.

`recurrence`, `network` and `optimizers` are the equations with a leading axis P; `batches` and `population` train P
configs as `training.train` would; `grid` checks a sweep, cuts it and runs it here; `executors` and `cluster` run it
elsewhere.
"""
