"""From hashtags, crawls, lists and folders to `<into>/<brand>/<photo>` with its provenance."""
