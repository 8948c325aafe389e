"""From a composition root to a running process."""

from chassis.service.application import Access, Application, Build, Role, Runtime, Service, application
from chassis.service.process import run

__all__ = ["Access", "Application", "Build", "Role", "Runtime", "Service", "application", "run"]
