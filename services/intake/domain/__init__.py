"""What intake decides: pure functions over frozen values (style.md, rule 1)."""
