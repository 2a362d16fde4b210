"""The link of a session: what its address says, the models of its views, all that is remembered of a viewer.

Belongs here what reads and writes the session and its address. Imports `process` and `words`.
"""
