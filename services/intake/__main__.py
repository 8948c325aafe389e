from chassis.service import run
from services.intake.app import build

run("intake", build)
