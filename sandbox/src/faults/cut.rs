//! How a fault ends a connection.

use std::sync::Arc;

use tokio::sync::Notify;

/// Cuts the connection that a request came in on, without another byte.
#[derive(Clone, Default)]
pub(crate) struct Cut(Arc<Notify>);

impl Cut {
    /// Cuts the connection. The future never ends: it goes away with the connection.
    pub async fn now<T>(&self) -> T {
        self.0.notify_one();
        std::future::pending().await
    }

    /// Ends when the connection is cut.
    pub async fn cut(&self) {
        self.0.notified().await;
    }
}
