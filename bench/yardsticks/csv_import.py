# Reads a CSV of candles with pandas and tells time and peak memory.
import json
import re
import sys
import time

import pandas

started = time.perf_counter()
frame = pandas.read_csv(sys.argv[1])
ms = (time.perf_counter() - started) * 1000
mb = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read()).group(1)) / 1024
print(json.dumps({"ms": ms, "mb": mb, "rows": len(frame), "sum": float(frame["close"].sum())}))
