//! Archives: tar and zip.

use std::io::Write;
use std::ops::Range;

use crate::dice::Dice;
use crate::evidence::Evidence;

/// The evidence of an archive to come.
fn gather(archive: &mut Evidence, member: Evidence) {
    archive.planted.extend(member.planted);
    archive.is_damaged |= member.is_damaged;
    archive.is_silent |= member.is_silent;
    archive.story.extend(member.story);
}

/// A tar archive of these members.
pub(crate) fn tar(members: Vec<Evidence>) -> Evidence {
    let mut archive = Evidence { unit: 512, is_placed: true, ..Evidence::default() };
    let mut claims: Vec<Range<usize>> = Vec::new();
    for (number, member) in members.into_iter().enumerate() {
        let start = archive.bytes.len();
        let is_cut_tar = claims_more(&member.bytes);
        archive.bytes.extend(tar_header(&format!("logs/{number}"), member.bytes.len()));
        archive.bytes.extend(&member.bytes);
        archive.bytes.resize(archive.bytes.len().next_multiple_of(512), 0);
        archive.seams.push(archive.bytes.len());
        let mut member = member.mapped(|need| start + 512 + need.start..start + 512 + need.end);
        member.all_need(start..start + 512);
        claims.iter().for_each(|header| member.all_need(header.clone()));
        // Without the header around it, the next one that is found claims the members behind.
        claims.extend(is_cut_tar.then_some(start..start + 512));
        gather(&mut archive, member);
    }
    archive.bytes.extend([0; 1024]);
    archive.story.push("tar of these".to_owned());
    archive.all_need(0..512);
    archive
}

/// Whether a header of a tar archive in `bytes` tells of a member that goes on behind them.
fn claims_more(bytes: &[u8]) -> bool {
    bytes.chunks(512).enumerate().any(|(block, header)| {
        let is_header = header.get(257..262) == Some(b"ustar");
        let size = header.get(124..135).and_then(|size| str::from_utf8(size).ok());
        let size = size.and_then(|size| usize::from_str_radix(size, 8).ok());
        is_header && size.is_some_and(|size| (block + 1) * 512 + size > bytes.len())
    })
}

fn tar_header(name: &str, size: usize) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(124, &format!("{size:011o}\0"));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// The flag of a member whose sizes stand behind its data.
const DESCRIPTOR: u8 = 8;

/// How a member of a zip archive is packed.
#[derive(Clone, Copy, Debug)]
enum Method {
    Stored,
    Deflate,
    Zstd,
}

impl Method {
    fn number(self) -> u16 {
        match self {
            Method::Stored => 0,
            Method::Deflate => 8,
            Method::Zstd => 93,
        }
    }

    fn pack(self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Method::Stored => Ok(plain.to_vec()),
            Method::Zstd => zstd::bulk::compress(plain, 1),
            Method::Deflate => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(plain)?;
                encoder.finish()
            }
        }
    }
}

/// A zip archive of these members.
pub(crate) fn zip(members: Vec<Evidence>, dice: &mut Dice) -> Evidence {
    let mut archive = Evidence { unit: 1, is_placed: true, ..Evidence::default() };
    let (mut directory, mut headers, mut listed) = (Vec::new(), Vec::new(), Vec::new());
    let count = u16::try_from(members.len()).expect("a few");
    for (number, member) in members.into_iter().enumerate() {
        let method = dice.pick(&[Method::Stored, Method::Deflate, Method::Zstd]);
        let packed = method.pack(&member.bytes).expect("memory takes all of it");
        let (start, name) = (archive.bytes.len(), format!("logs/{number}"));
        let is_piped = !matches!(method, Method::Stored) && dice.one_in(3);
        let mut common = zip_fields(method, &member.bytes, packed.len(), &name);
        let sums = common[10..22].to_vec();
        let mut local = common.clone();
        if is_piped {
            (common[2], local[2]) = (DESCRIPTOR, DESCRIPTOR);
            local[10..22].fill(0);
        }
        archive.bytes.extend([b"PK\x03\x04", &local[..], &[0, 0], name.as_bytes()].concat());
        let data = archive.bytes.len();
        archive.bytes.extend(packed);
        let data_end = archive.bytes.len();
        if is_piped {
            archive.bytes.extend([b"PK\x07\x08", &sums[..]].concat());
        }
        let central = directory.len();
        let offset = u32::try_from(start).expect("it is small").to_le_bytes();
        let rest = [&[0; 12][..], &offset, name.as_bytes()].concat();
        directory.extend([b"PK\x01\x02\x3f\0", &common[..], &rest].concat());
        // Only its data tells where that ends.
        headers.push(start..if is_piped { data_end } else { data });
        let member = match method {
            Method::Stored => member.mapped(|need| data + need.start..data + need.end),
            _ => member.mapped(|_| data..data_end),
        };
        listed.push((archive.planted.len(), central..directory.len()));
        let piped = if is_piped { ", sizes behind its data" } else { "" };
        archive.story.push(format!("member {number}, {method:?}{piped}:"));
        gather(&mut archive, member);
    }
    let start = archive.bytes.len();
    // What its entry in the directory says is believed.
    for (index, (first, range)) in listed.iter().enumerate() {
        let last = listed.get(index + 1).map_or(archive.planted.len(), |(next, _)| *next);
        for planted in &mut archive.planted[*first..last] {
            planted.needs.push(start + range.start..start + range.end);
        }
    }
    let number = |number: usize| u32::try_from(number).expect("it is small").to_le_bytes();
    let (size, count) = (number(directory.len()), count.to_le_bytes());
    archive.bytes.extend(directory);
    archive
        .bytes
        .extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &number(start), &[0, 0]].concat());
    // Without the directory, each header says where the next one stands.
    headers.into_iter().for_each(|header| archive.all_need(header));
    archive.story.push("zip of these".to_owned());
    archive
}

/// What both headers say of a member, up to the length of its name.
fn zip_fields(method: Method, plain: &[u8], packed: usize, name: &str) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(plain);
    let number = |number: usize| u32::try_from(number).expect("it is small").to_le_bytes();
    let name = u16::try_from(name.len()).expect("it is short").to_le_bytes();
    let method = method.number().to_le_bytes();
    let sizes = [number(packed), number(plain.len())].concat();
    [&[20, 0, 0, 0], &method[..], &[0; 4], &crc.sum().to_le_bytes(), &sizes, &name].concat()
}
