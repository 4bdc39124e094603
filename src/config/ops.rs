//! Settings of `[ops]` with a form of their own.

use std::net::SocketAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

/// Where operators are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpsListen {
    /// Nowhere.
    Off,
    /// At this address.
    At(SocketAddr),
}

impl FromStr for OpsListen {
    type Err = String;

    fn from_str(text: &str) -> Result<OpsListen, String> {
        match text {
            "off" | "0" => Ok(OpsListen::Off),
            text => text
                .parse()
                .map(OpsListen::At)
                .map_err(|_| "it must be an address like 127.0.0.1:8081, or off".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for OpsListen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OpsListen, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Networks, with commas between: `127.0.0.1, 10.0.0.0/8`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Networks, String> {
        let one = |part: &str| {
            let address = part.parse().map(|address: std::net::IpAddr| IpNet::from(address));
            address.or_else(|_| part.parse()).map_err(|_| {
                "it must be addresses or networks with commas between, like 127.0.0.1, 10.0.0.0/8"
                    .to_owned()
            })
        };
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(one).collect::<Result<_, _>>().map(Networks)
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Networks, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_none_is() {
        assert_eq!("off".parse(), Ok(OpsListen::Off));
        assert_eq!("0".parse(), Ok(OpsListen::Off));
        let at = OpsListen::At("127.0.0.1:8081".parse().unwrap());
        assert_eq!("127.0.0.1:8081".parse(), Ok(at));
        for wrong in ["", "8081", "localhost:8081", "on"] {
            assert!(wrong.parse::<OpsListen>().unwrap_err().contains("or off"), "{wrong}");
        }
    }

    #[test]
    fn networks_stand_with_commas_between() {
        let read: Networks = "127.0.0.1, 10.0.0.0/8,".parse().unwrap();
        assert_eq!(read.0.len(), 2);
        assert!(read.0[1].contains(&"10.1.2.3".parse::<std::net::IpAddr>().unwrap()));
        assert!(!read.0[0].contains(&"127.0.0.2".parse::<std::net::IpAddr>().unwrap()));
        assert_eq!("".parse(), Ok(Networks::default()));
        assert!("10.0.0.0/33".parse::<Networks>().is_err());
    }
}
