"""What Streamlit does not bring: charts, sliders, marked text, each a Python file beside its script.

Belongs here what mounts a script of ours in the page and hears what it says. Imports `session` and below.
"""
