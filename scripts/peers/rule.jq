# The bundled rule for jq.
select(.host.os.type == "windows"
  and (.event.type | if type == "array" then any(. == "start") else . == "start" end)
  and (.event.category | if type == "array" then any(. == "process") else . == "process" end)
  and (.process.parent.name // "" | ascii_downcase) == "screenconnect.service.exe"
  and ((.process.name // "" | ascii_downcase
          | IN("cmd.exe", "powershell.exe", "pwsh.exe", "powershell_ise.exe", "csc.exe"))
       or (.process.pe.original_file_name // ""
          | IN("cmd.exe", "powershell.exe", "pwsh.dll", "powershell_ise.exe"))))
| .event.id
