//! How often bytes occur in logs.

/// Occurrences of each byte in a million bytes of Windows event logs as JSON, letters of both cases
/// counted together; 0 where it was seen less than once. Measured over the 137 MB that five captures of
/// OTRF's Security-Datasets unpack to (Sysmon, Security, PowerShell), not over English. NUL, which JSON never
/// holds, counts as in UTF-16.
const PER_MILLION: [u32; 128] = [
    500_000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 519, 0, 0, 203, 0, 0, //
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    15471, 1, 60114, 19, 126, 103, 0, 26, 656, 656, 2, 4559, 15749, 17764, 11119, 586, //
    41405, 16294, 25957, 17254, 12673, 12118, 9394, 9837, 8651, 7633, 32541, 142, 0, 1087, 0, 3, //
    820, 46703, 16019, 35877, 33206, 73497, 12167, 13115, 7309, 32995, 2119, 4516, 19236, 23246, 32953,
    39130, //
    12425, 3884, 37310, 54213, 42822, 14261, 10795, 20524, 5692, 13193, 1643, 258, 55154, 258, 1,
    1348, //
    5, 46703, 16019, 35877, 33206, 73497, 12167, 13115, 7309, 32995, 2119, 4516, 19236, 23246, 32953,
    39130, //
    12425, 3884, 37310, 54213, 42822, 14261, 10795, 20524, 5692, 13193, 1643, 2979, 4306, 2974, 2, 0, //
];

/// An estimate of how many of a billion places in a log hold `text` in any case: lower is rarer. Bytes
/// are taken as independent, which real text is not; it serves to compare pieces, not to predict.
#[must_use]
pub(super) fn per_billion(text: &[u8]) -> f64 {
    text.iter().fold(1e9, |estimate, byte| {
        let count = PER_MILLION.get(usize::from(*byte)).copied().unwrap_or(0);
        estimate * f64::from(count.max(1)) / 1e6
    })
}

/// Texts that many records hold, with the share of records in a thousand: the larger of the shares in the
/// same captures and in 8 MB of Elastic Defend process events. Bytes that are taken as independent make
/// these look rare.
const COMMON: &[(&str, u16)] = &[
    ("process", 1000),
    ("created", 1000),
    ("version", 1000),
    ("user", 1000),
    ("host.os", 1000),
    ("status", 1000),
    ("security", 1000),
    ("logon", 1000),
    ("attributes", 1000),
    ("default", 1000),
    ("platform", 1000),
    ("creation", 1000),
    ("agent", 1000),
    ("authentication", 1000),
    ("data", 1000),
    ("code", 1000),
    ("executable", 1000),
    ("file", 1000),
    ("type", 1000),
    ("level", 1000),
    ("fe80::1", 1000),
    ("127.0.0.1", 1000),
    ("names", 1000),
    ("windows", 999),
    ("microsoft", 991),
    (".exe", 969),
    ("system32", 916),
    ("c:", 953),
    ("opera", 890),
    ("microsoft-windows-sysmon", 861),
    ("s-1-5-21-", 821),
    ("true", 814),
    ("trusted", 814),
    (".exe ", 651),
    ("read", 627),
    ("0x0", 557),
    ("microsoft windows", 545),
    ("start", 525),
    ("local", 484),
    ("nt authority", 478),
    (".dll", 456),
    ("eventlog", 401),
    ("registry", 388),
    ("svchost.exe -k ", 383),
    ("getobject", 363),
    ("s-1-5-18", 354),
    ("delete", 302),
    ("network", 280),
    ("program files", 268),
    ("account", 256),
    ("server", 249),
    ("script", 221),
    ("services.exe", 217),
    ("software", 206),
    ("desktop", 204),
    ("load", 195),
    ("application", 181),
    ("run", 175),
    ("image loaded", 171),
    ("microsoft corporation", 170),
    ("-embedding", 167),
    ("prefetch", 151),
    ("root", 144),
    ("https:", 137),
    ("windowspowershell", 121),
    ("powershell.exe", 118),
    ("taskhost.exe", 113),
    ("current", 112),
    ("program files (x86)", 108),
    ("explorer.exe", 107),
    ("users", 107),
    ("hku", 107),
    ("currentversion", 99),
    ("google", 95),
    ("hklm", 85),
    ("chrome.exe", 84),
    ("wbem", 83),
    ("wmiprvse.exe", 80),
    ("appdata", 78),
    ("conhost.exe", 71),
    ("cmd.exe", 67),
    ("pipe", 65),
    ("msedge.exe", 61),
    ("client", 60),
    ("active", 57),
    ("programdata", 49),
    ("encodedcommand", 46),
    ("runtimebroker.exe", 40),
    ("group", 40),
    ("windowsapps", 39),
    ("temp", 38),
    ("success", 37),
    ("roaming", 37),
    ("control", 34),
    ("local service", 34),
    ("dllhost.exe", 31),
    ("policies", 26),
    ("library", 25),
    ("settings", 24),
    ("schedule", 23),
    ("tasks", 22),
    ("device", 22),
];

/// Length of a record, about, in bytes: what the captures have on average.
const RECORD: f64 = 2700.0;

/// The share of records, 0 to 1, that are likely to hold `text` in any case.
#[must_use]
pub(super) fn share_of_records(text: &[u8]) -> f64 {
    let by_bytes = 1.0 - (-per_billion(text) * RECORD / 1e9).exp();
    let common = COMMON.iter().filter(|(common, _)| memchr::memmem::find(common.as_bytes(), text).is_some());
    common.map(|(_, share)| f64::from(*share) / 1000.0).fold(by_bytes, f64::max)
}
