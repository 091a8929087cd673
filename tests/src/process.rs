//! Helpers for functions that run in a separate process.

use std::sync::atomic::Ordering;

use coulisses_domain::time::Timestamp;
use serde_json::Value;

use crate::{
    Principal, Request, World,
    mails::{LINK_URL, MAIL_FROM},
    request::routed_event,
    table::TABLE,
    world::ID_KEY,
};

impl World {
    /// The endpoint of the emulator.
    pub fn endpoint(&self) -> &str {
        &self.emulator.endpoint
    }

    /// Sets the clock to `now`: a separate process uses the system clock.
    pub fn set_clock(&self, now: Timestamp) {
        self.millis.store(now.millis(), Ordering::SeqCst);
    }

    /// The environment variables of a function that uses these endpoints.
    pub fn environment<'a>(dynamodb: &'a str, ses: &'a str) -> [(&'static str, &'a str); 14] {
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
            ("PRODUCT_NAME", "Coulisses"),
            ("ANNOUNCEMENTS_A_DAY", "1000"),
            ("PLATFORM_CLIENT_IDS", "platform"),
            ("SES_CONFIGURATION_SET", "coulisses"),
            ("TABLE_NAME", TABLE),
        ]
    }

    /// The function that receives `request`, and the event that API Gateway makes of it.
    pub fn event(who: &Principal, request: &Request) -> (&'static str, Value) {
        routed_event(who, request)
    }
}
