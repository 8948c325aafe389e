"""What intake does when something happened, here or elsewhere, or when a date is reached."""
