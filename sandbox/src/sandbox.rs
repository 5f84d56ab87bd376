//! The handle of a running sandbox.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::builder::Builder;
use crate::counts::Counts;
use crate::credentials::Credentials;
use crate::faults::Faults;
use crate::scripted_user::ScriptedUser;
use crate::server;
use crate::shared::Shared;

/// A running local Attendium. It stops when this is dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("base_url", &self.shared.base_url)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Starts the sandbox. It is ready for requests when this returns.
    ///
    /// # Errors
    ///
    /// The port cannot be bound, or no thread can be started.
    #[allow(
        clippy::unused_async,
        reason = "so that a later start may wait without a change for its callers"
    )]
    pub async fn start(self) -> io::Result<Sandbox> {
        Sandbox::launch(self)
    }
}

impl Sandbox {
    /// Starts a sandbox with the usual rules on a free port.
    ///
    /// # Errors
    ///
    /// No port can be bound, or no thread can be started.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The rules of a sandbox, to be changed before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn launch(rules: Builder) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", rules.port))?;
        listener.set_nonblocking(true)?;
        let base_url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let shared = Arc::new(Shared::new(base_url, rules));
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("attendium-sandbox".into())
            .spawn(move || runtime.block_on(server::serve(listener, served, stopped)))?;
        Ok(Self {
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The issuer and the origin of everything, without a slash at the end:
    /// `http://127.0.0.1:4711`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The user whose events the sandbox has.
    #[must_use]
    pub fn user(&self) -> Credentials {
        self.users().swap_remove(0)
    }

    /// All users, [`Sandbox::user`] first.
    #[must_use]
    pub fn users(&self) -> Vec<Credentials> {
        let world = self.shared.world.lock();
        let users = world.users.iter();
        users
            .map(|user| Credentials {
                login: user.login.clone(),
                password: user.password.clone(),
            })
            .collect()
    }

    /// A person who logs in as [`Sandbox::user`] and presses "allow".
    #[must_use]
    pub fn scripted_user(&self) -> ScriptedUser {
        ScriptedUser::new(self.user())
    }

    /// What goes wrong, and how often.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What has happened up to now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Moves the sandbox's clock on, for lifetimes of codes and tokens and for the grace of refresh
    /// tokens.
    pub fn skip_time(&self, time: Duration) {
        self.shared.skip(time);
    }

    /// Adds a guest to an event's first list, as another device would. False where there is no such
    /// event.
    pub fn add_guest(&self, event: &str, name: &str) -> bool {
        let mut world = self.shared.world.lock();
        let list = world.lists_of(event).next().map(|list| list.id.clone());
        let Some(list) = list else {
            return false;
        };
        let by = world.users.first().map(|user| user.id.clone());
        let record = crate::model::blank_guest(&world, &list, name.to_owned());
        world.add_guest(&by.unwrap_or_default(), record);
        true
    }

    /// Cuts every connection that there is now, in the middle of whatever it carries.
    pub fn cut_connections(&self) {
        self.shared.cut_connections();
    }

    /// Lets every access token expire now. Refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        let now = self.shared.now();
        self.shared.oauth().expire_access_tokens(now);
    }

    /// Lets every refresh token end now, as a server does after months. Access tokens stay good.
    pub fn expire_refresh_tokens(&self) {
        self.shared.oauth().forget_refresh_tokens();
    }

    /// Forgets every registered client and all of their tokens.
    pub fn forget_clients(&self) {
        self.shared.oauth().forget_clients();
    }

    /// Revokes every family of tokens: what a reused refresh token leads to.
    pub fn revoke_families(&self) {
        let revoked = self.shared.oauth().revoke_all();
        self.shared
            .count(|counts| counts.families_revoked += revoked);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed; the one who drops can do nothing about it.
            let _ = thread.join();
        }
    }
}
