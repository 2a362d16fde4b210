"""What lessons, notes and captions claim, measured over seeds that were not used to find it.

A module a lesson. Each test names the sentence it is about by `@pytest.mark.claim`, which fails where that sentence is
no longer said, so that whoever words it anew looks at the measurement too.
"""

SEEDS = range(9000, 9012)
