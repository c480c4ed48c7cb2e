//! What was wrong with a record, or assumed about it, when it was read.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! flags {
    ($($(#[doc = $doc:literal])* $konst:ident = $bit:literal, $name:literal;)*) => {
        /// A set of remarks about one record; each has a name that reports print.
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct Flags(u32);

        impl Flags {
            $($(#[doc = $doc])* pub const $konst: Flags = Flags(1 << $bit);)*

            /// Every flag with its name, in the order reports list them.
            const NAMES: &'static [(Flags, &'static str)] = &[$((Flags::$konst, $name)),*];
        }
    };
}

flags! {
    /// Bytes that are not UTF-8 (shown as U+FFFD).
    INVALID_UTF8 = 0, "invalid_utf8";
    /// A `\ud800`–`\udfff` escape without its other half.
    LONE_SURROGATE = 1, "lone_surrogate";
    /// A control byte that JSON wants escaped.
    RAW_CONTROL = 2, "raw_control";
    /// `NaN`, `1e400`, an integer beyond 64 bits, a leading zero or plus sign.
    NONSTANDARD_NUMBER = 3, "nonstandard_number";
    /// A key that occurs twice in one object; every occurrence counts.
    DUPLICATE_KEY = 4, "duplicate_key";
    /// The record ends before its JSON does.
    TRUNCATED_RECORD = 5, "truncated_record";
    /// Any other breach of JSON's grammar.
    BAD_SYNTAX = 6, "bad_syntax";
    /// An escape that JSON does not know.
    BAD_ESCAPE = 7, "bad_escape";
    /// Nested deeper than a strict parser goes.
    DEEP_NESTING = 8, "deep_nesting";
    /// No time could be read.
    NO_TIME = 9, "no_time";
    /// A time without zone, taken as UTC.
    ASSUMED_UTC = 10, "assumed_utc";
    /// The time is not `@timestamp`'s: that was missing or could not be read.
    FALLBACK_TIME = 11, "fallback_time";
    /// `event.ingested` lies more than a day from `@timestamp`.
    LATE_INGEST = 12, "late_ingest";
    /// The record borders on a gap, so its beginning or end may be missing.
    BESIDE_GAP = 13, "beside_gap";
    /// The record came out of bytes whose checksum did not hold, or that were never checked to the end.
    UNVERIFIED = 14, "unverified";
    /// An ECS document that was derived anew from its raw event: see `--renormalise`.
    RENORMALISED = 15, "renormalised";
    /// No field names the operating system; the shape of a path does.
    OS_ASSUMED = 16, "os_assumed";
    /// The time is the machine's local one, whatever zone it claims.
    LOCAL_TIME = 17, "local_time";
    /// The source's own clock differs by more than a minute from the `@timestamp` that came with it, and was
    /// preferred.
    TIME_FROM_SOURCE = 18, "time_from_source";
    /// The record is UTF-16 in the evidence; it is shown as UTF-8, its place counts raw bytes.
    TRANSCODED = 19, "transcoded";
}

impl Flags {
    /// No remark.
    #[must_use]
    pub const fn empty() -> Self {
        Flags(0)
    }

    /// Whether there is no remark.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds `other`.
    pub fn insert(&mut self, other: Flags) {
        self.0 |= other.0;
    }

    /// The names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
