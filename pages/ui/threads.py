"""torch as this server uses it: one thread for each script that computes.

Networks this small gain nothing from a second thread, and many viewers' threads waiting for each other lose a lot.
torch keeps the number by thread: every script thread that Streamlit starts after this takes it over.
"""

import torch

torch.set_num_threads(1)
