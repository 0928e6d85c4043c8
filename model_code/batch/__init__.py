"""Many photos, one row of answers each: any number of them, and a run that was stopped goes on."""

BATCH_PREFIX = "batch"  # in the releases' bucket: what batch transforms read and write
