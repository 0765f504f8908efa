"""Seconds and CPU-seconds that mlxtend needs for itemsets and rules of receipts, at support .001 and confidence .5."""

import json
import resource
import sys
import time

import pandas
from mlxtend.frequent_patterns import association_rules, fpgrowth
from mlxtend.preprocessing import TransactionEncoder

with open(sys.argv[1], encoding="utf-8") as file:
    receipts = [line.rstrip("\n").split(",") for line in file]
encoder = TransactionEncoder()
baskets = pandas.DataFrame(encoder.fit(receipts).transform(receipts), columns=encoder.columns_)


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


start, cpu = time.perf_counter(), cpu_seconds()
found = fpgrowth(baskets, min_support=0.001)
association_rules(found, num_itemsets=len(receipts), metric="confidence", min_threshold=0.5)
print(json.dumps({"seconds": time.perf_counter() - start, "cpuSeconds": cpu_seconds() - cpu}))
