"""What reporting answers."""
