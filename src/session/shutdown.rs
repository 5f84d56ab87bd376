//! The end of a process that must not lose a login. Enter at [`shutdown_signal`].

use super::critical::Critical;

/// Waits for a signal that ends the process, and then for what must not be interrupted; a second
/// signal ends that wait. `tell` is called where there is something to wait for. Gives the exit
/// code that shells expect.
pub(crate) async fn shutdown_signal(critical: &Critical, tell: impl FnOnce() + Send) -> u8 {
    let mut signals = Signals::listen();
    let code = signals.next().await;
    if critical.is_running() {
        tell();
        tokio::select! {
            () = critical.wait() => code,
            second = signals.next() => second,
        }
    } else {
        code
    }
}

#[cfg(unix)]
struct Signals(Vec<(tokio::signal::unix::Signal, u8)>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        // A signal that can't be listened to keeps its own effect.
        let listen = |kind: SignalKind| {
            let code = u8::try_from(128 + kind.as_raw_value()).unwrap_or(1);
            Some((signal(kind).ok()?, code))
        };
        Self(kinds.into_iter().filter_map(listen).collect())
    }

    async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            for (signal, code) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*code);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

#[cfg(windows)]
struct Signals {
    ctrl_c: Option<tokio::signal::windows::CtrlC>,
    ctrl_break: Option<tokio::signal::windows::CtrlBreak>,
    close: Option<tokio::signal::windows::CtrlClose>,
}

#[cfg(windows)]
impl Signals {
    /// Of Windows, which has no signals: STATUS_CONTROL_C_EXIT is cut to this by shells.
    const CODE: u8 = 130;

    fn listen() -> Self {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Self {
            ctrl_c: ctrl_c().ok(),
            ctrl_break: ctrl_break().ok(),
            close: ctrl_close().ok(),
        }
    }

    async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            let c = self.ctrl_c.as_mut();
            let pressed = c.is_some_and(|signal| signal.poll_recv(context).is_ready());
            let b = self.ctrl_break.as_mut();
            let broken = b.is_some_and(|signal| signal.poll_recv(context).is_ready());
            let x = self.close.as_mut();
            let closed = x.is_some_and(|signal| signal.poll_recv(context).is_ready());
            if pressed || broken || closed {
                std::task::Poll::Ready(Self::CODE)
            } else {
                std::task::Poll::Pending
            }
        })
        .await
    }
}

#[cfg(not(any(unix, windows)))]
struct Signals;

#[cfg(not(any(unix, windows)))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) -> u8 {
        std::future::pending().await
    }
}
