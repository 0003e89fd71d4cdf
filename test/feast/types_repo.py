"""Features of many types, for tests."""
import datetime

import pandas as pd
from feast import Entity, FeatureView, Field, FileSource
from feast.types import Array, Bool, Float32, Float64, Int32, Int64, String, UnixTimestamp

now = pd.Timestamp.now(tz="UTC").floor("s")
rows = pd.DataFrame(
    {
        "thing_id": ["a", "null", "old"],
        "event_timestamp": [now - pd.Timedelta(minutes=1)] * 2 + [now - pd.Timedelta(days=9)],
        "yes": pd.array([True, None, True], dtype="boolean"),
        "small": pd.array([-7, None, 7], dtype="Int32"),
        "large": pd.array([2**53 + 1, None, 7], dtype="Int64"),
        "narrow": pd.array([0.1, None, 0.1], dtype="Float32"),
        "wide": [0.1, None, 0.1],
        "text": ["é, \"quoted\"", None, "x"],
        "seen": [pd.Timestamp("2024-02-29T12:00:00Z"), None, now],
        "numbers": [[1, 2, 3], None, [1]],
        "halves": [[0.5, 1.5], None, [0.5]],
        "words": [["x", ""], None, ["x"]],
    }
)
rows.to_parquet("data/things.parquet")

thing = Entity(name="thing", join_keys=["thing_id"])
things = FeatureView(
    name="things",
    entities=[thing],
    ttl=datetime.timedelta(days=7),
    schema=[
        Field(name="thing_id", dtype=String),
        Field(name="yes", dtype=Bool),
        Field(name="small", dtype=Int32),
        Field(name="large", dtype=Int64),
        Field(name="narrow", dtype=Float32),
        Field(name="wide", dtype=Float64),
        Field(name="text", dtype=String),
        Field(name="seen", dtype=UnixTimestamp),
        Field(name="numbers", dtype=Array(Int64)),
        Field(name="halves", dtype=Array(Float64)),
        Field(name="words", dtype=Array(String)),
    ],
    source=FileSource(name="things_file", path="data/things.parquet", timestamp_field="event_timestamp"),
)
