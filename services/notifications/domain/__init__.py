"""What notifications decides: pure."""
