"""Holds exported files against the JSON lines of the same snapshot, read by pyarrow and DuckDB.

Arguments: directories, each with rows.json (of tarn cat --format json --raw), parquet/ and arrow/ (of tarn cat -o DIR/).
"""

import glob
import json
import math
import os
import re
import struct
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

try:
    import duckdb
except ImportError:
    duckdb = None

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class Mismatch(Exception):
    pass


class Lost(Exception):
    """A value is null in its column because it has no room there."""


def days(y, m, d):
    if m <= 2:
        y, m = y - 1, m + 12
    era = y // 400
    e = y - era * 400
    return era * 146097 + e * 365 + e // 4 - e // 100 + (153 * (m - 3) + 2) // 5 + d - 1 - 719468


def nanos(text):
    """Nanoseconds since 1970, or since midnight, of an ISO-8601 date, time, or both."""
    total = 0
    date = re.match(r"^([+-]?\d{4,})-(\d\d)-(\d\d)", text)
    if date:
        total = days(*(int(g) for g in date.groups())) * 86400 * 10**9
        text = text[date.end():]
    clock = re.match(r"^T?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?Z?$", text)
    if clock:
        h, m, s, f = clock.groups()
        total += (int(h) * 3600 + int(m) * 60 + int(s or 0)) * 10**9 + int((f or "0").ljust(9, "0"))
    elif text:
        raise Mismatch(f"no time: {text!r}")
    return total


def number(v):
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[v] if isinstance(v, str) else v


def escaped(text):
    return re.sub("[\ud800-\udfff]", lambda m: "\\u%04x" % ord(m.group()), text)


def loads(text):
    return json.loads(text, parse_float=lambda s: s, parse_int=lambda s: s)


def same(want, got, field, path):
    """Compares the JSON of a value with its Arrow scalar."""
    t = field.type
    if pa.types.is_dictionary(t):
        t, got = t.value_type, got.value if got.is_valid else pa.scalar(None, t.value_type)
    encoding = (field.metadata or {}).get(b"tarn.encoding")
    if not got.is_valid:
        if want is None:
            return
        raise Lost(path)
    if encoding == b"json":
        if loads(json.dumps(want)) != loads(json.dumps(json.loads(str(got.as_py())))):
            raise Mismatch(f"{path}: {want!r} is {got!r}")
        return
    ok = True
    if pa.types.is_struct(t):
        return same_struct(want, got, t, path)
    if pa.types.is_map(t):
        pairs = list(want.items()) if isinstance(want, dict) else want
        keys, items = got.values.field(0), got.values.field(1)
        if len(pairs) != len(keys):
            raise Mismatch(f"{path}: {len(pairs)} entries are {len(keys)}")
        for i, (k, v) in enumerate(pairs):
            same(k, keys[i], t.key_field, path + ".key")
            same(v, items[i], t.item_field, f"{path}[{k!r}]")
        return
    if pa.types.is_list(t):
        if len(want) != len(got.values):
            raise Mismatch(f"{path}: {len(want)} elements are {len(got.values)}")
        for i, v in enumerate(want):
            same(v, got.values[i], t.value_field, f"{path}[{i}]")
        return
    if pa.types.is_timestamp(t):
        if isinstance(want, str):
            want = nanos(want)
        else:
            want *= 10**6
        ok = got.value * (10**9 // PER_SECOND[t.unit]) == want
    elif pa.types.is_date32(t):
        ok = got.value * 86400 * 10**9 == nanos(want)
    elif pa.types.is_time64(t):
        ok = got.value == nanos(want)
    elif pa.types.is_binary(t):
        ok = got.as_py().hex() == (want.get("$hex") if "$hex" in want else want["$raw"])
    elif pa.types.is_decimal(t):
        ok = got.as_py() == Decimal(want)
    elif pa.types.is_boolean(t):
        ok = got.as_py() == want if isinstance(want, bool) else want in ({}, [], {"global": True})
    elif pa.types.is_floating(t):
        a, b = float(number(want)), got.as_py()
        if pa.types.is_float32(t) and math.isfinite(a):
            a = struct.unpack("f", struct.pack("f", a))[0]
        ok = a == b or math.isnan(a) and math.isnan(b)
    elif pa.types.is_string(t):
        ok = got.as_py() == escaped(want)
    else:
        ok = got.as_py() == want
    if not ok:
        raise Mismatch(f"{path}: {want!r} is {got!r} ({t})")


def same_struct(want, got, t, path):
    if isinstance(want, list):
        names = [f for f in t if f.name not in ("@class", "$kind")]
        if len(names) != len(want):
            raise Mismatch(f"{path}: {len(want)} members are {len(names)}")
        want = {f.name: v for f, v in zip(names, want)}
    known = set()
    for i, f in enumerate(t):
        known.add(f.name)
        v = want.get(f.name)
        if f.name == "$kind":
            v = v or "+I"
        same(v, got[f.name], f, f"{path}.{f.name}")
    if set(want) - known:
        raise Lost(f"{path}: {set(want) - known}")


def row(want, table, i, lost):
    raw = table["raw"][i] if "raw" in table.column_names else None
    for f in table.schema:
        if f.name == "raw":
            continue
        got = table[f.name][i]
        try:
            same(want.get(f.name), got, f, f.name)
        except Lost:
            if raw is None or not raw.is_valid or not raw[f.name].is_valid:
                raise Mismatch(f"{f.name}: {want.get(f.name)!r} is gone")
            kept, all_of_it = raw[f.name].as_py(), want[f.name + "Hex"]
            kept = [b.hex() for b in kept] if isinstance(kept, list) else kept.hex()
            if kept != all_of_it and [all_of_it] != kept:
                raise Mismatch(f"raw {f.name}: {all_of_it} is {kept}")
            lost.append(f.name)
    extra = {k for k in want if not k.endswith("Hex")} - set(table.column_names)
    if extra:
        raise Mismatch(f"no column for {extra}")


def read(path):
    if path.endswith(".parquet"):
        return pq.read_table(path)
    return pa.ipc.open_file(path).read_all()


def snapshot(directory):
    rows = {}
    with open(os.path.join(directory, "rows.json"), encoding="utf-8") as f:
        for line in f:
            r = json.loads(line)
            rows.setdefault((r["operatorId"], r["state"], r["kind"]), []).append(r)
    n, lost, files = 0, [], 0
    for form in "parquet", "arrow":
        seen = set()
        for path in sorted(glob.glob(os.path.join(directory, form, "**", "*." + form), recursive=True)):
            files += 1
            table = read(path)
            table.validate(full=True)
            meta = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
            key = meta["tarn.operatorId"], meta["tarn.state"], meta["tarn.kind"]
            want = rows.get(key, [])
            seen.add(key)
            if table.num_rows != len(want):
                raise Mismatch(f"{path}: {len(want)} rows are {table.num_rows}")
            if form == "parquet" and duckdb:
                count = duckdb.sql(f"select count(*) from read_parquet('{path}')").fetchall()[0][0]
                columns = duckdb.sql(f"select hash(t) from read_parquet('{path}') t").fetchall()
                if count != len(want) or len(columns) != len(want):
                    raise Mismatch(f"{path}: DuckDB counts {count} rows of {len(want)}")
            for i, w in enumerate(want):
                try:
                    row(w, table, i, lost)
                except Exception as e:
                    raise Mismatch(f"{path}: row {i}: {e!r}\n{w}") from e
            n += len(want)
        if set(rows) - seen:
            raise Mismatch(f"{directory}: no {form} file for {set(rows) - seen}")
    return n, files, len(lost)


def main():
    bad = 0
    total = [0, 0, 0]
    for d in sys.argv[1:]:
        try:
            total = [a + b for a, b in zip(total, snapshot(d))]
        except Exception as e:  # the next one is looked at all the same
            bad += 1
            print(f"FAIL {d}: {e!r}")
    print(f"{total[0]} rows in {total[1]} files are equal, {total[2]} values stand in raw; DuckDB {'too' if duckdb else 'is not there'}")
    sys.exit(1 if bad else 0)


main()
