"""What is computed in slices while viewers look: the session's run, sweeps, comparisons, turns and queues.

Belongs here who may compute, when and for how long. Imports `process` and `words`, and draws nothing.
"""
