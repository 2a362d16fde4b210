"""What the reader of pasted code was compared with."""

import pytest

from tests.core.pastes import RIGHT, WRONG


@pytest.mark.claim("The reader is compared with the real PyTorch on hundreds of programs.")
def test_there_are_hundreds_of_programs():
    """Exact; what the random programs of the other tests add is not counted."""
    assert len({*RIGHT.values(), *WRONG.values()}) >= 200
