"""Seconds that lifetimes 0.11.3 needs to fit BG/NBD to CDNOW until 1997-09-30: the median of five."""

import statistics
import sys
import time
import warnings

import pandas
from lifetimes import BetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data

warnings.filterwarnings("ignore")
orders = pandas.read_csv(sys.argv[1], parse_dates=["date"])
summary = summary_data_from_transaction_data(
    orders, "customer_id", "date", observation_period_end="1997-09-30", freq="D"
)


def seconds() -> float:
    start = time.perf_counter()
    BetaGeoFitter().fit(summary["frequency"], summary["recency"] / 7, summary["T"] / 7)
    return time.perf_counter() - start


print(statistics.median(seconds() for _ in range(5)))
