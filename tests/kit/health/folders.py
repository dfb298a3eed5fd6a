"""Where property tests put their many small stores: in memory, because each waits for the disk otherwise."""

import os
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
QUICK = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
