//! Commit by difference (docs/decisions/0008-commits-write-only-differences.md).
//!
//! A decision has each record before and after the change. The update sets only the attributes that differ, so a login or
//! a delivery status that is written in between is kept. Counters are added to, so that two concurrent requests both
//! count. The conditions restate what the decision read: if one fails, the records changed and the command is decided
//! again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{
    client::Client,
    client_rules::ClientRules,
    collaborator::{Collaborator, Membership},
    ids::CollaboratorId,
    mail_budget::{MailCounts, MailLimits},
    time::Timestamp,
};

use super::{
    StoreError,
    any_item::Item,
    client_rules::StoredRules,
    collaborator::StoredCollaborator,
    item::StoredClient,
    update::{Expression, item, number, text},
};

/// The update of a client: seats and mails are added to, other attributes are set.
pub(super) fn client_update(
    before: &Client,
    after: &Client,
    limits: MailLimits,
) -> Result<Expression, StoreError> {
    let mut expression = version_is(before.version.number());
    let (old, new) = (item(&StoredClient::from(before))?, item(&StoredClient::from(after))?);
    expression.set_difference(&old, &new, &["seats", "mails", "waiting"]);
    change_limit(&mut expression, before, after);
    change_seats(&mut expression, before, after);
    change_mails(&mut expression, before, after, (new, limits));
    Ok(expression)
}

fn change_limit(expression: &mut Expression, before: &Client, after: &Client) {
    match after.seats.limit {
        limit if limit == before.seats.limit => {}
        Some(limit) => expression.set("seats.limit", number(limit.into())),
        None => expression.remove("seats.limit"),
    }
}

/// INVARIANT: `used` is the number of records with a seat, and it grows only below the limit.
fn change_seats(expression: &mut Expression, before: &Client, after: &Client) {
    if after.seats.seq == before.seats.seq {
        return;
    }
    let taken = i64::from(after.seats.used) - i64::from(before.seats.used);
    expression.add("seats.seq", 1);
    if taken != 0 {
        expression.add("seats.used", taken);
    }
    if taken > 0 {
        let (limit, used) = (expression.path("seats.limit"), expression.path("seats.used"));
        expression.require_that(format!("attribute_not_exists({limit}) OR {used} < {limit}"));
    }
    change_list(expression, before, after, taken);
}

/// INVARIANT: no one is on the list while a seat is free that was not promised, and no one takes a promised seat. So a person
/// who enters requires that no seat was released since they were refused one, and a seat that is taken or released by others
/// requires that no one entered. The limit is as read, because it changes with the version of the client.
///
/// People who enter at once do not conflict. The version before this one does not know the list, so the schedule passes on
/// what it releases.
fn change_list(expression: &mut Expression, before: &Client, after: &Client, taken: i64) {
    let (old, new) = (&before.waiting, &after.waiting);
    let ids = |list: &[CollaboratorId]| list.iter().map(|id| text(id.as_str())).collect();
    let count = i64::try_from(old.len()).unwrap_or(i64::MAX);
    if taken < 0 || (taken > 0 && old == new) {
        let (path, most) = (expression.path("waiting"), expression.value(number(count)));
        expression.require_that(format!("attribute_not_exists({path}) OR size({path}) <= {most}"));
    }
    if let Some(entered) = new.strip_prefix(old.as_slice()).filter(|more| !more.is_empty()) {
        let is_full = before.seats.limit.is_some_and(|limit| before.seats.used >= limit);
        expression.append("waiting", ids(entered));
        if is_full {
            let (limit, used) = (expression.path("seats.limit"), expression.path("seats.used"));
            expression.require_that(format!("{used} >= {limit}"));
        } else {
            require_seq(expression, before);
        }
    } else if let Some(index) = left(old, new) {
        let place = format!("{}[{index}]", expression.path("waiting"));
        let id = old.get(index).map_or("", CollaboratorId::as_str);
        let id = expression.value(text(id));
        expression.require_that(format!("{place} = {id}"));
        expression.remove_place(place);
    } else if old != new {
        expression.set("waiting", AttributeValue::L(ids(new)));
        require_seq(expression, before);
    } else if let Some(limit) = before.seats.limit.filter(|_| taken > 0 && count > 0) {
        let unpromised = expression.value(number(i64::from(limit) - count));
        let used = expression.path("seats.used");
        expression.require_that(format!("{used} < {unpromised}"));
    }
}

fn require_seq(expression: &mut Expression, before: &Client) {
    expression.require("seats.seq", AttributeValue::N(before.seats.seq.to_string()));
}

/// The position of the one person who left a list.
fn left(old: &[CollaboratorId], new: &[CollaboratorId]) -> Option<usize> {
    let index = old.iter().zip(new).position(|(old, new)| old != new).unwrap_or(new.len());
    let (head, tail) = old.split_at_checked(index)?;
    let rest = tail.get(1..)?;
    (head.iter().chain(rest).eq(new)).then_some(index)
}

/// On the same day, the counts are added to, below their limits. A new day replaces them.
fn change_mails(
    expression: &mut Expression,
    before: &Client,
    after: &Client,
    (mut new, limits): (Item, MailLimits),
) {
    let (old, mails) = (&before.mails, &after.mails);
    if old == mails {
        return;
    }
    expression.require("mails.day", number(old.day.number()));
    if old.day != mails.day {
        if let Some(mails) = new.remove("mails") {
            expression.set("mails", mails);
        }
        return;
    }
    for (path, before, after, limit) in [
        ("mails.invitations", old.invitations, mails.invitations, limits.invitations),
        ("mails.notices", old.announcements, mails.announcements, limits.announcements),
    ] {
        if after > before {
            // A reminder is one of several that are counted together.
            let more = i64::from(after - before);
            expression.add(path, more);
            let most = number(i64::from(limit) - more);
            let (path, most) = (expression.path(path), expression.value(most));
            expression.require_that(format!("{path} <= {most}"));
        }
    }
    if mails.platform > old.platform {
        add_below(expression, "mails.platform", limits.invitations);
    }
    change_shares(expression, old, mails, limits);
}

/// The version before stores no shares, so the first of a day may have to create them.
fn change_shares(
    expression: &mut Expression,
    old: &MailCounts,
    new: &MailCounts,
    limits: MailLimits,
) {
    if old.shares == new.shares {
        return;
    }
    if old.shares.is_empty() {
        let counts = new
            .shares
            .iter()
            .map(|(share, count)| (share.as_str().to_owned(), number((*count).into())));
        let (path, none) =
            (expression.path("mails.shares"), expression.value(AttributeValue::M(HashMap::new())));
        expression.require_that(format!("attribute_not_exists({path}) OR {path} = {none}"));
        expression.set("mails.shares", AttributeValue::M(counts.collect()));
        return;
    }
    for share in new.shares.iter().filter(|(share, count)| old.shares.get(share) != Some(count)) {
        let limit = limits.of_share(share.0);
        add_below(expression, &format!("mails.shares.{}", share.0.as_str()), limit);
    }
}

/// Adds one to the number at `path`, which must stay within `limit`; an absent one counts as 0.
fn add_below(expression: &mut Expression, path: &str, limit: u32) {
    expression.add_from_none(path, 1);
    let (path, limit) = (expression.path(path), expression.value(number(limit.into())));
    expression.require_that(format!("attribute_not_exists({path}) OR {path} < {limit}"));
}

/// The most grants that are written one by one: an update expression has at most 4 KB.
const GRANTS_APART: usize = 100;

/// Writes the grants that differ. Others may have parts that the version after this one stores and this one does not
/// read (docs/storage.md#migrations).
fn change_grants(
    expression: &mut Expression,
    (before, after): (&Collaborator, &Collaborator),
    (old, new): (&Item, &Item),
) {
    let gone = before.grants.keys().filter(|scope| !after.grants.contains_key(*scope));
    let set = after.grants.iter().filter(|(scope, grant)| before.grants.get(*scope) != Some(grant));
    if gone.count() + set.count() <= GRANTS_APART {
        expression.set_difference_in("grants", old, new);
    } else if let Some(grants) = new.get("grants") {
        expression.set("grants", grants.clone());
    }
}

/// The update of the roles that a client defines. Others than those that differ may have permissions that this version does
/// not read, so each is written by itself.
pub(super) fn rules_update(
    before: &ClientRules,
    after: &ClientRules,
) -> Result<Expression, StoreError> {
    let mut expression = version_is(before.version.into());
    let (old, new) = (item(&StoredRules::from(before))?, item(&StoredRules::from(after))?);
    expression.set_difference(&old, &new, &["roles"]);
    expression.set_difference_in("roles", &old, &new);
    Ok(expression)
}

/// The update of a collaborator.
pub(super) fn collaborator_update(
    before: &Collaborator,
    after: &Collaborator,
) -> Result<Expression, StoreError> {
    let mut expression = version_is(before.version.number());
    let (old, new) =
        (item(&StoredCollaborator::from(before))?, item(&StoredCollaborator::from(after))?);
    let same_mail = match (before.invitation(), after.invitation()) {
        (Some(was), Some(is)) => was.mail_id == is.mail_id,
        (_, _) => false,
    };
    let apart: &[&str] = if same_mail { &["grants", "invitation"] } else { &["grants"] };
    expression.set_difference(&old, &new, apart);
    change_grants(&mut expression, (before, after), (&old, &new));
    if same_mail {
        // A delivery status may be written into the invitation in between.
        expression.set_difference_in("invitation", &old, &new);
    }
    if let (Some(was), Some(is)) = (before.invitation(), after.invitation()) {
        if was.renewal_requested_at != is.renewal_requested_at && same_mail {
            // The version stays, and the inviter is asked once.
            let before = was.renewal_requested_at.map(|at| number(at.millis()));
            expression.require_same("invitation.renewalRequestedAt", before);
        }
        if is.reminded && !same_mail {
            // A bounce that is reported in between stops the reminder.
            expression.require("invitation.delivery", text(was.delivery.name()));
        }
    }
    if before.seat != after.seat
        && let Some(seat) = old.get("seat")
    {
        expression.require("seat", seat.clone());
    }
    if let Membership::Pending(invitation) = &before.membership
        && (before.membership != after.membership || before.seat != after.seat)
    {
        expression.require("invitation.sending", text(invitation.mail_id.as_str()));
        // A link that is mailed in between must be kept.
        if after.invitation().is_none() {
            let hash = invitation.token_hash.map(|hash| text(&hash.to_hex()));
            expression.require_same("invitation.tokenHash", hash);
        }
    }
    let is_invited_again = matches!(
        (&before.membership, &after.membership),
        (Membership::Active(_), Membership::Pending(_))
    );
    if is_invited_again && before.last_login_at.is_none() && after.last_login_at.is_none() {
        // A login that is recorded in between does not change the version, and must not survive.
        expression.remove("lastLoginAt");
    }
    if is_invited_again && before.refused_login_at.is_none() {
        expression.remove("refusedLoginAt");
    }
    if before.last_login_at != after.last_login_at
        && let Some(login) = after.last_login_at
    {
        expression.require_before("lastLoginAt", login);
    }
    Ok(expression)
}

/// Requires that the version is as read.
pub(super) fn version_is(version: i64) -> Expression {
    let mut expression = Expression::default();
    expression.require("version", number(version));
    expression
}

/// Requires that the item does not exist.
pub(super) fn absent() -> Expression {
    let mut expression = Expression::default();
    expression.require_same("pk", None);
    expression
}

/// Requires that the item does not exist or is past its TTL; then it is overwritten.
pub(super) fn absent_or_past(now: Timestamp) -> Expression {
    let mut expression = Expression::default();
    let (pk, ttl) = (expression.path("pk"), expression.path("ttl"));
    let now = expression.value(number(now.seconds()));
    expression.require_that(format!("attribute_not_exists({pk}) OR {ttl} <= {now}"));
    expression
}
