//! A directory that can be read and not written. Who finds out only after the refresh has nowhere
//! to put the new token, and the old one is spent by then.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use attendium::{Error, Login, Me, StoreErrorKind};
use attendium_sandbox::Sandbox;

use crate::child::{builder, log_in, say, variable};

#[tokio::test]
async fn child_asks_and_logs_in() {
    let (Some(base_url), Some(directory)) = (
        variable("UNWRITABLE_BASE_URL"),
        variable("UNWRITABLE_DIRECTORY"),
    ) else {
        return;
    };
    let session = builder(&base_url, Path::new(&directory)).build().unwrap();
    let opened = Login::show_url_with(|_| say("a browser was opened"));
    for result in [
        session.run(&Me {}).await.map(drop),
        session.login(opened).await.map(drop),
    ] {
        match result.unwrap_err() {
            Error::Store(error) if error.kind() == StoreErrorKind::Unavailable => {
                assert!(error.location().starts_with(&directory), "{error}");
                say("refused");
            }
            error => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_35_a_directory_that_can_not_be_written_is_found_out_before_a_token_is_spent() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let session = builder(sandbox.base_url(), directory.path())
        .build()
        .unwrap();
    log_in(&session, &sandbox).await;
    sandbox.expire_access_tokens();
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(directory.path(), permissions).unwrap();
    };
    mode(0o500);
    let itself = std::env::current_exe().unwrap();
    // Root may write everywhere, so the process does without that right.
    let mut child = if rustix::process::geteuid().is_root() {
        let mut child = Command::new("setpriv");
        child.arg("--bounding-set=-dac_override").arg(itself);
        child
    } else {
        Command::new(itself)
    };
    let output = child
        .args([
            "--exact",
            "unwritable::child_asks_and_logs_in",
            "--nocapture",
        ])
        .env("UNWRITABLE_BASE_URL", sandbox.base_url())
        .env("UNWRITABLE_DIRECTORY", directory.path())
        .output()
        .unwrap();
    mode(0o700);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(said.matches("event: refused").count(), 2, "{said}");
    assert!(!said.contains("browser"), "{said}");
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.authorizations), (0, 1));
    // Nothing was spent: it goes on where it stopped.
    session.run(&Me {}).await.unwrap();
    assert_eq!(sandbox.counts().families_revoked, 0);
}
