"""Tasks that ask for something read long ago, and networks trained on them side by side."""
