"""What a tenant's own systems write to intake."""
