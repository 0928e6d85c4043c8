"""The AWS side: a release in, CloudFormation templates out."""
