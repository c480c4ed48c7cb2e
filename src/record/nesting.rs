//! Follows the nesting of one JSON value, byte by byte, without a parse.

use memchr::memchr3;

/// What stopped [`Nesting::follow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes are used up.
    More,
    /// The value ended just before.
    Closed,
    /// What stands here cannot: the value is broken.
    Damage,
    /// A line feed within a string, which JSON forbids.
    LineFeed,
    /// The key of a member of the outermost object began at this offset and ended just before.
    Key(usize),
    /// The value of a member of the outermost object is a container and begins here.
    Member,
}

/// The open containers of one value. It grows by a bit for each level.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// One bit a level: whether it is an object.
    levels: Vec<u64>,
    depth: usize,
    /// The last byte outside of strings that is not blank.
    last: u8,
    in_string: bool,
    /// Where a key of the outermost object began.
    key: Option<usize>,
    /// Whether [`Stop::Key`] and [`Stop::Member`] are wanted.
    pub(super) watches: bool,
}

impl Nesting {
    /// Before a value.
    pub(super) fn new(watches: bool) -> Self {
        Self { watches, ..Self::default() }
    }

    fn is_object(&self) -> bool {
        let level = self.depth.wrapping_sub(1);
        self.levels.get(level / 64).is_some_and(|bits| bits >> (level % 64) & 1 == 1)
    }

    /// Steps into the container that `bracket` opens.
    pub(super) fn open(&mut self, bracket: u8) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if self.levels.len() == word {
            self.levels.push(0);
        }
        self.levels[word] = self.levels[word] & !(1 << bit) | u64::from(bracket == b'{') << bit;
        self.depth += 1;
        self.last = bracket;
    }

    /// A member's value was read by somebody else.
    pub(super) fn pass_value(&mut self) {
        self.last = b'}';
    }

    /// Where the key began that is being read.
    pub(super) fn open_key(&self) -> Option<usize> {
        self.key
    }

    /// The first `count` bytes are gone.
    pub(super) fn shift(&mut self, count: usize) {
        self.key = self.key.map(|key| key.saturating_sub(count));
    }

    /// Whether a value may begin after what came last.
    fn takes_value(&self) -> bool {
        match (self.depth, self.is_object()) {
            (0, _) => true,
            (_, true) => self.last == b':',
            (_, false) => matches!(self.last, b'[' | b','),
        }
    }

    /// Follows the value from `at` on; where and why it stopped.
    pub(super) fn follow(&mut self, bytes: &[u8], mut at: usize) -> (usize, Stop) {
        while at < bytes.len() {
            if self.in_string {
                let Some(special) = memchr3(b'"', b'\\', b'\n', &bytes[at..]) else {
                    return (bytes.len(), Stop::More);
                };
                at += special;
                match bytes[at] {
                    b'\n' => return (at, Stop::LineFeed),
                    b'\\' if at + 1 == bytes.len() => return (at, Stop::More),
                    b'\\' => at += 2,
                    _ => {
                        (self.in_string, self.last) = (false, b'"');
                        at += 1;
                        if let Some(key) = self.key.take() {
                            return (at, Stop::Key(key));
                        }
                    }
                }
                continue;
            }
            match bytes[at] {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => {
                    let is_key = self.watches && self.depth == 1 && matches!(self.last, b'{' | b',');
                    self.key = is_key.then_some(at);
                    self.in_string = true;
                }
                bracket @ (b'{' | b'[') => {
                    if !self.takes_value() {
                        return (at, Stop::Damage);
                    }
                    if self.watches && self.depth == 1 {
                        return (at, Stop::Member);
                    }
                    self.open(bracket);
                }
                bracket @ (b'}' | b']') => {
                    if self.depth == 0 || self.is_object() != (bracket == b'}') {
                        return (at, Stop::Damage);
                    }
                    self.depth -= 1;
                    self.last = bracket;
                    if self.depth == 0 {
                        return (at + 1, Stop::Closed);
                    }
                }
                other => self.last = other,
            }
            at += 1;
        }
        (at, Stop::More)
    }
}
