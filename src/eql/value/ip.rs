//! Addresses and blocks of them.

use std::net::IpAddr;

/// An address as Elasticsearch stores it: IPv4 mapped into IPv6.
pub(in crate::eql) fn address(text: &str) -> Option<u128> {
    // Windows appends the zone of a link-local address, which is no part of it.
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    match text.trim().parse().ok()? {
        IpAddr::V4(address) => Some(address.to_ipv6_mapped().to_bits()),
        IpAddr::V6(address) => Some(address.to_bits()),
    }
}

/// A CIDR block; a single address is a block of one.
#[derive(Clone, Copy, Debug)]
pub(in crate::eql) struct Block {
    network: u128,
    mask: u128,
}

impl Block {
    /// Reads `10.6.48.157/8`, host bits and all, or a plain address.
    pub(in crate::eql) fn parse(text: &str) -> Option<Self> {
        let (network, bits) = match text.split_once('/') {
            Some((network, bits)) => (network, Some(bits)),
            None => (text, None),
        };
        let longest: u32 = if network.contains(':') { 128 } else { 32 };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
            None => longest,
        };
        let host_bits = longest.checked_sub(bits)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Some(Self { network: address(network)? & mask, mask })
    }

    pub(in crate::eql) fn contains(self, address: u128) -> bool {
        address & self.mask == self.network
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_both_families_hold_what_they_should() {
        for (block, text, expected) in [
            ("10.6.48.157/8", "10.255.0.1", true),
            ("10.6.48.157/8", "11.0.0.1", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "10.0.0.1", true),
            ("fe80::/10", "fe80::1%4", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("2001:db8::/32", "2001:0DB8:0:0::5", true),
            ("::1", "0:0:0:0:0:0:0:1", true),
        ] {
            let found = Block::parse(block).unwrap().contains(address(text).unwrap());
            assert_eq!(found, expected, "{text} in {block}");
        }
        for text in ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "x", "", "10.0.0"] {
            assert!(Block::parse(text).is_none(), "{text}");
        }
    }
}
