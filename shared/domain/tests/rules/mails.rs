//! The limits on invitation mails, of a collaborator and of a client.

use coulisses_domain::mail_quota::Notices;

use crate::{
    commands::{event, owner, provision},
    prelude::*,
};

fn invite_and_remove(world: &mut World) -> Result<(), Refusal> {
    let outcome = world.invite("eve", SUMMIT, "nina", Role::READER)?;
    world.apply(&outcome.decision);
    world.done(world.revoke("eve", SUMMIT, "nina", Extent::Here));
    Ok(())
}

#[test]
fn a_second_invitation_within_a_minute_is_refused() {
    let mut world = World::new();
    invite_and_remove(&mut world).unwrap();
    world.wait(Duration::from_secs(59));
    let refused = invite_and_remove(&mut world).unwrap_err();
    assert_eq!(refused, Refusal::ResendTooSoon { retry_after: Duration::from_secs(1) });
    world.wait(Duration::from_secs(1));
    assert_eq!(invite_and_remove(&mut world), Ok(()));
}

// docs/security.md#line-24
#[test]
fn inviting_and_removing_repeatedly_sends_six_mails_a_day() {
    let mut world = World::new();
    let mut sent = 0;
    for _ in 0..100 {
        match invite_and_remove(&mut world) {
            Ok(()) => sent += 1,
            Err(refused) => assert!(matches!(refused, Refusal::ResendLimit { .. })),
        }
        world.wait(MINUTE);
    }
    assert_eq!(sent, 6, "the first one and five resends");
    world.wait(DAY);
    assert_eq!(invite_and_remove(&mut world), Ok(()));
    assert_eq!(world.counters[&id("nina")].resends, 0, "the first one of the day");
}

#[test]
fn five_resends_a_day_are_allowed_and_the_refusal_has_the_time_to_wait() {
    let mut world = World::new();
    world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
    let soon = world.resend("eve", SUMMIT, "nina").unwrap_err();
    assert_eq!(soon, Refusal::ResendTooSoon { retry_after: MINUTE });
    for _ in 0..5 {
        world.wait(MINUTE);
        world.done(world.resend("eve", SUMMIT, "nina"));
    }
    world.wait(MINUTE);
    // It is 08:06 in UTC.
    let retry_after = DAY.checked_sub(Duration::from_mins(8 * 60 + 6)).unwrap();
    let refused = world.resend("eve", SUMMIT, "nina").unwrap_err();
    assert_eq!(refused, Refusal::ResendLimit { retry_after });
    world.wait(retry_after);
    world.done(world.resend("eve", SUMMIT, "nina"));
    assert_eq!(world.counters[&id("nina")].resends, 1, "a new day");
}

#[test]
fn a_client_has_a_daily_limit_of_invitation_mails() {
    let mut world = World::new();
    world.limits.invitations = 5;
    let retry_after = DAY.checked_sub(Duration::from_hours(8)).unwrap();
    let spent = |budget| Refusal::MailLimit { budget, retry_after };
    for who in ["nina", "noah"] {
        world.done(world.invite("adam", SUMMIT, who, Role::READER));
    }
    let refused = world.invite("adam", ACME, "nour", Role::READER).unwrap_err();
    assert_eq!(refused, spent(MailBudget::Giver));
    world.done(world.invite("tess", SUMMIT, "nils", Role::READER));
    let refused = world.invite("eve", SUMMIT, "nour", Role::READER).unwrap_err();
    assert_eq!(refused, spent(MailBudget::Scope));
    for who in ["noel", "nele"] {
        world.done(world.invite("olga", ACME, who, Role::READER));
    }
    world.done(world.invite("sister", GALA, "nina", Role::READER));
    assert_eq!(world.client().mails.invitations, 5, "joining an invitation sends no mail");
    let refused = spent(MailBudget::Client);
    assert_eq!(world.invite("gwen", GALA, "nour", Role::READER).unwrap_err(), refused);
    assert_eq!(world.resend("olga", SUMMIT, "pia").unwrap_err(), refused);
    let of_the_platform = provision(&world, "platform", SUMMIT, &event(Some(owner("nora"))));
    assert!(of_the_platform.is_ok(), "the platform has a budget of its own");
    let notified = world.invite("olga", ACME, "cora", Role::READER);
    assert!(notified.is_ok(), "an active collaborator gets no invitation mail");
    world.wait(retry_after);
    world.done(world.invite("olga", ACME, "nour", Role::READER));
    assert_eq!(world.client().mails.invitations, 1);
}

#[test]
fn after_five_changes_of_access_in_an_hour_one_mail_sums_up_the_others() {
    let mut world = World::new();
    let roles = [Role::MANAGER, Role::OBSERVER].into_iter().cycle();
    let mut sent = Vec::new();
    for role in roles.take(8) {
        let outcome = world.done(world.assign("eve", SUMMIT, "cora", role));
        sent.extend(outcome.decision.mails().iter().map(|mail| mail.sums_up));
    }
    let hour = Duration::from_hours(1);
    assert_eq!(sent, [None, None, None, None, None, Some(NOW.after(hour))]);
    let outcome = world.done(world.revoke("eve", SUMMIT, "cora", Extent::Here));
    assert!(outcome.decision.mails().is_empty(), "a revocation is in the summary too");
    world.wait(hour);
    let outcome = world.done(world.assign("eve", SUMMIT, "lena", Role::READER));
    assert_eq!(mail(&outcome.decision).sums_up, None, "each person has their own hour");
    world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
    assert_eq!(world.counters[&id("cora")].resends, 0);
}

#[test]
fn an_hour_of_notices_ends_after_an_hour() {
    let mut world = World::new();
    let mut roles = [Role::MANAGER, Role::OBSERVER].into_iter().cycle();
    let mut change = |world: &mut World| {
        let outcome = world.done(world.assign("eve", SUMMIT, "cora", roles.next().unwrap()));
        outcome.decision.mails().iter().map(|mail| mail.sums_up).collect::<Vec<_>>()
    };
    for _ in 0..6 {
        change(&mut world);
    }
    let moment = Duration::from_millis(1);
    world.wait(Duration::from_hours(1).checked_sub(moment).unwrap());
    assert_eq!(change(&mut world), []);
    world.wait(moment);
    assert_eq!(change(&mut world), [None]);
}

#[test]
fn the_same_limits_apply_to_owners_on_both_paths() {
    let mut world = World::new();
    let on_both_paths = |world: &World| {
        let named = event(Some(owner("nina")));
        let provisioned = provision(world, "platform", SUMMIT, &named).map(drop);
        assert_eq!(provisioned, world.hand_to_email("platform", ACME, "nina").map(drop));
        provisioned
    };
    for _ in 0..6 {
        assert_eq!(on_both_paths(&world), Ok(()));
        invite_and_remove(&mut world).unwrap();
        let soon = Refusal::ResendTooSoon { retry_after: MINUTE };
        assert_eq!(on_both_paths(&world), Err(soon));
        world.wait(MINUTE);
    }
    assert!(matches!(on_both_paths(&world), Err(Refusal::ResendLimit { .. })));
    world.wait(DAY);
    world.limits.invitations = 0;
    assert!(matches!(on_both_paths(&world), Err(Refusal::MailLimit { .. })));
}

#[test]
fn a_removal_stores_the_first_mail_of_a_day_that_only_the_record_showed() {
    let before_midnight = NOW.day().end().since(NOW).checked_sub(MINUTE / 2).unwrap();
    let instant = Duration::from_millis(1);
    for (begun, waited, is_stored) in [
        (Duration::ZERO, Duration::ZERO, true),
        (Duration::ZERO, Duration::from_hours(15), true),
        (Duration::ZERO, DAY, false),
        (before_midnight, MINUTE.checked_sub(instant).unwrap(), true),
        (before_midnight, MINUTE, false),
    ] {
        let mut world = World::new();
        world.wait(begun);
        world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
        assert!(!world.counters.contains_key(&id("nina")));
        world.wait(waited);
        world.done(world.revoke("eve", SUMMIT, "nina", Extent::Here));
        assert_eq!(world.counters.contains_key(&id("nina")), is_stored, "{begun:?} {waited:?}");
    }
}

#[test]
fn a_second_invitation_of_a_day_is_stored_even_if_the_first_was_not() {
    let mut world = World::new();
    let end = NOW.after(10 * MINUTE);
    let command = InviteCommand { lifetime: until(end), ..invite_command("nina", Role::READER) };
    world.done(world.invite_with("eve", SUMMIT, &command));
    world.wait(11 * MINUTE);
    world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
    assert_eq!(world.counters[&id("nina")].resends, 1);
}

#[test]
fn an_hour_of_notices_begins_with_the_change_that_the_record_shows() {
    let hour = Duration::from_hours(1);
    let change =
        |world: &mut World, role| drop(world.done(world.assign("eve", SUMMIT, "cora", role)));
    let mut world = World::new();
    change(&mut world, Role::MANAGER);
    world.wait(hour);
    change(&mut world, Role::OBSERVER);
    assert!(!world.counters.contains_key(&id("cora")), "each is the first of its hour");

    let mut world = World::new();
    change(&mut world, Role::MANAGER);
    world.wait(MINUTE);
    change(&mut world, Role::OBSERVER);
    assert_eq!(world.counters[&id("cora")].notices, Notices { since: NOW, count: 2 });
    world.wait(hour.checked_sub(MINUTE).unwrap());
    change(&mut world, Role::MANAGER);
    let since = NOW.after(MINUTE);
    assert_eq!(world.counters[&id("cora")].notices, Notices { since, count: 2 });
}
