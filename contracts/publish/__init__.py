"""Writes `contracts/published/`: what others may rely on, generated from the code and committed.

`python -m contracts.publish` writes it and refuses a change that would break a stored event or a reader;
`python -m contracts.publish --check` writes nothing and fails when a file is not what the code says.
"""
