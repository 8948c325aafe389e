"""What intake answers from: one read model, one file."""
