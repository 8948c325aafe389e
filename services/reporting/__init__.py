"""Shows what is true: figures with written definitions, as of a day and as known at a day."""
