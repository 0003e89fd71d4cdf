"""Registers the definitions and writes so many rows into the online store: fill.py ROWS"""
import sys

import pandas as pd
from feast import FeatureStore

count = int(sys.argv[1])
dated = pd.Timestamp("2001-06-01T12:00:00Z")
columns = {"customer": range(count), "event_timestamp": [dated] * count}
for feature in range(250):
    columns[f"feature_{feature}"] = [(row * 7_919 + feature * 104_729) % 9_999 + 1 for row in range(count)]
frame = pd.DataFrame(columns)
frame.to_parquet("rows.parquet")

from definitions import customer, services, views  # noqa: E402, the file that they name has to be there

store = FeatureStore(repo_path=".")
store.apply([customer, *views, *services])
for view in views:
    names = ["customer", "event_timestamp"] + [field.name for field in view.schema if field.name != "customer"]
    store.write_to_online_store(view.name, df=frame[names])
