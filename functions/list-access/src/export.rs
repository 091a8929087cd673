//! The list as CSV: a line for each collaborator.

use coulisses_aws::http::{self, Failure, Reply, Request};
use coulisses_domain::{access::VisibleGrant, grid::GridRow, text::Name, time::Timestamp};

/// The columns. New ones are added at the end only.
const COLUMNS: [&str; 12] = [
    "id",
    "email",
    "name",
    "status",
    "role",
    "grants",
    "permissions",
    "lastLoginAt",
    "expiresAt",
    "invitationSentAt",
    "invitationExpiresAt",
    "delivery",
];

/// The table of all rows. Times are in UTC.
///
/// # Errors
/// `too-many-items` if it is too large.
pub fn table(request: &Request, rows: &[GridRow<'_>]) -> Result<Reply, Failure> {
    http::csv(request, COLUMNS, rows.iter().map(line))
}

fn line(row: &GridRow<'_>) -> [String; 12] {
    let collaborator = row.collaborator;
    let invitation = collaborator.invitation();
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let grants: Vec<String> = row.grants.iter().map(grant).collect();
    // The end of the access here: that of the last grant, unless one has none.
    let ends: Option<Vec<Timestamp>> = row.grants.iter().map(|it| it.grant.ends_at()).collect();
    [
        collaborator.id.to_string(),
        collaborator.email.original().to_owned(),
        collaborator.name.as_ref().map(Name::to_string).unwrap_or_default(),
        row.status.name().to_owned(),
        row.role.map(|role| role.name().name().into_owned()).unwrap_or_default(),
        grants.join(" "),
        row.permissions.names().join(" "),
        time(collaborator.last_login_at),
        time(ends.and_then(|ends| ends.into_iter().max())),
        time(invitation.and_then(|it| it.sent_at)),
        time(invitation.map(|it| it.expires_at)),
        invitation.map(|it| it.delivery.name().to_owned()).unwrap_or_default(),
    ]
}

/// A grant as `acme:tech=reader`.
fn grant(visible: &VisibleGrant<'_>) -> String {
    format!("{}={}", visible.scope, visible.grant.role.name().name())
}
