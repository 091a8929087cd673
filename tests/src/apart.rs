//! A deployment as it is seen by a function that runs in a process of its own.

use std::sync::atomic::Ordering;

use coulisses_domain::time::Timestamp;
use serde_json::Value;

use crate::{
    Request, Who, World,
    mails::{LINK_URL, MAIL_FROM},
    request::routed_event,
    table::TABLE,
    world::ID_KEY,
};

impl World {
    /// Where the table answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.emulator.endpoint
    }

    /// Turns the clock to `now`, as processes of their own have a clock of their own.
    pub fn turn_to(&self, now: Timestamp) {
        self.millis.store(now.millis(), Ordering::SeqCst);
    }

    /// The variables of a function, with the table at `dynamodb` and the mail service at `ses`.
    #[must_use]
    pub fn environment<'a>(dynamodb: &'a str, ses: &'a str) -> [(&'static str, &'a str); 13] {
        [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
            ("AWS_ENDPOINT_URL_SESV2", ses),
            ("AWS_REGION", "eu-west-3"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("ID_KEY", ID_KEY),
            ("INVITATIONS_A_DAY", "1000"),
            ("LINK_URL", LINK_URL),
            ("MAIL_FROM", MAIL_FROM),
            ("ANNOUNCEMENTS_A_DAY", "1000"),
            ("PLATFORM_CLIENT_IDS", "platform"),
            ("SES_CONFIGURATION_SET", "coulisses"),
            ("TABLE_NAME", TABLE),
        ]
    }

    /// The event that API Gateway makes of `request` by `who`, and the function that gets it.
    #[must_use]
    pub fn event(who: &Who, request: &Request) -> (&'static str, Value) {
        routed_event(who, request)
    }
}
