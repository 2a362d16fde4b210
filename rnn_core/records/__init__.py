"""What crosses from mathematics to a screen: copied numpy and plain values, never changed.

Imports `sentence` and nothing else of the core.
"""
