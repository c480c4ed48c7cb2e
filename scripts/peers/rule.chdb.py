"""The bundled rule for ClickHouse (chdb): lines are filtered first, and JSON functions read what is left."""

import sys

import chdb

print(chdb.query(f"""
    SELECT JSONExtractString(line, 'event', 'id') FROM file('{sys.argv[1]}', 'LineAsString', 'line String')
    WHERE positionCaseInsensitive(line, 'ScreenConnect.Service.exe') > 0
      AND JSONExtractString(line, 'host', 'os', 'type') = 'windows'
      AND position(JSONExtractRaw(line, 'event', 'type'), '"start"') > 0
      AND position(JSONExtractRaw(line, 'event', 'category'), '"process"') > 0
      AND lower(JSONExtractString(line, 'process', 'parent', 'name')) = 'screenconnect.service.exe'
      AND (lower(JSONExtractString(line, 'process', 'name'))
             IN ('cmd.exe', 'powershell.exe', 'pwsh.exe', 'powershell_ise.exe', 'csc.exe')
           OR JSONExtractString(line, 'process', 'pe', 'original_file_name')
             IN ('cmd.exe', 'powershell.exe', 'pwsh.dll', 'powershell_ise.exe'))
""", "TSVRaw"))
