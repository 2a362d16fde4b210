"""The session's run on the screen: its place, its buttons, its pictures, the runs that were put aside.

Belongs here what all pages share that show the run. Imports `widgets`, `work` and below.
"""
