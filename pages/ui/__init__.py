"""What the pages share: controls, charts, caches, the training engine, the link and the source view."""
