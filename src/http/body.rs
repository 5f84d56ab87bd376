//! A body in either direction: whole in memory, or in parts as they come ([`Body`]).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::error::{TransportError, TransportErrorKind};

/// A future on the heap, which lets a trait with async methods be used as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a service or a layer of another crate fails with.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request or a response: bytes that are all there, or that come in parts.
///
/// It implements [`http_body::Body`] (version 1), so that the bodies and layers of hyper and tower
/// fit. Bytes that are all there cost no allocation, and can be read again
/// ([`Body::as_bytes`]).
///
/// ```
/// use attendium::transport::Body;
/// use bytes::Bytes;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), attendium::transport::TransportError> {
/// let body = Body::from("{}");
/// assert_eq!(body.as_bytes(), Some(&Bytes::from_static(b"{}")));
/// assert_eq!(body.collect(1024).await?, "{}");
/// # Ok(()) }
/// ```
pub struct Body(Inner);

enum Inner {
    Whole(Bytes),
    /// The lock makes bodies of other crates, which are `Send` alone, `Sync`. No two tasks ever
    /// wait for it.
    Parts(Mutex<Pin<Box<dyn http_body::Body<Data = Bytes, Error = TransportError> + Send>>>),
}

impl Body {
    /// A body without a byte.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Inner::Whole(Bytes::new()))
    }

    /// A body that comes in parts. An error of another type than [`TransportError`] counts as
    /// [`TransportErrorKind::Interrupted`].
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let body = Adapted {
            body: Box::pin(body),
        };
        Self(Inner::Parts(Mutex::new(Box::pin(body))))
    }

    /// The bytes, where all of them are there.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Inner::Whole(bytes) => Some(bytes),
            Inner::Parts(_) => None,
        }
    }

    /// Reads the body to its end, up to `limit` bytes.
    ///
    /// # Errors
    /// [`TransportErrorKind::TooLarge`] where the body is larger, and what ends it early.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let Some(first) = self.next_part().await? else {
            return Ok(Bytes::new());
        };
        check_limit(first.len(), limit)?;
        let Some(second) = self.next_part().await? else {
            return Ok(first);
        };
        let mut all = Vec::from(first);
        let mut next = Some(second);
        while let Some(part) = next {
            check_limit(all.len().saturating_add(part.len()), limit)?;
            all.extend_from_slice(&part);
            next = self.next_part().await?;
        }
        Ok(all.into())
    }

    /// The next bytes, or none at the end. Trailers are passed over.
    pub(crate) async fn next_part(&mut self) -> Result<Option<Bytes>, TransportError> {
        std::future::poll_fn(|context| self.poll_part(context))
            .await
            .transpose()
    }

    /// As [`Body::next_part`], for a stream.
    pub(crate) fn poll_part(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        loop {
            match std::task::ready!(http_body::Body::poll_frame(Pin::new(self), context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data()
                        && !data.is_empty()
                    {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }
}

fn check_limit(size: usize, limit: usize) -> Result<(), TransportError> {
    if size > limit {
        return Err(TransportError::new(TransportErrorKind::TooLarge));
    }
    Ok(())
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    /// Shows no content: a body may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Inner::Parts(_) => f.write_str("Body(in parts)"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Whole(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        match &mut self.get_mut().0 {
            Inner::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Inner::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Inner::Parts(body) => body
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .as_mut()
                .poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Whole(bytes) => bytes.is_empty(),
            Inner::Parts(body) => lock(body).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Parts(body) => lock(body).size_hint(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A body with another type of error.
struct Adapted<B> {
    body: Pin<Box<B>>,
}

impl<B> http_body::Body for Adapted<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let frame = self.get_mut().body.as_mut().poll_frame(context);
        frame.map_err(|error| TransportError::from_boxed(error.into()))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
