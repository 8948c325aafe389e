"""What notifications knows of people, programmes and its own messages: one question, one file."""
