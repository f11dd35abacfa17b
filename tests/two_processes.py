"""Train a tiny network in some processes, each of which notes the images that it sees:

    two_processes.py FOLDER DEVICES LR TRAIN      TRAIN: keys of train, as JSON

Lightning starts this very command a second time.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from reliability import make  # noqa: E402

from degradation.config import request  # noqa: E402
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
    tree = make(folder / "runs", devices=devices, **json.loads(sys.argv[4])).to_mapping()
    tree["optimizer"]["lr"] = float(sys.argv[3])
    sys.exit(train(request.from_mapping(tree), echo=False))
