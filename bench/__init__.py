"""What the app costs, as ratios against the barest program that does the same: `python -m bench`."""
