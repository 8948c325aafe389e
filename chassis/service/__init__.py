"""From a composition root to a running process."""

from chassis.service.application import Application, application
from chassis.service.composition import Access, Build, Role, Runtime, Service
from chassis.service.process import run

__all__ = ["Access", "Application", "Build", "Role", "Runtime", "Service", "application", "run"]
