//! `Session::attendium` at the server that the environment names.

use attendium::{BASE_URL_VARIABLE, Login, Me, Session};
use attendium_sandbox::Sandbox;

use crate::child::{Process, say, variable};

#[tokio::test]
async fn child_logs_in() {
    if variable("PRODUCT_TEST").is_none() {
        return;
    }
    let session = Session::attendium("Guest list").unwrap();
    let link = Login::show_url_with(|url| say(url.as_str()));
    session.login(link).await.unwrap();
    say(session.run(&Me {}).await.unwrap().me.id.as_str());
}

#[tokio::test]
async fn the_environment_may_name_another_server_than_the_real_attendium() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut child = Process::start(
        "product::child_logs_in",
        &[
            ("PRODUCT_TEST", "yes"),
            (BASE_URL_VARIABLE, sandbox.base_url()),
            ("XDG_STATE_HOME", home.path().to_str().unwrap()),
            ("HOME", home.path().to_str().unwrap()),
        ],
    );
    let link = child.event().unwrap();
    sandbox.scripted_user().visit(&link).await.unwrap();
    assert_eq!(child.event().unwrap(), "user-emma");
    assert!(child.end().0.success());
}
