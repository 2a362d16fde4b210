"""What anybody can send: a value of every kind that a message can carry, where one of another kind is expected."""

import math

# As JSON carries them to our components. Finite numbers are no part of it: where they are not wanted depends.
NONSENSE = (
    None,
    True,
    False,
    10**30,
    math.nan,
    math.inf,
    -math.inf,
    "",
    "7",
    "9; DROP TABLE",
    "x" * 10_000,
    [],
    [7],
    [[1, 2], [3]],
    {},
    {"value": 7},
    {"n": 1},
    {"__class__": "exec"},
)

# As Streamlit's own messages carry them to its widgets: the field of a `WidgetState` and its value.
WIDGET_KINDS = (
    ("trigger_value", True),
    ("bool_value", True),
    ("int_value", 7),
    ("int_value", 10**18),
    ("double_value", 5.5),
    ("double_value", math.nan),
    ("double_value", math.inf),
    ("string_value", ""),
    ("string_value", "x" * 100_000),
    ("bytes_value", b"\xff\x00"),
    ("string_array_value", ["a", "b"]),
    ("double_array_value", [1.5, math.nan]),
    ("int_array_value", [1, 99, -1]),
    ("json_value", '{"a": [1, null]}'),
    ("json_value", "[NaN]"),
)
