"""Numbers as Plotly sends them."""

import base64

import numpy as np


def array_of(sent):
    """Return an array that was sent as lists or in base64."""
    if isinstance(sent, list):
        return np.array(sent, dtype=float)
    values = np.frombuffer(base64.b64decode(sent["bdata"]), dtype=sent["dtype"])
    return values.reshape([int(n) for n in str(sent.get("shape", len(values))).split(",")])
