"""The server of the process: its routes and headers, the files it hands out, the libraries it wakes, its memory.

Belongs here what exists once a process and knows of no viewer. Imports nothing of the other rooms.
"""
