//! The storm over a real keyring: GNOME's, which speaks the Secret Service protocol, on a session
//! bus of its own and unlocked without anybody being asked. The processes have the bus and the
//! directory of the lock files in common.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use attendium::store::KeyringStore;
use attendium::{Login, Session};
use attendium_sandbox::Sandbox;

use crate::child::{Process, say, variable};
use crate::storm;

/// A session bus with an unlocked keyring. The keyring ends with its bus.
struct Desktop {
    bus: Child,
    address: String,
    directory: tempfile::TempDir,
}

impl Desktop {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .arg(format!("--address=unix:dir={}", directory.path().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need `dbus-daemon` on the path");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let desktop = Self {
            bus,
            address: address.trim().to_owned(),
            directory,
        };
        let mut keyring = Command::new("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets", "--daemonize"])
            .envs(desktop.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need `gnome-keyring-daemon` on the path");
        write!(keyring.stdin.take().unwrap(), "a password").unwrap();
        assert!(keyring.wait().unwrap().success(), "the keyring is unlocked");
        while !desktop.has_keyring() {
            std::thread::yield_now();
        }
        desktop
    }

    fn variables(&self) -> [(&'static str, &str); 5] {
        let directory = self.directory.path().to_str().unwrap();
        [
            ("DBUS_SESSION_BUS_ADDRESS", &self.address),
            ("HOME", directory),
            ("XDG_DATA_HOME", directory),
            ("XDG_RUNTIME_DIR", directory),
            ("XDG_STATE_HOME", directory),
        ]
    }

    fn has_keyring(&self) -> bool {
        let answer = Command::new("dbus-send")
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
            ])
            .arg("org.freedesktop.DBus.NameHasOwner")
            .arg("string:org.freedesktop.secrets")
            .envs(self.variables())
            .output()
            .expect("these tests need `dbus-send` on the path");
        String::from_utf8_lossy(&answer.stdout).contains("boolean true")
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

#[tokio::test]
async fn child_conforms() {
    if variable("KEYRING_CONFORMS").is_none() {
        return;
    }
    let store = KeyringStore::new().unwrap();
    store.probe().await.unwrap();
    crate::conformance::conforms(Arc::new(store)).await;
    say("conforms");
}

#[test]
fn point_34_a_real_keyring_conforms() {
    let desktop = Desktop::start();
    let mut variables = desktop.variables().to_vec();
    variables.push(("KEYRING_CONFORMS", "yes"));
    let (status, events) = Process::start("keyring::child_conforms", &variables).end();
    assert!(status.success() && events == ["conforms"], "{events:?}");
}

#[tokio::test]
async fn child_logs_in() {
    let Some(base_url) = variable("KEYRING_BASE_URL") else {
        return;
    };
    let session = Session::builder()
        .base_url(base_url)
        .application("Guest list")
        .store(KeyringStore::new().unwrap())
        .build()
        .unwrap();
    let status = session
        .login(Login::show_url_with(|url| say(url.as_str())))
        .await
        .unwrap();
    say(&format!("kept in the {}", status.store.store));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_20_storm_over_a_real_keyring_refreshes_once_and_loses_nothing() {
    let desktop = Desktop::start();
    let sandbox = Sandbox::start().await.unwrap();
    let mut variables = desktop.variables().to_vec();
    variables.push(("KEYRING_BASE_URL", sandbox.base_url()));
    let mut login = Process::start("keyring::child_logs_in", &variables);
    let link = login.event().unwrap();
    sandbox.scripted_user().visit(&link).await.unwrap();
    login.wait_for("kept in the keyring");
    assert!(login.end().0.success());
    let mut variables = desktop.variables().to_vec();
    variables.extend([
        ("STORM_BASE_URL", sandbox.base_url()),
        ("STORM_KEYRING", "yes"),
    ]);
    storm::run(&sandbox, &variables);
}
