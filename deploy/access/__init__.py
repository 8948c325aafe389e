"""Who may do what at the broker: users, their credentials and their rules, as `kobling topics` applies them."""

from deploy.access.apply import AccessRefused, AccessReport, apply_access
from deploy.access.credentials import ensure_credentials, issue, take_back
from deploy.access.rules import Rule, rules_of_service, rules_of_tenant, service_user, tenant_user

__all__ = [
    "AccessRefused",
    "AccessReport",
    "Rule",
    "apply_access",
    "ensure_credentials",
    "issue",
    "rules_of_service",
    "rules_of_tenant",
    "service_user",
    "take_back",
    "tenant_user",
]
