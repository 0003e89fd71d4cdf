"""The shape of Feast's own benchmarks: one int64 key, 25 views of 10 int64 features, services of the first 50 to 250."""
from datetime import timedelta

from feast import Entity, FeatureService, FeatureView, Field, FileSource
from feast.types import Int64
from feast.value_type import ValueType

customer = Entity(name="customer", join_keys=["customer"], value_type=ValueType.INT64)
rows = FileSource(name="rows", path="rows.parquet", timestamp_field="event_timestamp")

views = [
    FeatureView(
        name=f"stats_{view}",
        entities=[customer],
        ttl=timedelta(days=36_500),
        schema=[Field(name="customer", dtype=Int64)]
        + [Field(name=f"feature_{feature}", dtype=Int64) for feature in range(view * 10, view * 10 + 10)],
        source=rows,
        online=True,
    )
    for view in range(25)
]
services = [FeatureService(name=f"service_{size}", features=views[: size // 10]) for size in range(50, 251, 50)]
