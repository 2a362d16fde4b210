"""torch as this server uses it: one thread for each script that computes, and little kept of what it has computed.

Networks this small gain nothing from a second thread, and many viewers' threads waiting for each other lose a lot.
torch keeps the number by thread: one that is started after this takes it over as soon as it asks, and until then has
what the environment says (see `pages`).

For each size of an LSTM that was ever trained oneDNN keeps code that it wrote, up to a thousand pieces of 80 kB.
"""

import os

os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

import torch

torch.set_num_threads(1)
