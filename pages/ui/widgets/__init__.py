"""What every page is made of: the side panel, choices, code and links to copy, messages.

Belongs here what several lessons show and none owns. Imports `components` and below.
"""
