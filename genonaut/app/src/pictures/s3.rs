//! An image store that speaks S3. Whatever its server responds when there is no room becomes one kind of error.

use std::io::{Error, ErrorKind};

use futures_util::future::BoxFuture;
use object_store::ClientOptions;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use url::Url;

/// Insufficient Storage.
const NO_ROOM: u16 = 507;
/// Ends of the codes that servers use with other statuses: `XMinioStorageFull` and `XMinioAdminBucketQuotaExceeded` of
/// MinIO, `QuotaExceeded` of Ceph and others.
const FULL: [&str; 3] = ["StorageFull", "QuotaExceeded", "InsufficientStorage"];

/// With the variables `AWS_…` of the environment.
pub fn open(url: &Url) -> object_store::Result<AmazonS3> {
    AmazonS3Builder::from_env().with_url(url.as_str()).with_http_connector(Connector).build()
}

#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Client(ReqwestConnector::default().connect(options)?)))
    }
}

/// Fails at once where the store is full. object_store would send the image again for minutes, while the job's lease
/// runs out, and then has the response as text only.
#[derive(Debug)]
struct Client(HttpClient);

impl HttpService for Client {
    // The trait is declared with async_trait.
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> BoxFuture<'b, Result<HttpResponse, HttpError>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move { unless_full(self.0.execute(request).await?).await })
    }
}

async fn unless_full(response: HttpResponse) -> Result<HttpResponse, HttpError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = body.bytes().await?;
    let reason = full(head.status.as_u16(), &String::from_utf8_lossy(&body));
    match reason {
        Some(reason) => Err(HttpError::new(HttpErrorKind::Unknown, Error::new(ErrorKind::StorageFull, reason))),
        None => Ok(HttpResponse::from_parts(head, body.into())),
    }
}

/// Why it counts as full, if it does.
fn full(status: u16, body: &str) -> Option<String> {
    let code = code(body);
    let is_full = status == NO_ROOM || FULL.iter().any(|end| code.ends_with(end));
    is_full.then(|| format!("the image store has no room ({status} {code})"))
}

/// The code in the body of an S3 error.
fn code(body: &str) -> &str {
    let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or("", |(code, _)| code.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_store_is_recognised_and_no_other_refusal() {
        let error = |code: &str| format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code></Error>");
        for (status, code) in [
            (507, ""),
            (507, "XMinioStorageFull"),
            (400, "XMinioAdminBucketQuotaExceeded"),
            (403, "QuotaExceeded"),
            (503, "StorageFull"),
            (500, "InsufficientStorage"),
        ] {
            assert!(full(status, &error(code)).is_some(), "{status} {code}");
        }
        for (status, code) in [(403, "AccessDenied"), (404, "NoSuchBucket"), (503, "SlowDown"), (500, "")] {
            assert_eq!(full(status, &error(code)), None, "{status} {code}");
        }
        let only_named = "<Error><Code>AccessDenied</Code><Message>QuotaExceeded</Message></Error>";
        assert_eq!(full(403, only_named), None);
    }
}
