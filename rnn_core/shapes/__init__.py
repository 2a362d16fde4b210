"""Every tensor of a call: names, axes, sizes, meaning, and where in it something lies.

Imports `config`, `records` and `sentence`. No torch.
"""
