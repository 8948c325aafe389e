"""How messages sound in the four languages."""

import re

LAW = re.compile(r"forordning|Regulation", re.IGNORECASE)

# Words that make somebody less, in the four languages (S3.23, S3.7); a match anywhere in a word counts.
FORBIDDEN = (
    *("bruker", "bruger", "klient", "client", "pasient", "patient", "offer", "victim", "diagnos", "problem", "lidelse"),
    *("svak", "svag", "weak", "sårbar", "vulnerab", "trengende", "needy", "udsat", "utsatt", "belast", "rammet"),
    *("syk", "sjuk", "syg", "mangl", "dessverre", "diverre", "desværre", "unfortunately", "avslag", "afslag", "reject"),
    *("avvis", "afvis", "mislyk", "fail", "volds", "vold ", "violen", "krise", "crisis", "ensom", "einsam", "lonel"),
)
