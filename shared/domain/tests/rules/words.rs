//! The words of the API and the store. They never change, because stored records contain them.

use std::fmt::Debug;

use crate::prelude::*;

/// `all` has these words in this order, and each is parsed as it is written.
#[track_caller]
fn check<T: Copy + Debug + PartialEq, const N: usize>(
    all: [T; N],
    words: &str,
    name: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
) {
    let words: Vec<&str> = words.split_whitespace().collect();
    assert_eq!(all.map(name).as_slice(), words);
    assert_eq!(words.into_iter().map(parse).collect::<Vec<_>>(), all.map(Some));
    for other in ["", "Unknown", &all.map(name)[0].to_uppercase()] {
        assert_eq!(parse(other), None, "{other}");
    }
}

#[test]
fn every_enum_has_its_words() {
    let actions = "invited granted role-changed resent activated revoked left invitation-expired \
        access-expired ownership-received ownership-handed-over imported suspended restored account-unbound \
        email-changed erased role-defined role-edited role-deleted \
        scope-archived scope-unarchived copied declined waiting seat-passed \
        waiting-list-reordered unknown";
    check(Action::ALL, actions, Action::name, Action::parse);
    let mails = "invitation granted role-changed access-taken ownership-received \
        ownership-handed-over announcement access-ending team-ending reminder declined \
        renewal-requested invitation-digest seat-free";
    check(MailKind::ALL, mails, MailKind::name, MailKind::parse);
    let roles = "owner administrator contributor reader manager supervisor observer custom";
    assert_eq!(ROLES.map(|entry| entry.key).join(" "), roles);
    for entry in ROLES {
        assert_eq!(RoleName::parse(entry.key), Some(entry.role));
        assert_eq!(entry.role.name(), entry.key);
    }
    let named = RoleKey::parse("press").unwrap();
    assert_eq!(RoleName::parse("press"), Some(RoleName::Named(named)));
    assert_eq!(RoleName::of_catalogue("press"), None);
    for other in ["", "unknown", "Press", "a_b", &"x".repeat(33)] {
        assert_eq!(RoleName::parse(other), None, "{other}");
    }
    let deliveries = "none queued sent delivered bounced failed";
    check(Delivery::ALL, deliveries, Delivery::name, Delivery::parse);
    let issues = "bounced failed declined expired renewal-requested";
    check(InvitationIssue::ALL, issues, InvitationIssue::name, InvitationIssue::parse);
    check(Level::ALL, "client audience event community", Level::name, Level::parse);
    check(
        Status::ALL,
        "pending active expired suspended declined waiting",
        Status::name,
        Status::parse,
    );
    check(
        SystemActor::ALL,
        "audit-seats erase waiting-list unknown",
        SystemActor::name,
        SystemActor::parse,
    );
    check(IfFull::ALL, "refuse wait", IfFull::name, IfFull::parse);
    check(Granting::ALL, "administrators owner", Granting::name, Granting::parse);
    check(Locale::ALL, "fr en", Locale::name, Locale::parse);
    let permissions = "dashboard:view contacts:view contacts:manage contacts:import \
        contacts:export content:view content:manage sessions:view sessions:manage speakers:view \
        speakers:manage partners:view partners:manage meetings:view meetings:manage orders:view \
        orders:manage orders:export campaigns:view campaigns:manage campaigns:send checkin:view \
        checkin:scan reports:view reports:export settings:view settings:manage access:view \
        access:manage history:view";
    check(Permission::ALL, permissions, Permission::name, Permission::parse);
    for (word, by) in [
        ("email", Sort::Email),
        ("lastLoginAt", Sort::LastLogin),
        ("name", Sort::Name),
        ("expiresAt", Sort::Expiry),
    ] {
        assert_eq!(Order::parse(word), Some(Order { by, reversed: false }));
        assert_eq!(Order::parse(&format!("-{word}")), Some(Order { by, reversed: true }));
    }
    for other in ["", "-", "--email", "email-", "+email", "status"] {
        assert_eq!(Order::parse(other), None, "{other}");
    }
}

#[test]
fn a_reason_a_time_and_a_version_have_their_stored_form() {
    let reason = Reason::parse(" Fin de mission. ").unwrap().unwrap();
    assert_eq!(reason.as_str(), "Fin de mission.");
    let time = Timestamp::from_millis(1_795_348_800_999);
    assert_eq!((time.seconds(), time.millis()), (1_795_348_800, 1_795_348_800_999));
    assert_eq!(Timestamp::from_millis(-1).seconds(), -1, "rounded down");
    assert_eq!(Timestamp::from_millis(-1_001).seconds(), -2, "rounded down");
    assert_eq!(Version::first(time).number(), time.millis());
}
