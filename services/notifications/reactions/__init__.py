"""What notifications does when something happens elsewhere."""
