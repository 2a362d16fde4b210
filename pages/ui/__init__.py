"""The screen, room by room. A room imports from those that stand before it, never the other way.

`process`, `words` -> `session` -> `components` -> `widgets`, `work` -> `run` -> `lessons` -> `entry`. Each room says in
its `__init__` what belongs there; `tests/test_architecture.py` holds the order.
"""
