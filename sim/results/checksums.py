"""Parquet files, and the only code that reads them: a file is read only if its checksum matches.

The checksums of the tables of a run are in its manifest; each table of a sweep has its own in its footer.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.ordinary_file import read_file
from sim.scenario.checksum import ZEROS, check_seal, checksum, sealed

_SEAL = "willing.seal"
_IN_A_FOOTER = re.compile(rb"willing\.seal\x18\x40([0-9a-f]{64})")  # key, kind, length, value


def read_checked(path: Path, expected: str) -> bytes:
    """Return the content of a file; ValueError if its checksum does not match, OSError if the file does not exist."""
    content = read_file(path)
    if checksum(content) != expected:
        raise ValueError("changed since it was written")
    return content


def reason(error: OSError | ValueError | RecursionError) -> str:
    """Return the reason why a file could not be read."""
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def parquet_writer(sink: Any, columns: pa.Schema) -> pq.ParquetWriter:
    """Return a writer of a table with these columns; the same table gives the same bytes.

    sink: an open file; pyarrow could take a path for a URL or a pattern.
    """
    floats = [field.name for field in columns if pa.types.is_floating(field.type)]
    others = [field.name for field in columns if field.name not in floats]
    return pq.ParquetWriter(
        sink, columns, compression="zstd", use_dictionary=others, use_byte_stream_split=floats, store_schema=True
    )


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as the bytes of a Parquet file; the same table gives the same bytes."""
    sink, arrow = io.BytesIO(), _as_arrow(table)
    with parquet_writer(sink, arrow.schema) as writer:
        writer.write_table(arrow)
    return sink.getvalue()


def sealed_parquet(table: pa.Table | pd.DataFrame, notes: Mapping[str, str]) -> bytes:
    """Return a table as the bytes of a Parquet file with notes and its own checksum in its footer."""
    sink, arrow = io.BytesIO(), _as_arrow(table) if isinstance(table, pd.DataFrame) else table
    with parquet_writer(sink, arrow.schema) as writer:
        writer.write(arrow)
        writer.add_key_value_metadata({**notes, _SEAL: ZEROS})
    return sealed(sink.getvalue())


def open_sealed_parquet(content: bytes) -> tuple[pq.ParquetFile, dict[str, str]]:
    """Return a sealed Parquet file and the notes in its footer; ValueError if it is incomplete or was changed."""
    check_seal(content, _IN_A_FOOTER)
    file = open_parquet(content)
    return file, {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}


def open_parquet(content: bytes) -> pq.ParquetFile:
    """Return a Parquet file from its bytes, which have been checked; pyarrow could take a path for a pattern."""
    return pq.ParquetFile(io.BytesIO(content))


def _as_arrow(table: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
