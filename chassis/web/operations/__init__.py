"""What operators see of every service: one implementation, drawn by each service about itself."""

from chassis.web.operations.look import pages

PAGES = (pages,)

__all__ = ["PAGES"]
