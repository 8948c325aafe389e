"""A year of Ressursvenn with forty people, month by month, through public interfaces and with the clock moved."""
