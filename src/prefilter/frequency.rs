//! How often bytes occur in logs.

/// Occurrences of each byte in a million bytes of Windows event logs as JSON, letters of both cases
/// counted together; 0 where it was seen less than once. Measured over the 137 MB that five captures of
/// OTRF's Security-Datasets unpack to (Sysmon, Security, PowerShell), not over English.
const PER_MILLION: [u32; 128] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 519, 0, 0, 203, 0, 0, //
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
