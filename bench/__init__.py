"""Claims of speed: each benchmark runs both sides in one go and prints the ratio."""
