"""What holds for all tests."""

from rnn_core.figures import theme

theme.VALIDATES = True  # an attribute that Plotly does not know raises
