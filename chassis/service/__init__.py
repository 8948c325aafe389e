"""From a composition root to a running process."""

from chassis.service.application import Application, Build, Role, Runtime, Service, application
from chassis.service.process import run

__all__ = ["Application", "Build", "Role", "Runtime", "Service", "application", "run"]
