//! Evidence of any kind, damaged in any layer.

use crate::archive::{tar, zip};
use crate::codec::encoded;
use crate::dice::Dice;
use crate::evidence::Evidence;
use crate::text::{lines, text};

/// How many codecs and archives lie in one another at most; the limit is 4.
const DEPTH: usize = 3;

/// The evidence of one seed.
pub(crate) fn evidence(dice: &mut Dice) -> Evidence {
    let is_damaged = dice.one_in(2);
    let depth = dice.below(DEPTH + 1);
    let mut next = 0;
    let mut evidence = layered(depth, is_damaged, &mut next, dice);
    if is_damaged && depth > 0 && dice.one_in(4) {
        append(&mut evidence, &mut next, dice);
    } else if is_damaged {
        damage(&mut evidence, dice);
    }
    evidence
}

fn layered(depth: usize, is_damaged: bool, next: &mut usize, dice: &mut Dice) -> Evidence {
    if depth == 0 {
        return text(next, dice);
    }
    let count = if dice.one_in(2) { 1 } else { 1 + dice.below(4) };
    let mut members = Vec::new();
    for _ in 0..count {
        let mut member = layered(depth - 1, is_damaged, next, dice);
        if is_damaged && dice.one_in(6) {
            damage(&mut member, dice);
        }
        members.push(member);
    }
    match members.pop() {
        Some(only) if count == 1 && !dice.one_in(4) => encoded(only, dice),
        last => {
            members.extend(last);
            if dice.one_in(2) { tar(members) } else { zip(members, dice) }
        }
    }
}

/// Damages it once or twice.
fn damage(evidence: &mut Evidence, dice: &mut Dice) {
    for _ in 0..=dice.below(2) {
        let length = evidence.bytes.len();
        let at = dice.below(length);
        match dice.below(5) {
            4 => flip(evidence, at % 8, dice),
            0 => flip(evidence, at, dice),
            1 => zero(evidence, at..length.min(at + 1 + dice.below(600))),
            2 if at > 0 => cut(evidence, at),
            _ if !evidence.seams.is_empty() => garbage(evidence, dice),
            _ => flip(evidence, at, dice),
        }
    }
}

fn flip(evidence: &mut Evidence, at: usize, dice: &mut Dice) {
    let bit = dice.below(8);
    evidence.bytes[at] ^= 1 << bit;
    evidence.is_silent |= !evidence.is_checked;
    evidence.spoil(&(at..at + 1));
    evidence.story.push(format!("bit {bit} of byte {at} flipped"));
}

fn zero(evidence: &mut Evidence, range: std::ops::Range<usize>) {
    evidence.bytes[range.clone()].fill(0);
    // Zeros may be padding.
    evidence.is_silent = true;
    evidence.spoil(&range);
    evidence.story.push(format!("{range:?} zeroed"));
}

fn cut(evidence: &mut Evidence, at: usize) {
    let length = evidence.bytes.len();
    evidence.bytes.truncate(at);
    evidence.is_silent |= !evidence.is_checked || evidence.seams.contains(&at);
    evidence.seams.retain(|seam| *seam <= at);
    evidence.spoil(&(at..length));
    evidence.story.push(format!("cut at {at} of {length}"));
}

fn garbage(evidence: &mut Evidence, dice: &mut Dice) {
    let at = dice.pick(&evidence.seams);
    let count = 1 + dice.below(3);
    let mut foreign = dice.bytes(count * evidence.unit.max(100));
    // A line of its own, if there are lines, and no JSON.
    foreign.iter_mut().filter(|byte| b"\n{[\"".contains(byte)).for_each(|byte| *byte = b'~');
    if evidence.unit == 1 {
        foreign.push(b'\n');
    }
    evidence.insert(at, &foreign);
    evidence.is_silent |= !evidence.is_checked;
    evidence.story.push(format!("{} foreign bytes at {at}", foreign.len()));
}

/// Writes lines behind an archive, which are no part of it.
fn append(evidence: &mut Evidence, next: &mut usize, dice: &mut Dice) {
    let mut lines = lines(next, dice);
    let at = evidence.bytes.len();
    evidence.bytes.append(&mut lines.bytes);
    for planted in &mut lines.planted {
        planted.needs.iter_mut().for_each(|need| *need = at + need.start..at + need.end);
    }
    evidence.planted.append(&mut lines.planted);
    evidence.is_damaged = true;
    evidence.story.push(format!("lines behind it, from {at}:"));
    evidence.story.append(&mut lines.story);
}
