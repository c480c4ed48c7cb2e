//! Tells what a source is: the codecs, and what they hold.

use std::borrow::Cow;

use crate::archive::{self, Budget, Codec, Input, Step, Zip};
use crate::limits;
use crate::record::{Archive, Content, Records, has_chunks, is_opaque, sniff};

use super::layers::{Layers, number};
use super::unit::{Chain, Layout};

/// What a source is.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) layout: Layout,
    /// How deep what it holds lies in archives.
    pub(super) nesting: usize,
    /// Whether another archive lies in the innermost one that may be opened.
    pub(super) too_deep: bool,
    /// Where the outermost archive begins, if what stands before is none of it.
    pub(super) start: usize,
}

/// The first bytes of what can be read only once: no more than must be waited for.
pub(super) fn head<'i>(input: &'i mut Input<'_>) -> &'i [u8] {
    let first = input.peek(limits::SNIFF).unwrap_or(&[]);
    let first = &first[..first.len().min(limits::SNIFF)];
    let is_told = archive::sniff(first).is_some() || !is_opaque(first);
    let most = if is_told { limits::SNIFF } else { limits::SEARCH_DECODED };
    let head = input.peek(most).unwrap_or(&[]);
    &head[..head.len().min(most)]
}

/// Looks into `bytes`, the beginning of what `chain` (mostly: no codec) encodes and what lies `nesting` deep
/// in archives already, as deep as archives lie in archives.
pub(super) fn probe(bytes: &[u8], mut chain: Chain, mut nesting: usize, memory: &Budget) -> Probe {
    let mut start = 0;
    let mut head = decode_head(&chain, bytes, limits::SNIFF, memory);
    loop {
        let mut found = archive::sniff(if chain.is_empty() { bytes } else { &head });
        if found.is_some() && nesting == limits::NESTING {
            let content = Content::Records(Records::LINES);
            return Probe { layout: Layout { chain, content }, nesting, too_deep: true, start };
        }
        let is_sought = found.is_none() && nesting < limits::NESTING;
        if is_sought && is_opaque(&head) && !is_zip(&chain, bytes, &head) {
            let (at, codec) = search(&chain, &bytes[start..], memory).unzip();
            start = at.filter(|_| chain.is_empty()).unwrap_or(start);
            found = codec;
        }
        let Some(codec) = found else { break };
        nesting += 1;
        chain.push(codec);
        head = decode_head(&chain, &bytes[start..], limits::SNIFF, memory);
    }
    let content = sniff_all(&chain, &bytes[start..], &head, memory);
    let too_deep = nesting == limits::NESTING && matches!(content, Content::Archive(_));
    Probe { layout: Layout { chain, content }, nesting: nesting + 1, too_deep, start }
}

/// What the innermost codec holds, whose beginning is `head`. An event log whose beginning is damaged is found by its
/// chunks, a zip archive by a later member.
fn sniff_all(chain: &Chain, bytes: &[u8], head: &[u8], memory: &Budget) -> Content {
    let content = sniff(head);
    if !matches!(content, Content::Unknown(_)) {
        return content;
    }
    if is_zip(chain, bytes, head) {
        return Content::Archive(Archive::Zip);
    }
    if is_opaque(head) && has_chunks(&searched(chain, bytes, memory)) {
        return Content::Records(Records::EVTX);
    }
    if is_opaque(head) && Zip::begins_in(head) {
        return Content::Archive(Archive::Zip);
    }
    content
}

/// Whether `bytes`, whose beginning tells nothing, are a zip archive behind something else, by its directory.
fn is_zip(chain: &Chain, bytes: &[u8], head: &[u8]) -> bool {
    chain.is_empty() && matches!(sniff(head), Content::Unknown(_)) && Zip::by_directory(bytes).is_some()
}

/// The first segment in what `chain` makes of `bytes`, wherever it begins.
fn search(chain: &Chain, bytes: &[u8], memory: &Budget) -> Option<(usize, &'static dyn Codec)> {
    archive::search(&searched(chain, bytes, memory), memory)
}

/// What is searched of what `chain` makes of `bytes`.
fn searched<'b>(chain: &Chain, bytes: &'b [u8], memory: &Budget) -> Cow<'b, [u8]> {
    if chain.is_empty() {
        Cow::Borrowed(&bytes[..bytes.len().min(limits::SEARCH)])
    } else {
        Cow::Owned(decode_head(chain, bytes, limits::SEARCH_DECODED, memory))
    }
}

/// The first decoded bytes, at most `most`, as far as they can be had.
fn decode_head(chain: &Chain, bytes: &[u8], most: usize, memory: &Budget) -> Vec<u8> {
    if chain.is_empty() {
        return bytes[..bytes.len().min(most)].to_vec();
    }
    let mut layers = Layers::open(chain, Input::slice(bytes, 0), memory, None, (0, None), &|input, _| input);
    let (mut head, mut at) = (vec![0; most], 0);
    while at < head.len() {
        match layers.step(&mut head[at..]) {
            (_, Step::Data(count)) => at += count,
            (_, Step::Finished) => break,
            // Past the first damage nothing is told by what comes. A gap in a layer around may have cost nothing:
            // what it did cost, the innermost tells.
            (entry, Step::Gap { .. }) if at > 0 && entry == layers.entry() => break,
            _ => {}
        }
    }
    head.truncate(at);
    head
}

/// How reports name a layout: `plain`, `zstd`, `gzip in zstd`, `tar in gzip`.
pub(super) fn describe(layout: &Layout) -> String {
    let inner = match layout.content {
        Content::Archive(Archive::Tar) => Some("tar"),
        Content::Archive(Archive::Zip) => Some("zip"),
        Content::Records(Records::EVTX) => Some("evtx"),
        _ => None,
    };
    let names: Vec<&str> =
        inner.into_iter().chain(layout.chain.iter().rev().map(|codec| codec.name())).collect();
    if names.is_empty() { "plain".to_owned() } else { names.join(" in ") }
}

/// The suffixes of what begins with `suffix`: itself, then one for each archive in an archive, and one for an
/// event log in one.
pub(super) fn entries(suffix: &str, layout: &Layout) -> Vec<String> {
    (0..=records_entry(layout)).map(|depth| format!("{suffix}{}", "!0".repeat(depth as usize))).collect()
}

/// Which of [`entries`] holds the records, or the members. The chunks of an event log have offsets of their
/// own; other records are found by the segments of the innermost codec.
pub(super) fn records_entry(layout: &Layout) -> u32 {
    let is_container = matches!(layout.content, Content::Archive(_))
        || matches!(layout.content, Content::Records(Records::EVTX));
    let codecs = number(layout.chain.len());
    if is_container { codecs } else { codecs.saturating_sub(1) }
}
