//! Addresses that an engine may have which somebody named on a page: any machine that can run one, but nothing that answers
//! only the machine it is asked from, like the metadata service of a cloud.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Services of clouds (Azure, Oracle, Alibaba) within ranges that are otherwise anybody's; the usual one is link-local.
const SERVICES: [Ipv4Addr; 3] =
    [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(100, 100, 100, 200)];
/// That of AWS.
const SERVICE_6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

pub(super) const REFUSED: &str = "is one that no engine has";

/// Whether an engine may be there.
pub(super) fn may_be_engine(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_machine(address),
        IpAddr::V6(address) => match inner(address) {
            Some(inner) => is_machine(inner),
            None => {
                let is_link_local = address.segments()[0] & 0xffc0 == 0xfe80;
                !(address.is_unspecified() || address.is_multicast() || is_link_local || address == SERVICE_6)
            }
        },
    }
}

/// Whether the address names what no engine may be at; names are looked up when they are used.
pub(super) fn is_refused(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host.parse().is_ok_and(|address| !may_be_engine(address))
}

/// Looks names up as usual, and leaves out what no engine may be at. It is asked for each connection, so that a name cannot
/// mean one machine when it is checked and another when it is used.
pub(super) struct Checked;

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let all: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            checked(name.as_str(), all)
        })
    }
}

fn checked(name: &str, all: Vec<SocketAddr>) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
    let fit: Vec<_> = all.into_iter().filter(|address| may_be_engine(address.ip())).collect();
    match fit.is_empty() {
        true => Err(format!("the address that {name} stands for {REFUSED}").into()),
        false => Ok(Box::new(fit.into_iter())),
    }
}

fn is_machine(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    let is_none = first == 0 || first >= 240 || address.is_multicast() || address.is_link_local();
    !is_none && !SERVICES.contains(&address)
}

/// An address of version 4 in one of version 6: mapped, or behind NAT64.
fn inner(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., high, low] = address.segments();
    let behind_nat = address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let nat = || behind_nat.then(|| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    address.to_ipv4_mapped().or_else(nat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(text: &str) -> bool {
        may_be_engine(text.parse().unwrap())
    }

    #[test]
    fn an_engine_may_be_at_any_machine_and_nothing_else() {
        for machine in [
            "127.0.0.1",
            "192.168.1.5",
            "10.0.0.2",
            "100.64.1.2",
            "8.8.8.8",
            "::1",
            "fd12::1",
            "2001:db8::1",
            "::ffff:10.0.0.2",
        ] {
            assert!(may(machine), "{machine}");
        }
        for other in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "168.63.129.16",
            "100.100.100.200",
            "fd00:ec2::254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
        ] {
            assert!(!may(other), "{other}");
        }
    }

    #[test]
    fn addresses_written_as_numbers_are_checked_at_once() {
        for (url, refused) in [
            ("http://169.254.169.254/", true),
            ("http://[fe80::1]:8188", true),
            ("http://2852039166/", true),
            ("http://[::1]:8188", false),
            ("http://127.0.0.1:8188", false),
            ("http://gpu:8188", false),
        ] {
            assert_eq!(is_refused(&Url::parse(url).unwrap()), refused, "{url}");
        }
    }

    #[test]
    fn of_what_a_name_stands_for_only_machines_are_used() {
        let at = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
        let fit: Vec<_> = checked("gpu", vec![at("169.254.169.254"), at("10.0.0.2")]).unwrap().collect();
        assert_eq!(fit, [at("10.0.0.2")]);
        let refused = checked("gpu", vec![at("169.254.169.254")]).err().unwrap().to_string();
        assert_eq!(refused, "the address that gpu stands for is one that no engine has");
    }
}
