"""The link of a session: what its address says, its views, its language, what it has at hand.

Belongs here what reads and writes the session and its address. Imports `process` and `words`.
"""
