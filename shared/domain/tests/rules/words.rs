//! The words that the API and the store have for things: none of them may ever change, as records are written with them.

use std::fmt::Debug;

use crate::prelude::*;

/// These are the words of `all`, in their order, and each is read as it is written.
#[track_caller]
fn are_words<T: Copy + Debug + PartialEq, const N: usize>(
    all: [T; N],
    words: [&str; N],
    name: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
) {
    assert_eq!(all.map(name), words);
    assert_eq!(words.map(parse), all.map(Some));
}

#[test]
fn what_was_done_has_a_word_that_is_read_as_it_is_written() {
    let words = [
        "invited",
        "granted",
        "role-changed",
        "resent",
        "activated",
        "revoked",
        "left",
        "invitation-expired",
        "access-expired",
        "ownership-received",
        "ownership-handed-over",
        "account-unbound",
        "erased",
    ];
    are_words(Action::ALL, words, Action::name, Action::parse);
    assert_eq!(Action::parse("Invited"), None);
}

#[test]
fn whatever_acts_by_itself_has_a_word_that_is_read_as_it_is_written() {
    let words = ["audit-seats", "erase"];
    are_words(SystemActor::ALL, words, SystemActor::name, SystemActor::parse);
    assert_eq!(SystemActor::parse(""), None);
}

#[test]
fn what_is_mailed_has_a_word_that_is_read_as_it_is_written() {
    let words = [
        "invitation",
        "granted",
        "role-changed",
        "access-taken",
        "ownership-received",
        "ownership-handed-over",
        "announcement",
        "access-ending",
    ];
    are_words(MailKind::ALL, words, MailKind::name, MailKind::parse);
    assert_eq!(MailKind::parse(""), None);
}

#[test]
fn a_role_has_a_word_that_is_read_as_it_is_written() {
    let words = [
        "owner",
        "administrator",
        "contributor",
        "reader",
        "manager",
        "supervisor",
        "observer",
        "custom",
    ];
    are_words(RoleName::ALL, words, RoleName::name, RoleName::parse);
    assert_eq!(RoleName::parse("admin"), None);
}

#[test]
fn a_list_is_ordered_by_the_words_of_the_api() {
    assert_eq!(Sort::parse("email"), Some(Sort::Email));
    assert_eq!(Sort::parse("lastLoginAt"), Some(Sort::LastLogin));
    assert_eq!(Sort::parse("name"), None);
}

#[test]
fn a_level_has_a_word_that_is_read_as_it_is_written() {
    let words = ["client", "audience", "event", "community"];
    are_words(Level::ALL, words, Level::name, Level::parse);
    assert_eq!(Level::parse("agency"), None);
}

#[test]
fn a_reason_a_moment_and_a_version_are_written_as_they_are() {
    let reason = Reason::parse(" Fin de mission. ").unwrap().unwrap();
    assert_eq!(reason.as_str(), "Fin de mission.");
    let moment = Timestamp::from_millis(1_795_348_800_999);
    assert_eq!((moment.seconds(), moment.millis()), (1_795_348_800, 1_795_348_800_999));
    assert_eq!(Timestamp::from_millis(-1).seconds(), -1, "rounded down");
    assert_eq!(Timestamp::from_millis(-1_001).seconds(), -2, "rounded down");
    assert_eq!(Version::first(moment).number(), moment.millis());
}
