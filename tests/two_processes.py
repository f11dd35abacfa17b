"""Train a tiny network in two processes, each of which notes the images that it sees: two_processes.py FOLDER

Lightning starts this very command a second time.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from reliability import make  # noqa: E402

from degradation.data.augment import Resident  # noqa: E402
from degradation.data.stream import Plan  # noqa: E402
from degradation.training import together  # noqa: E402
from degradation.training.experiment import train  # noqa: E402

if __name__ == "__main__":
    folder, devices = Path(sys.argv[1]), int(sys.argv[2])
    crops = Resident.crops

    def noting(self: Resident, plan: Plan) -> object:
        with (folder / f"rank{together.rank()}").open("a") as file:
            file.write(" ".join(map(str, plan.rows)) + "\n")
        return crops(self, plan)

    Resident.crops = noting  # type: ignore[method-assign,assignment]
    sys.exit(train(make(folder / "runs", devices=devices), echo=False))
