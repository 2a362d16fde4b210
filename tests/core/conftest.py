"""Small tensors on shared cores: more threads would only wait for each other."""

import torch

torch.set_num_threads(1)
