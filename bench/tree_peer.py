"""Seconds and CPU-seconds that scikit-learn's exact tree needs to depth 6, unpruned, on the rows that bench made."""

import json
import resource
import sys
import time

import numpy
from sklearn.tree import DecisionTreeClassifier

folder, row_count, feature_count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
values = numpy.fromfile(f"{folder}/features.bin", dtype="<f8").reshape(feature_count, row_count)
features = numpy.ascontiguousarray(values.T, dtype=numpy.float32)
outcomes = numpy.fromfile(f"{folder}/outcomes.bin", dtype="u1")


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


start, cpu = time.perf_counter(), cpu_seconds()
DecisionTreeClassifier(criterion="entropy", max_depth=6, random_state=1).fit(features, outcomes)
print(json.dumps({"seconds": time.perf_counter() - start, "cpuSeconds": cpu_seconds() - cpu}))
