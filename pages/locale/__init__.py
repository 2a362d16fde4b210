"""Message catalogues and lesson texts."""
