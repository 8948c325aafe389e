"""What reporting counts, and by which rules of the programme: one question, one file."""
