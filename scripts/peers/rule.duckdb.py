"""The bundled rule for DuckDB, with columns typed by hand: an inferred schema fails on rare fields."""

import sys

import duckdb

COLUMNS = """{
    event: 'STRUCT(id VARCHAR, "type" VARCHAR[], category VARCHAR[])',
    host: 'STRUCT(os STRUCT("type" VARCHAR))',
    process: 'STRUCT(name VARCHAR, parent STRUCT(name VARCHAR), pe STRUCT(original_file_name VARCHAR))'
}"""

rows = duckdb.sql(f"""
    SELECT event.id FROM read_json('{sys.argv[1]}', format = 'newline_delimited', ignore_errors = true,
        maximum_object_size = 67108864, columns = {COLUMNS})
    WHERE host.os."type" = 'windows' AND list_contains(event."type", 'start')
      AND list_contains(event.category, 'process') AND lower(process.parent.name) = 'screenconnect.service.exe'
      AND (lower(process.name) IN ('cmd.exe', 'powershell.exe', 'pwsh.exe', 'powershell_ise.exe', 'csc.exe')
           OR process.pe.original_file_name IN ('cmd.exe', 'powershell.exe', 'pwsh.dll', 'powershell_ise.exe'))
""").fetchall()
print("\n".join(row[0] for row in rows))
