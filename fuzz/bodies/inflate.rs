//! Our own decoder of deflate data against zlib.

use coldtrail::archive::{Budget, Fault, Input, Step, Stream, sniff};

/// A member of gzip with nothing but deflate data, as a mapped file and as a pipe, which zlib decodes: the same bytes
/// come out, and the same is damaged. How much is asked for at once changes nothing.
pub(super) fn check(data: &[u8]) {
    let member = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], data].concat();
    let piped = read(Input::reader(Box::new(&member[..])), &member, 1 << 20);
    for room in [1 << 20, 4099, 300] {
        let mapped = read(Input::slice(&member, 0), &member, room);
        assert_eq!(mapped.1, piped.1, "room for {room}");
        assert!(mapped.0 == piped.0, "room for {room}: {} and {}", mapped.0.len(), piped.0.len());
    }
}

/// The decoded bytes, and all else that the stream says.
fn read(input: Input<'_>, member: &[u8], room: usize) -> (Vec<u8>, Vec<Step>) {
    let codec = sniff(member).expect("it is a member of gzip");
    let mut stream = Stream::new(codec, input, Budget::new(1 << 20));
    let (mut decoded, mut said, mut room) = (Vec::new(), Vec::new(), vec![0; room]);
    loop {
        match stream.step(&mut room) {
            Step::Finished => return (decoded, said),
            Step::Data(count) => decoded.extend_from_slice(&room[..count]),
            // Not with which call a fault was told.
            Step::Gap { bytes, decoded, fault } => {
                said.push(Step::Gap { bytes, decoded, fault: Fault { written: 0, ..fault } });
            }
            step => said.push(step),
        }
    }
}
