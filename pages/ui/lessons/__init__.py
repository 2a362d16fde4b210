"""The parts of the lessons: a file a page, and files for what makes a page too long.

Belongs here what one page shows. Imports every other room; lessons import each other only from parts of their own.
"""
