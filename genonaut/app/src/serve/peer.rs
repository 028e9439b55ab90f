//! Which machine a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::HeaderMap;
use axum::http::request::Parts;

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The client itself. A proxy on this machine adds the address of its client at the end of `X-Forwarded-For`; what others
/// send there proves nothing.
pub fn client(request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
    if peer.to_canonical().is_loopback() { forwarded(&request.headers).unwrap_or(peer) } else { peer }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn client_of(peer: &str, forwarded: &str) -> String {
        let request = Request::builder().header("x-forwarded-for", forwarded).extension(Peer(peer.parse().unwrap()));
        client(&request.body(()).unwrap().into_parts().0).to_string()
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        assert_eq!(client_of("127.0.0.1", "1.2.3.4, 10.0.0.9"), "10.0.0.9");
        assert_eq!(client_of("::1", "2001:db8::1"), "2001:db8::1");
        assert_eq!(client_of("10.0.0.7", "1.2.3.4"), "10.0.0.7");
        assert_eq!(client_of("127.0.0.1", "nonsense"), "127.0.0.1");
    }
}
