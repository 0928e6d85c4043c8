"""The entry of the CDK: settings in, stacks out."""
