"""A larger source needs no more memory: readers stream."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

READ = """
import re, sys
from mmfinereason.collect.readers import read
from mmfinereason.recipe.sources import SourceSettings
rows = sum(1 for _ in read(SourceSettings(name="own", path=sys.argv[1], columns={"question": "q", "image": "i"})))
print(rows, int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""
CELL = 100_000


def write(path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cell = "x" * CELL
    if path.suffix == ".json":
        with path.open("w") as stream:
            stream.write("[" + ",".join(json.dumps({"q": number, "i": cell}) for number in range(rows)) + "]")
    elif path.suffix == ".parquet":
        # One row group. A page is the least that can be read at a time; the writer ends one after `write_batch_size`.
        noise = [number.to_bytes(4, "big") * (CELL // 4) for number in range(rows)]
        pq.write_table(
            pa.table({"q": range(rows), "i": noise}), path, row_group_size=rows, write_batch_size=16, compression="none"
        )
    else:
        with path.open("w") as stream:
            stream.write("q\ti\n")
            stream.writelines(f"{number}\t{cell}\n" for number in range(rows))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("ending", ["json", "parquet", "tsv"])
def test_memory_does_not_grow_with_the_source(tmp_path, ending):
    peaks = []
    for rows in (500, 2000):
        path = tmp_path / f"{rows}.{ending}"
        write(path, rows)
        done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
        count, peak = map(int, done.stdout.split())
        assert count == rows
        peaks.append(peak)
    small, large = peaks
    assert large < small + 80, f"{small} MiB for 50 MB, {large} MiB for 200 MB"
