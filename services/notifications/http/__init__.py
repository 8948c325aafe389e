"""What notifications answers."""
