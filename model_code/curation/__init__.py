"""Which photos of a folder a person should look at before a model learns from them.

Finders give each photo a score in [0, 1] and a reason, nothing is ever deleted, and a person
decides on a contact sheet. Training follows the decisions, see `model_code.decisions`.
"""
