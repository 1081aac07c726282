"""Writes the Parquet files of this folder: `python make_parquet.py`, with pyarrow 22 or newer."""

from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

HERE = Path(__file__).parent

# The current flights once more, in the encodings that writers choose between.
ENCODINGS = {
    "snappy": {"row_group_size": 200},
    "zstd": {"data_page_version": "2.0", "row_group_size": 1000},
    "gzip": {"use_dictionary": False, "data_page_size": 1024},
    "lz4": {"use_dictionary": ["origin"]},
    "brotli": {},
    "none": {
        "use_dictionary": False,
        "column_encoding": {
            "dep_delay": "BYTE_STREAM_SPLIT",
            "distance": "DELTA_BINARY_PACKED",
            "hour": "DELTA_BINARY_PACKED",
            "carrier": "DELTA_LENGTH_BYTE_ARRAY",
            "tailnum": "DELTA_BYTE_ARRAY",
        },
    },
}


def flights() -> None:
    strings = ("carrier", "origin", "dest", "tailnum")
    types = {name: pa.string() for name in strings} | {"hour": pa.uint8(), "distance": pa.int64()}
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    table = csv.read_csv(HERE / "flights_current.csv", convert_options=options)
    carriers = table["carrier"].dictionary_encode()
    table = table.set_column(table.schema.get_field_index("carrier"), "carrier", carriers)
    for compression, how in ENCODINGS.items():
        path = HERE / f"flights_current.{compression}.parquet"
        parquet.write_table(table, path, compression=compression, **how)


def types() -> None:
    """Each type with a missing value: what it must read as is in `types.mjs`."""
    noon = datetime(2013, 7, 1, 12, 0, 0, 250_000, tzinfo=timezone.utc)
    columns = {
        "int8": pa.array([-1, None, 3], pa.int8()),
        "uint32": pa.array([4_294_967_295, None, 1], pa.uint32()),
        "int64": pa.array([-(2**53), None, 2**53], pa.int64()),
        "uint64": pa.array([2**63, None, 0], pa.uint64()),
        "float16": pa.array([0.5, None, -2.0], pa.float16()),
        "float32": pa.array([0.25, None, float("nan")], pa.float32()),
        "float64": pa.array([1e300, None, -0.5], pa.float64()),
        "decimal": pa.array([Decimal("-1.25"), None, Decimal("2.50")], pa.decimal128(20, 2)),
        "bool": pa.array([True, None, False]),
        "string": pa.array(["Oslo", None, ""]),
        "dictionary": pa.array(["b", None, "a"]).dictionary_encode(),
        "date": pa.array([date(1970, 1, 2), None, date(1969, 12, 31)]),
        "seconds": pa.array([noon, None, noon], pa.timestamp("s", "UTC")),
        "milliseconds": pa.array([noon, None, noon], pa.timestamp("ms", "UTC")),
        "microseconds": pa.array([noon, None, noon], pa.timestamp("us")),
        "nanoseconds": pa.array([noon, None, noon], pa.timestamp("ns")),
        "nothing": pa.array([None, None, None], pa.string()),
        "list": pa.array([[1], None, [2, 3]]),
        "struct": pa.array([{"a": 1}, None, {"a": 2}]),
        "bytes": pa.array([b"ab", None, b"cd"], pa.binary(2)),
    }
    table = pa.table(columns)
    parquet.write_table(table, HERE / "types.parquet", compression="snappy")


flights()
types()
