"""Questions asked of a run: what could be expected of it, what went wrong, what it means."""
