//! Where aggregators want to be called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wsa::callback::{address, url};

/// A URL that is taken can be called, leads to nothing of our own, and is taken again as it is kept.
#[test]
fn callback_url() {
    wsa_fuzz::text("callback_url", |text| {
        let anywhere = url::read(text, true);
        match url::read(text, false) {
            Ok(read) => {
                assert!(["http", "https"].contains(&read.scheme()) && read.host().is_some());
                assert!(read.username().is_empty() && read.password().is_none());
                assert!(read.fragment().is_none());
                assert_eq!(url::literal(&read).and_then(address::forbidden), None);
                assert_eq!(url::read(read.as_str(), false).as_ref(), Ok(&read));
                assert_eq!(anywhere, Ok(read));
            }
            Err(told) => {
                wsa_fuzz::is_sentence(&told);
                let before = text.rsplit_once('@').map_or("", |(before, _)| before);
                assert!(!before.contains("secret") || !told.contains("secret"), "{told}");
            }
        }
    });
}

/// An address that may not be called may not be called through IPv6 either.
#[test]
fn callback_address() {
    wsa_fuzz::text("callback_address", |text| {
        let Ok(address) = text.parse::<IpAddr>() else { return };
        let what = address::forbidden(address);
        let IpAddr::V4(v4) = address else { return };
        let [a, b, c, d] = v4.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let carriers = [
            v4.to_ipv6_mapped(),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ];
        for carrier in carriers {
            assert_eq!(address::forbidden(carrier.into()), what, "{carrier}");
        }
        if v4 != Ipv4Addr::UNSPECIFIED && v4.octets() != [0, 0, 0, 1] {
            let compatible = Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low);
            assert_eq!(address::forbidden(compatible.into()), what, "{compatible}");
        }
        assert!(what.is_some() || !(v4.is_private() || v4.is_loopback() || v4.is_link_local()));
    });
}
