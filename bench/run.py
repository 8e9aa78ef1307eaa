"""Measure the engine: `make bench`, or `.ci/postgres .venv/bin/python bench/run.py --only a`."""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
runpy.run_module("bench", run_name="__main__")
