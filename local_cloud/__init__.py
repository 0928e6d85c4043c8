"""The laptop's AWS: MiniStack, plus the SageMaker that it lacks."""
