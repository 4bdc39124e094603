//! Which addresses may be called. A URL is chosen by an aggregator, so without this anybody could have
//! this service call into its own network.
//!
//! The lists are the special-purpose registries of IANA (IPv4 and IPv6), multicast beside them. What
//! is not globally reachable, or leads to an IPv4 address that is not, is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4: network, prefix length, what it is.
const V4: &[([u8; 4], u32, &str)] = &[
    ([0, 0, 0, 0], 8, "of this network"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "shared by a carrier"),
    ([127, 0, 0, 0], 8, "loopback"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "of a protocol"),
    ([192, 0, 2, 0], 24, "for documentation"),
    ([192, 31, 196, 0], 24, "of a protocol"),
    ([192, 52, 193, 0], 24, "of a protocol"),
    ([192, 88, 99, 0], 24, "a relay"),
    ([192, 168, 0, 0], 16, "private"),
    ([192, 175, 48, 0], 24, "of a protocol"),
    ([198, 18, 0, 0], 15, "for benchmarks"),
    ([198, 51, 100, 0], 24, "for documentation"),
    ([203, 0, 113, 0], 24, "for documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    // With 255.255.255.255, the broadcast.
    ([240, 0, 0, 0], 4, "reserved"),
];

/// Blocks inside 2000::/3, which is all of IPv6 that is handed out to hosts.
const V6: &[([u16; 3], u32, &str)] = &[
    // Teredo, benchmarks, ORCHID and other protocols.
    ([0x2001, 0, 0], 23, "of a protocol"),
    ([0x2001, 0xdb8, 0], 32, "for documentation"),
    ([0x2620, 0x4f, 0x8000], 48, "of a protocol"),
    ([0x3fff, 0, 0], 20, "for documentation"),
];

/// Why an address may not be called, as a word for a sentence; `None`: it may.
pub fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => forbidden_v4(address),
        IpAddr::V6(address) => forbidden_v6(address),
    }
}

fn forbidden_v4(address: Ipv4Addr) -> Option<&'static str> {
    let inside = |network: [u8; 4], length: u32| {
        (address.to_bits() ^ Ipv4Addr::from(network).to_bits()).leading_zeros() >= length
    };
    V4.iter().find(|(network, length, _)| inside(*network, *length)).map(|(_, _, what)| *what)
}

fn forbidden_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = carried_v4(address) {
        return forbidden_v4(inner);
    }
    let [first, ..] = address.segments();
    match first {
        _ if address.is_loopback() => return Some("loopback"),
        _ if address.is_unspecified() => return Some("unspecified"),
        0xfc00..=0xfdff => return Some("private"),
        0xfe80..=0xfebf => return Some("link-local"),
        0xfec0..=0xfeff => return Some("private"),
        0xff00..=0xffff => return Some("multicast"),
        0x2000..=0x3fff => {}
        _ => return Some("reserved"),
    }
    let inside = |[a, b, c]: [u16; 3], length: u32| {
        let network = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
        (address.to_bits() ^ network.to_bits()).leading_zeros() >= length
    };
    V6.iter().find(|(network, length, _)| inside(*network, *length)).map(|(_, _, what)| *what)
}

/// The IPv4 address that an IPv6 address leads to.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match [a, b, c, d, e, f] {
        // ::ffff:0:0/96 mapped, ::ffff:0:0:0/96 translated (SIIT), 64:ff9b::/96 NAT64.
        [0, 0, 0, 0, 0, 0xffff] | [0, 0, 0, 0, 0xffff, 0] | [0x64, 0xff9b, 0, 0, 0, 0] => {
            Some(join(g, h))
        }
        // ::/96 compatible; :: and ::1 are no IPv4.
        [0, 0, 0, 0, 0, 0] if g != 0 || h > 1 => Some(join(g, h)),
        // 2002::/16 6to4.
        [0x2002, ..] => Some(join(b, c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_public_address_may_not_be_called() {
        for (address, what) in [
            ("0.0.0.0", "of this network"),
            ("0.1.2.3", "of this network"),
            ("10.255.255.255", "private"),
            ("100.64.0.1", "shared by a carrier"),
            ("100.127.255.255", "shared by a carrier"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("169.254.169.254", "link-local"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.8", "of a protocol"),
            ("192.0.2.1", "for documentation"),
            ("192.88.99.1", "a relay"),
            ("192.168.1.1", "private"),
            ("198.18.0.1", "for benchmarks"),
            ("198.19.255.255", "for benchmarks"),
            ("198.51.100.7", "for documentation"),
            ("203.0.113.7", "for documentation"),
            ("224.0.0.1", "multicast"),
            ("239.255.255.255", "multicast"),
            ("240.0.0.1", "reserved"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:10.0.0.1", "private"),
            ("::127.0.0.1", "loopback"),
            ("::2", "of this network"),
            ("::ffff:0:192.168.0.1", "private"),
            ("64:ff9b::a00:1", "private"),
            ("64:ff9b:1::a00:1", "reserved"),
            ("2002:7f00:1::", "loopback"),
            ("2002:c0a8:101::1", "private"),
            ("100::1", "reserved"),
            ("2001::1", "of a protocol"),
            ("2001:2::1", "of a protocol"),
            ("2001:db8::1", "for documentation"),
            ("2620:4f:8000::1", "of a protocol"),
            ("3fff:fff::1", "for documentation"),
            ("4000::1", "reserved"),
            ("5f00::1", "reserved"),
            ("fc00::1", "private"),
            ("fdff::1", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
        ] {
            assert_eq!(forbidden(address.parse().unwrap()), Some(what), "{address}");
        }
    }

    #[test]
    fn a_public_address_may_be_called() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:200::1",
            "2001:db9::1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert_eq!(forbidden(address.parse().unwrap()), None, "{address}");
        }
    }
}
