"""What lies in MongoDB, kept in files and brought back, and the proof that it can be."""
