"""The bundled rule for Polars, with a schema by hand and lines that do not fit it passed over."""

import sys

import polars as pl

TEXT, TEXTS = pl.String, pl.List(pl.String)
SCHEMA = {
    "event": pl.Struct({"id": TEXT, "type": TEXTS, "category": TEXTS}),
    "host": pl.Struct({"os": pl.Struct({"type": TEXT})}),
    "process": pl.Struct({
        "name": TEXT,
        "parent": pl.Struct({"name": TEXT}),
        "pe": pl.Struct({"original_file_name": TEXT}),
    }),
}


def at(path):
    column, *fields = path.split(".")
    found = pl.col(column)
    for field in fields:
        found = found.struct.field(field)
    return found


rows = (
    pl.scan_ndjson(sys.argv[1], schema=SCHEMA, ignore_errors=True)
    .filter(
        at("host.os.type") == "windows",
        at("event.type").list.contains("start"),
        at("event.category").list.contains("process"),
        at("process.parent.name").str.to_lowercase() == "screenconnect.service.exe",
        at("process.name").str.to_lowercase().is_in(
            ["cmd.exe", "powershell.exe", "pwsh.exe", "powershell_ise.exe", "csc.exe"])
        | at("process.pe.original_file_name").is_in(
            ["cmd.exe", "powershell.exe", "pwsh.dll", "powershell_ise.exe"]),
    )
    .select(at("event.id").alias("id"))
    .collect(engine="streaming")
)
print("\n".join(rows["id"]))
