# What numpy makes of the same series: python3 numpy-correlation.py FOLDER SERIES ROWS ROUNDS
# Reads FOLDER/whole.f64 and gappy.f64, writes whole.out.f64 and gappy.out.f64, prints { "whole": [ms], "gappy": [ms] }.
import json
import sys
import time

import numpy

folder, series, rows, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
whole = numpy.fromfile(f"{folder}/whole.f64").reshape(series, rows)
gappy = numpy.fromfile(f"{folder}/gappy.f64").reshape(series, rows)


def pairwise(lanes):
    """Missing values pairwise, with whole arrays: the sums over common rows of all pairs as products of matrices."""
    present = numpy.isfinite(lanes)
    mask = present.astype(float)
    values = numpy.where(present, lanes - numpy.nanmean(lanes, axis=1, keepdims=True), 0.0)
    common = mask @ mask.T
    sums = values @ mask.T
    squares = (values * values) @ mask.T
    variances = squares - sums * sums / common
    covariances = values @ values.T - sums * sums.T / common
    return covariances / numpy.sqrt(variances * variances.T)


def timed(compute, lanes):
    times = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        result = compute(lanes)
        times.append((time.perf_counter() - started) * 1e3)
    return times[1:], result


took = {}
for name, compute, lanes in (("whole", numpy.corrcoef, whole), ("gappy", pairwise, gappy)):
    took[name], result = timed(compute, lanes)
    result.tofile(f"{folder}/{name}.out.f64")
print(json.dumps({"version": numpy.__version__, **took}))
