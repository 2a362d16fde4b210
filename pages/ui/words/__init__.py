"""Words in the viewer's language, and the texts that several rooms read.

Belongs here how a message is translated, filled and escaped. Imports nothing of the other rooms.
"""
