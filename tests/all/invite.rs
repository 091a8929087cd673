//! `POST /v1/scopes/{scope}/collaborators`.

use serde_json::json;

use crate::support::{acme, invite};

#[tokio::test]
async fn somebody_new_is_pending_and_gets_one_mail() {
    let world = acme().await;
    let body = json!({ "email": "Lea@Example.org", "role": "observer", "name": "Léa" });
    let invited = invite(&world, "owner@acme.test", "acme:tech", &body).await.expect(201);
    assert_eq!(invited.text("/status"), "pending");
    assert_eq!(invited.text("/email"), "Lea@Example.org");
    assert_eq!(
        invited.header("location"),
        format!("/v1/scopes/acme:tech/collaborators/{}", invited.text("/id"))
    );
    assert_eq!(invited.etag(), format!("\"{}\"", invited.body["version"]));
    world.deliver().await;
    assert_eq!(world.ses.mails_to("Lea@Example.org").len(), 1);
}
