//! What must not be interrupted: from the request that spends a refresh token or a code until the
//! new tokens are kept. Who ends the process waits for it.

use tokio::sync::watch;

/// Counts what is under way, for all handles of a session.
pub(crate) struct Critical(watch::Sender<usize>);

/// One piece of work that must not be interrupted, until it is dropped.
pub(crate) struct CriticalWork<'a>(&'a watch::Sender<usize>);

impl Default for Critical {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Critical {
    /// Marks the beginning of work that must end before the process does. It ends when the guard is
    /// dropped.
    pub(crate) fn begin(&self) -> CriticalWork<'_> {
        self.0.send_modify(|running| *running += 1);
        CriticalWork(&self.0)
    }

    pub(crate) fn is_running(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until none is under way.
    pub(crate) async fn wait(&self) {
        // The sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|running| *running == 0).await;
    }
}

impl Drop for CriticalWork<'_> {
    fn drop(&mut self) {
        self.0
            .send_modify(|running| *running = running.saturating_sub(1));
    }
}
