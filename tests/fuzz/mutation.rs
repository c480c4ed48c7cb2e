//! Damages seeds, the same way each time.

/// Pieces of the languages that are fuzzed: what random bytes would seldom hit on.
const TOKENS: [&[u8]; 36] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"\\u0000",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc3",
    b",",
    b":",
    b"1e400",
    b"-0",
    b"18446744073709551616",
    b"null",
    b"NaN",
    b" and ",
    b" or ",
    b"not ",
    b"(",
    b")",
    b"*",
    b"?",
    b"\"\"\"",
    b" by ",
    b"{1000}",
    b"\x28\xb5\x2f\xfd",
    b"\x1f\x8b\x08",
    b"\x50\x2a\x4d\x18",
    b"\x00\x00\x00\x80",
];

/// Inputs grow no longer by repetition.
const LONGEST: usize = 1 << 16;

/// Mutation `number` of these seeds: one of them with up to eight changes.
pub(crate) fn mutation(seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut dice = Dice(number);
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(8) {
        change(&mut bytes, seeds, &mut dice);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let from = dice.below(bytes.len() + 1);
    let to = (from + dice.below(32)).min(bytes.len());
    match dice.below(7) {
        0 if from < bytes.len() => bytes[from] ^= 1 << dice.below(8),
        1 if from < bytes.len() => bytes[from] = dice.byte(),
        2 => drop(bytes.drain(from..to)),
        3 => bytes.truncate(from),
        4 => {
            let piece = bytes[from..to].repeat(1 + dice.below(4));
            bytes.splice(from..from, piece);
        }
        5 => {
            let other = &seeds[dice.below(seeds.len())];
            let start = dice.below(other.len() + 1);
            let end = (start + dice.below(64)).min(other.len());
            bytes.splice(from..to, other[start..end].iter().copied());
        }
        _ => drop(bytes.splice(from..from, TOKENS[dice.below(TOKENS.len())].iter().copied())),
    }
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
