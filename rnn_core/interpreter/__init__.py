"""A small interpreter of Python that lets torch compute on small tensors: it follows a program and never runs it.

Here belongs what following any program takes: constructs of Python, the list of what a program may touch, the guard
before torch, the budget. What is said about a program, and to whom, belongs into `reading`. It may import `sentence`.
"""
