//! What the organisation's computers run: programs, how often, under which parents, with which
//! command lines. The tables are the only place to touch for a more varied corpus.

use super::fleet::Platform;

/// Who a program runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// `NT AUTHORITY\SYSTEM`, or root.
    System,
    /// `NT AUTHORITY\LOCAL SERVICE`
    LocalService,
    /// `NT AUTHORITY\NETWORK SERVICE`
    NetworkService,
    /// The person logged on to the host.
    Person,
}

/// One program. Texts in braces are filled in for each event, see [`super::template`].
#[derive(Debug)]
pub(super) struct Program {
    /// `process.name`
    pub(super) name: &'static str,
    /// The directory of `process.executable`, with its last separator.
    pub(super) directory: &'static str,
    /// `process.pe.original_file_name`, as the vendor spells it; empty where there is none.
    pub(super) original_file_name: &'static str,
    /// `process.code_signature.subject_name`; empty for an unsigned program.
    pub(super) signer: &'static str,
    /// Who it runs as.
    pub(super) account: Account,
    /// How many events of a thousand or so are its.
    pub(super) weight: u64,
    /// `process.parent.name`: programs of the same table.
    pub(super) parents: &'static [&'static str],
    /// `process.command_line`; the last is that of processes that live long enough to be parents.
    pub(super) command_lines: &'static [&'static str],
}

/// The programs of a platform.
pub(super) fn programs(platform: Platform) -> &'static [Program] {
    match platform {
        Platform::Windows => WINDOWS,
        Platform::Linux => LINUX,
    }
}

/// A row of the tables below.
const fn program(
    (name, directory, original_file_name, signer): (&'static str, &'static str, &'static str, &'static str),
    (weight, account): (u64, Account),
    parents: &'static [&'static str],
    command_lines: &'static [&'static str],
) -> Program {
    Program { name, directory, original_file_name, signer, account, weight, parents, command_lines }
}

use Account::{LocalService, NetworkService, Person, System};

const SYSTEM32: &str = r"C:\Windows\System32\";
const WINDOWS_DIRECTORY: &str = r"C:\Windows\";
const EDGE: &str = r"C:\Program Files (x86)\Microsoft\Edge\Application\";
const CHROME: &str = r"C:\Program Files\Google\Chrome\Application\";
const OFFICE: &str = r"C:\Program Files\Microsoft Office\root\Office16\";
const MS: &str = "Microsoft Windows";
const MS_PUBLISHER: &str = "Microsoft Windows Publisher";
const MS_CORPORATION: &str = "Microsoft Corporation";
const GOOGLE: &str = "Google LLC";

static WINDOWS: &[Program] = &[
    program(
        ("svchost.exe", SYSTEM32, "svchost.exe", MS_PUBLISHER),
        (170, System),
        &["services.exe"],
        &[
            "{exe} -k netsvcs -p -s {service}",
            "{exe} -k wsappx -p -s AppXSvc",
            "{exe} -k WerSvcGroup",
            "{exe} -k LocalSystemNetworkRestricted -p -s {service}",
        ],
    ),
    program(
        ("svchost.exe", SYSTEM32, "svchost.exe", MS_PUBLISHER),
        (40, LocalService),
        &["services.exe"],
        &["{exe} -k LocalServiceNetworkRestricted -p -s {service}", "{exe} -k LocalService -p"],
    ),
    program(
        ("svchost.exe", SYSTEM32, "svchost.exe", MS_PUBLISHER),
        (25, NetworkService),
        &["services.exe"],
        &["{exe} -k NetworkService -p -s {service}"],
    ),
    program(
        ("chrome.exe", CHROME, "chrome.exe", GOOGLE),
        (110, Person),
        &["chrome.exe", "chrome.exe", "chrome.exe", "explorer.exe"],
        &[
            "\"{exe}\" --type=renderer --lang=en-US --renderer-client-id={n3} --launch-time-ticks={n11} --field-trial-handle={n4},i,{n19},{n19},262144 --mojo-platform-channel-handle={n4} /prefetch:1",
            "\"{exe}\" --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US --field-trial-handle={n4},i,{n19},{n19},262144 --mojo-platform-channel-handle={n4} /prefetch:3",
            "\"{exe}\" --profile-directory=Default https://{word}.{word}.example/{word}?id={h16}",
        ],
    ),
    program(
        ("msedge.exe", EDGE, "msedge.exe", MS_CORPORATION),
        (70, Person),
        &["msedge.exe", "msedge.exe", "explorer.exe"],
        &[
            "\"{exe}\" --type=renderer --extension-process --lang=de --renderer-client-id={n3} --launch-time-ticks={n11} --field-trial-handle={n4},i,{n19},{n19},262144 --mojo-platform-channel-handle={n4} /prefetch:2",
            "\"{exe}\" --single-argument https://{word}.example/{word}/{guid}",
        ],
    ),
    program(
        (
            "msedgewebview2.exe",
            r"C:\Program Files (x86)\Microsoft\EdgeWebView\Application\133.0.3065.82\",
            "msedgewebview2.exe",
            MS_CORPORATION,
        ),
        (45, Person),
        &["olk.exe", "ms-teams.exe", "msedgewebview2.exe"],
        &[
            "\"{exe}\" --type=gpu-process --user-data-dir=\"C:\\Users\\{user}\\AppData\\Local\\Packages\\{word}_8wekyb3d8bbwe\\EBWebView\" --webview-exe-version=1.2025.{n4}.100 --mojo-platform-channel-handle={n4} /prefetch:2",
        ],
    ),
    program(
        ("conhost.exe", SYSTEM32, "CONHOST.EXE", MS),
        (95, Person),
        &["cmd.exe", "powershell.exe", "git.exe", "schtasks.exe"],
        &[r"\??\{exe} 0xffffffff -ForceV1", r"\??\{exe} 0x4"],
    ),
    program(
        ("cmd.exe", SYSTEM32, "Cmd.Exe", MS),
        (48, Person),
        &["explorer.exe", "cmd.exe", "code.exe", "svchost.exe"],
        &[
            r"{exe} /c \\srv-ber-file01\netlogon\map_{word}.cmd",
            "{exe} /d /s /c \"npm run {word} -- --port {n4}\"",
            r#""{exe}" /c "reg query HKCU\Software\{word} /v {word} > C:\Users\{user}\AppData\Local\Temp\{h8}.txt 2>&1""#,
            r"{exe} /c ping -n {n1} 10.44.16.{n2} && echo {word}",
        ],
    ),
    program(
        ("powershell.exe", r"C:\Windows\System32\WindowsPowerShell\v1.0\", "PowerShell.EXE", MS),
        (40, System),
        &["svchost.exe", "services.exe", "explorer.exe", "gpscript.exe"],
        &[
            r#""{exe}" -NoProfile -ExecutionPolicy Bypass -File "C:\ProgramData\Inventory\{word}-{n2}.ps1" -Site {word}"#,
            "\"{exe}\" -NoLogo -NonInteractive -Command \"Get-CimInstance Win32_{word} | Select-Object -First {n2} | ConvertTo-Json\"",
            "{exe} -NonInteractive -EncodedCommand {b160}",
        ],
    ),
    program(
        ("RuntimeBroker.exe", SYSTEM32, "RuntimeBroker.exe", MS),
        (40, Person),
        &["svchost.exe"],
        &["{exe} -Embedding"],
    ),
    program(
        ("dllhost.exe", SYSTEM32, "dllhost.exe", MS),
        (38, Person),
        &["svchost.exe"],
        &["{exe} /Processid:{{guid}}"],
    ),
    program(
        ("backgroundTaskHost.exe", SYSTEM32, "backgroundTaskHost.exe", MS),
        (32, Person),
        &["svchost.exe"],
        &["\"{exe}\" -ServerName:App.AppX{h32}.mca", "\"{exe}\" -ServerName:CortanaUI.AppX{h32}.mca"],
    ),
    program(
        ("taskhostw.exe", SYSTEM32, "taskhostw.exe", MS),
        (30, Person),
        &["svchost.exe"],
        &["taskhostw.exe", "taskhostw.exe {{guid}}", "taskhostw.exe KEYROAMING"],
    ),
    program(
        ("SearchProtocolHost.exe", SYSTEM32, "SearchProtocolHost.exe", MS),
        (30, System),
        &["SearchIndexer.exe"],
        &[
            "\"{exe}\" Global\\UsGthrFltPipeMssGthrPipe{n4}_ Global\\UsGthrCtrlFltPipeMssGthrPipe{n4} 1 -{n10} \"Software\\Microsoft\\Windows Search\" \"C:\\ProgramData\\Microsoft\\Search\\Data\\Temp\\usgthrsvc\" \"DownLevelDaemon\"",
        ],
    ),
    program(
        ("SearchIndexer.exe", SYSTEM32, "SearchIndexer.exe", MS),
        (6, System),
        &["services.exe"],
        &["{exe} /Embedding"],
    ),
    program(
        ("WmiPrvSE.exe", r"C:\Windows\System32\wbem\", "Wmiprvse.exe", MS),
        (28, NetworkService),
        &["svchost.exe"],
        &["{exe} -secured -Embedding", "{exe} -Embedding"],
    ),
    program(
        (
            "MpCmdRun.exe",
            r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.25010.11-0\",
            "MpCmdRun.exe",
            MS_PUBLISHER,
        ),
        (22, NetworkService),
        &["svchost.exe"],
        &[
            "\"{exe}\" SpyNetServiceDss -RestrictPrivileges -AccessKey {guid} -Reinvoke",
            "\"{exe}\" Scan -ScheduleJob -ScanTrigger {n2} -IdleScheduledJob",
        ],
    ),
    program(
        ("git.exe", r"C:\Program Files\Git\cmd\", "git.exe", "Johannes Schindelin"),
        (26, Person),
        &["code.exe", "cmd.exe", "git.exe"],
        &[
            "\"{exe}\" -c core.quotepath=false -c color.ui=false rev-parse --show-toplevel",
            "git.exe log --format=%H -n{n2} -- src/{word}/{word}.rs",
            "git.exe fetch origin refs/heads/{word}-{n4}",
        ],
    ),
    program(
        (
            "code.exe",
            r"C:\Users\{user}\AppData\Local\Programs\Microsoft VS Code\",
            "electron.exe",
            MS_CORPORATION,
        ),
        (18, Person),
        &["explorer.exe", "code.exe"],
        &[
            "\"{exe}\" --type=utility --utility-sub-type=node.mojom.NodeService --lang=de --user-data-dir=\"C:\\Users\\{user}\\AppData\\Roaming\\Code\" --field-trial-handle={n4},i,{n19},{n19},262144 --mojo-platform-channel-handle={n4} /prefetch:8",
        ],
    ),
    program(
        (
            "ms-teams.exe",
            r"C:\Program Files\WindowsApps\MSTeams_25017.203.3370.1174_x64__8wekyb3d8bbwe\",
            "ms-teams.exe",
            MS_CORPORATION,
        ),
        (14, Person),
        &["explorer.exe", "svchost.exe"],
        &["\"{exe}\" msteams:system-initiated", "\"{exe}\""],
    ),
    program(
        (
            "olk.exe",
            r"C:\Program Files\WindowsApps\Microsoft.OutlookForWindows_1.2025.211.100_x64__8wekyb3d8bbwe\",
            "olk.exe",
            MS_CORPORATION,
        ),
        (10, Person),
        &["explorer.exe", "svchost.exe"],
        &["\"{exe}\" -ToastActivated -Embedding", "\"{exe}\""],
    ),
    program(
        ("EXCEL.EXE", OFFICE, "Excel.exe", MS_CORPORATION),
        (9, Person),
        &["explorer.exe"],
        &["\"{exe}\" \"C:\\Users\\{user}\\Documents\\{word} {word} {n4}.xlsx\"", "\"{exe}\" /dde"],
    ),
    program(
        ("WINWORD.EXE", OFFICE, "WinWord.exe", MS_CORPORATION),
        (9, Person),
        &["explorer.exe"],
        &["\"{exe}\" /n \"C:\\Users\\{user}\\Downloads\\{word}-{word}.docx\" /o \"\""],
    ),
    program(
        ("gpscript.exe", SYSTEM32, "GPSCRIPT.EXE", MS),
        (4, System),
        &["svchost.exe"],
        &["gpscript.exe /Startup", "gpscript.exe /Logon"],
    ),
    program(
        ("csc.exe", r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\", "csc.exe", MS_CORPORATION),
        (5, System),
        &["powershell.exe"],
        &[r#""{exe}" /noconfig /fullpaths @"C:\Windows\TEMP\{h8}\{h8}.cmdline""#],
    ),
    program(
        ("schtasks.exe", SYSTEM32, "schtasks.exe", MS),
        (8, System),
        &["cmd.exe", "powershell.exe"],
        &[r#"schtasks.exe /query /tn "\Nordwerk\{word}" /fo csv"#],
    ),
    program(
        ("whoami.exe", SYSTEM32, "whoami.exe", MS),
        (3, Person),
        &["cmd.exe", "powershell.exe"],
        &["whoami.exe /groups", "\"{exe}\" /user"],
    ),
    program(
        ("rundll32.exe", SYSTEM32, "RUNDLL32.EXE", MS),
        (14, Person),
        &["svchost.exe", "explorer.exe"],
        &[r"{exe} {exe},#{n2}", "\"{exe}\" Shell32.dll,SHCreateLocalServerRunDll {{guid}} -Embedding"],
    ),
    program(
        ("explorer.exe", WINDOWS_DIRECTORY, "EXPLORER.EXE", MS),
        (6, Person),
        &["explorer.exe", "svchost.exe"],
        &["{exe}", "{exe} /factory,{{guid}} -Embedding"],
    ),
    program(
        ("services.exe", SYSTEM32, "services.exe", MS_PUBLISHER),
        (1, System),
        &["wininit.exe"],
        &["{exe}"],
    ),
    program(
        ("wininit.exe", SYSTEM32, "WinInit.exe", MS_PUBLISHER),
        (1, System),
        &["wininit.exe"],
        &["wininit.exe"],
    ),
    program(
        ("GoogleUpdate.exe", r"C:\Program Files (x86)\Google\Update\", "GoogleUpdate.exe", GOOGLE),
        (12, System),
        &["svchost.exe", "services.exe"],
        &["\"{exe}\" /ua /installsource scheduler", "\"{exe}\" /ping {b120}"],
    ),
    program(
        ("stockmirror.exe", r"C:\Users\{user}\AppData\Local\Nordwerk\StockMirror\", "", ""),
        (10, Person),
        &["explorer.exe", "cmd.exe"],
        &["\"{exe}\" --depot {word} --since {n8} --session {guid}"],
    ),
];

static LINUX: &[Program] = &[
    program(
        ("systemd", "/usr/lib/systemd/", "", ""),
        (4, System),
        &["systemd"],
        &["/sbin/init", "/lib/systemd/systemd --user"],
    ),
    program(("cron", "/usr/sbin/", "", ""), (20, System), &["systemd", "cron"], &["/usr/sbin/CRON -f -P"]),
    program(
        ("sh", "/usr/bin/", "", ""),
        (60, System),
        &["cron", "bash", "python3.10"],
        &[
            "/bin/sh -c \"cd / && run-parts --report /etc/cron.hourly\"",
            "/bin/sh -c \"test -x /usr/local/bin/{word} && /usr/local/bin/{word} -q --lock /run/{word}.{n4}\"",
        ],
    ),
    program(
        ("bash", "/usr/bin/", "", ""),
        (40, Person),
        &["sshd", "bash", "sudo"],
        &["-bash", "bash /home/{user}/bin/{word}.sh {word} {n3}"],
    ),
    program(
        ("sshd", "/usr/sbin/", "", ""),
        (25, System),
        &["systemd", "sshd"],
        &["sshd: {user} [priv]", "/usr/sbin/sshd -D -R"],
    ),
    program(
        ("sudo", "/usr/bin/", "", ""),
        (15, System),
        &["bash"],
        &["sudo -n /usr/bin/systemctl status {word}.service"],
    ),
    program(
        ("python3.10", "/usr/bin/", "", ""),
        (30, System),
        &["systemd", "cron", "sh"],
        &["/usr/bin/python3 /opt/{word}/manage.py {word} --batch {n6} --trace {h32}"],
    ),
    program(
        ("grep", "/usr/bin/", "", ""),
        (40, Person),
        &["sh", "bash"],
        &["grep -rn --include=*.conf {word}={h8} /etc/{word}", "grep -c ^processor /proc/cpuinfo"],
    ),
    program(
        ("curl", "/usr/bin/", "", ""),
        (18, System),
        &["sh", "python3.10"],
        &[
            "curl -fsS --max-time {n2} -H \"X-Request-Id: {guid}\" https://{word}.{word}.example/health?n={n6}",
        ],
    ),
    program(
        ("runc", "/usr/bin/", "", ""),
        (20, System),
        &["containerd-shim-runc-v2"],
        &[
            "runc --root /run/containerd/runc/k8s.io --log /run/containerd/io.containerd.runtime.v2.task/k8s.io/{h64}/log.json --log-format json state {h64}",
        ],
    ),
    program(
        ("containerd-shim-runc-v2", "/usr/bin/", "", ""),
        (4, System),
        &["systemd"],
        &[
            "/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id {h64} -address /run/containerd/containerd.sock",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parent_is_a_program() {
        for platform in [Platform::Windows, Platform::Linux] {
            let table = programs(platform);
            for program in table {
                for parent in program.parents {
                    assert!(table.iter().any(|other| other.name == *parent), "{}: {parent}", program.name);
                }
            }
        }
    }
}
