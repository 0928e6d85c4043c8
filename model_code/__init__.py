"""Training: photo folders in, an immutable release out."""
